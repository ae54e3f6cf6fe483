"""Answers that arrive after their conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.access import Actor
from accounts.models import WorkspaceSettings
from accounts.services.seen import People
from common.errors import FieldError
from conversations.facts import Surroundings, survey_owner, survey_row
from conversations.models import Conversation, ImportRun
from conversations.payload import ConversationRef, SurveyRowIn, parse_survey_row, survey_key
from conversations.services.derived_rows import derive_csat
from conversations.services.known import Known, known_by_id, known_conversations, teams_of
from conversations.services.runs import Importer, Ready, Tally, lock_imports, run_import
from conversations.services.upserts import SurveyRow, mark_latest, upsert_surveys
from conversations.streams import Row

Rows = Sequence[Ready[SurveyRowIn]]


def import_surveys(*, actor: Actor, rows: Iterable[Row], origin: str) -> ImportRun:
    """Bring in answers of known conversations, for the agent and team of the workspace's rule. Upsert by
    external id inside the conversation; one without is the conversation's first of its kind."""
    zone = ZoneInfo(actor.workspace.timezone)
    importer = Importer(
        kind=ImportRun.Kind.SURVEYS,
        parse=lambda raw: parse_survey_row(raw, zone),
        key=_key,
        external_id=lambda row: row.survey.external_id,
        fingerprint=lambda row: blake2b(repr(row).encode(), digest_size=16).hexdigest(),
        write=lambda ready: write_surveys(actor=actor, ready=ready),
    )
    return run_import(actor=actor, importer=importer, rows=rows, origin=origin)


def _key(row: SurveyRowIn) -> tuple[str, ...]:
    of = row.conversation
    return of.source, of.external_id, str(of.id or ""), survey_key(row.survey, 0)


def write_surveys(*, actor: Actor, ready: Rows) -> Tally:
    """One chunk of answers, inside the caller's transaction."""
    workspace_id, zone = actor.workspace_id, ZoneInfo(actor.workspace.timezone)
    by_activity = actor.workspace.settings.csat_agent == WorkspaceSettings.Responsible.MOST_ACTIVE
    lock_imports(workspace_id=workspace_id)
    conversations = _conversations(workspace_id, [one.value.conversation for one in ready])
    tally = Tally()
    found = [
        (one, known)
        for one in ready
        if (known := _open_to(one, conversations.get(one.value.conversation), tally)) is not None
    ]
    around = _surroundings(workspace_id, zone, by_activity, [known for _, known in found])
    rows = [_row(one.value, known, around) for one, known in found]
    written = upsert_surveys(workspace_id=workspace_id, rows=rows)
    touched = {conversation_id for conversation_id, _ in written}
    mark_latest(conversation_ids=sorted(touched))
    derive_csat(conversation_ids=sorted(touched))
    Conversation.objects.in_workspace(workspace_id).filter(pk__in=touched).update(updated_at=timezone.now())
    tally.created += sum(written.values())
    tally.updated += len(written) - sum(written.values())
    tally.unchanged += len(rows) - len(written)
    return tally


def _conversations(workspace_id: int, refs: list[ConversationRef]) -> dict[ConversationRef, Known]:
    by_id = known_by_id(workspace_id=workspace_id, ids={ref.id for ref in refs if ref.id is not None})
    keys = {(ref.source, ref.external_id) for ref in refs if ref.id is None}
    by_key = known_conversations(workspace_id=workspace_id, keys=keys)
    return {
        ref: known
        for ref in refs
        if (known := by_key.get((ref.source, ref.external_id)) if ref.id is None else by_id.get(ref.id))
    }


def _open_to(one: Ready[SurveyRowIn], known: Known | None, tally: Tally) -> Known | None:
    """The row's conversation, unless it is unknown or its text was deleted."""
    if known is None:
        ref = one.value.conversation
        detail = f"There is no conversation “{ref.id or ref.external_id}” of “{ref.source}” here."
        tally.reject(one.row, one.external_id, [FieldError("/conversation", "not_found", detail)])
    elif known.text_deleted_at is not None:
        detail = f"The conversation's text was deleted on {known.text_deleted_at:%Y-%m-%d}."
        errors = [FieldError("/conversation", "text_deleted", detail)]
        tally.reject(one.row, one.external_id, errors, keep_raw=False)
    else:
        return known
    return None


def _surroundings(workspace_id: int, zone: ZoneInfo, by_activity: bool, known: list[Known]) -> Surroundings:
    active = {one.most_active_agent_id for one in known if one.most_active_agent_id} if by_activity else ()
    teams = teams_of(workspace_id=workspace_id, agent_ids=active)
    return Surroundings(zone, timezone.now().astimezone(zone).date(), by_activity, People({}, {}), teams)


def _row(row: SurveyRowIn, known: Known, around: Surroundings) -> SurveyRow:
    owner = survey_owner(
        agent_id=known.agent_id,
        team_id=known.team_id,
        active_id=known.most_active_agent_id,
        day=known.closed_on,
        around=around,
    )
    return survey_row(
        row.survey,
        key=survey_key(row.survey, 0),
        conversation_id=known.pk,
        owner=owner,
        closed_on=known.closed_on,
        zone=around.zone,
    )
