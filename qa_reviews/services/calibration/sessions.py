"""Setting up a session: its terms, who takes part, and which conversations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.access import Actor
from accounts.models import Team
from accounts.selectors import agents
from accounts.services.audit import record
from common.errors import Conflict, FieldError, Invalid, Missing, invalid
from common.etags import check_match
from common.refs import Ref, resolve
from conversations.models import Conversation
from qa_reviews.models import CalibrationConversation, CalibrationParticipant, CalibrationSession
from qa_reviews.policies.calibration import may_change, may_plan_for
from qa_reviews.reviewee import reviewee_id
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import graders
from scorecards.models import Scorecard
from scorecards.selectors import published_version

LONGEST_NAME = 255
MOST_CONVERSATIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInput:
    """The terms of a session. `scorecard`, `team` (None: the whole workspace), `participants` and `baseline`
    (whose grades are the ones to compare with; None: the middle of the others) are ids."""

    name: str
    scorecard: int
    due_on: date
    team: int | None = None
    participants: tuple[int, ...] = ()
    baseline: int | None = None


@transaction.atomic
def create_session(*, actor: Actor, given: SessionInput) -> CalibrationSession:
    """A session to be set up, led by the actor. Raises Refused, Invalid."""
    _check(actor, given)
    assert actor.member is not None  # may_plan_for
    session = CalibrationSession(workspace=actor.workspace, facilitator=actor.member, **_columns(given))
    session.save(force_insert=True)
    _set_participants(session, given.participants)
    record(actor, "calibration.created", session, _json(given))
    return session


@transaction.atomic
def change_session(
    *, actor: Actor, session_id: int, changes: Mapping[str, Any], if_match: str | None = None
) -> CalibrationSession:
    """Change terms or participants of a session that has not opened. Raises Missing, Refused, Conflict,
    Stale, Invalid."""
    session = locked(actor=actor, session_id=session_id, if_match=if_match)
    may_change(actor, session).demand()
    before = as_input(session)
    given = replace(before, **changes)
    _check(actor, given)
    for name, value in _columns(given).items():
        setattr(session, name, value)
    session.save(update_fields=[*_columns(given), "updated_at"])
    _set_participants(session, given.participants)
    record(actor, "calibration.changed", session, {"before": _json(before), "after": _json(given)})
    return session


@transaction.atomic
def delete_session(*, actor: Actor, session_id: int, if_match: str | None = None) -> None:
    """Throw away a session that never opened. Raises Missing, Refused, Conflict, Stale."""
    session = locked(actor=actor, session_id=session_id, if_match=if_match)
    may_change(actor, session).demand()
    record(actor, "calibration.deleted", session, {"name": session.name})
    session.delete()


@transaction.atomic
def add_conversation(
    *, actor: Actor, session_id: int, conversation: Ref, agent: Ref | None = None
) -> CalibrationConversation:
    """Let the session grade the agent's work in the conversation; without `agent` of whom it is by the
    workspace's rule. Raises Missing, Refused, Conflict (`calibrated_already`, `too_many`), Invalid."""
    session = locked(actor=actor, session_id=session_id)
    may_change(actor, session).demand()
    found = resolve(Conversation.objects.visible_to(actor), conversation, "/conversation")
    if found.text_deleted_at is not None:
        raise invalid("/conversation", "text_deleted", "Its text was deleted: there is nothing to read.")
    if agent is None:
        agent_id = reviewee_id(conversation=found, settings=actor.workspace.settings)
        if agent_id is None:
            raise invalid("/agent", "required", "The conversation has no agent: name whose work is graded.")
        agent = Ref(id=agent_id)
    return _added(session, found, resolve(agents(actor), agent, "/agent").pk)


def _added(session: CalibrationSession, found: Conversation, agent_id: int) -> CalibrationConversation:
    rank = session.conversations.count()
    if rank >= MOST_CONVERSATIONS:
        detail = f"A session has at most {MOST_CONVERSATIONS} conversations."
        raise Conflict(detail, code="too_many")
    try:
        with transaction.atomic():
            return CalibrationConversation.objects.create(
                workspace_id=session.workspace_id,
                session=session,
                conversation=found,
                agent_id=agent_id,
                rank=rank,
            )
    except IntegrityError:
        raise Conflict("It is in this session already.", code="calibrated_already") from None


@transaction.atomic
def remove_conversation(*, actor: Actor, session_id: int, row_id: int) -> None:
    """Take one out again before the session opens. Raises Missing, Refused, Conflict."""
    session = locked(actor=actor, session_id=session_id)
    may_change(actor, session).demand()
    removed, _ = session.conversations.filter(pk=row_id).delete()
    if not removed:
        raise Missing


def locked(*, actor: Actor, session_id: int, if_match: str | None = None) -> CalibrationSession:
    """The visible row, locked; Missing, Stale."""
    rows = CalibrationSession.objects.visible_to(actor).select_for_update(of=("self",))
    session = rows.filter(pk=session_id).first()
    if session is None:
        raise Missing
    check_match(session, if_match)
    return session


def as_input(session: CalibrationSession) -> SessionInput:
    """Its terms as they are. One query unless `participants` were prefetched."""
    return SessionInput(
        name=session.name,
        scorecard=session.scorecard_id,
        due_on=session.due_on,
        team=session.team_id,
        participants=tuple(each.member_id for each in session.participants.all()),
        baseline=session.baseline_id,
    )


def _check(actor: Actor, given: SessionInput) -> None:
    may_plan_for(actor, given.team).demand()
    errors = [*_wrong_terms(actor, given), *_wrong_people(actor, given)]
    if errors:
        raise Invalid(errors)


def _wrong_terms(actor: Actor, given: SessionInput) -> list[FieldError]:
    errors = []
    if not given.name.strip() or len(given.name) > LONGEST_NAME:
        detail = f"Give it a name of up to {LONGEST_NAME} characters."
        errors.append(FieldError("/name", "required", detail))
    if given.due_on < today(actor):
        errors.append(FieldError("/due_on", "past", "This day has passed."))
    if given.team is not None and not Team.objects.visible_to(actor).filter(pk=given.team).exists():
        errors.append(FieldError("/team", "not_found", "There is no such team here."))
    if not Scorecard.objects.visible_to(actor).filter(pk=given.scorecard).exists():
        errors.append(FieldError("/scorecard", "not_found", "There is no such scorecard here."))
    elif published_version(actor, given.scorecard) is None:
        errors.append(FieldError("/scorecard", "not_published", "This scorecard has no published version."))
    return errors


def _wrong_people(actor: Actor, given: SessionInput) -> list[FieldError]:
    able = {each.id for each in graders(actor, given.participants)}
    errors = [
        FieldError(f"/participants/{place}", "not_found", "There is nobody here who grades with this id.")
        for place, member_id in enumerate(given.participants)
        if member_id not in able
    ]
    if given.baseline is not None and given.baseline not in given.participants:
        detail = "Whose grades are the ones to compare with takes part, too."
        errors.append(FieldError("/baseline", "not_a_participant", detail))
    return errors


def _set_participants(session: CalibrationSession, member_ids: tuple[int, ...]) -> None:
    rows = CalibrationParticipant.objects.in_workspace(session.workspace_id).filter(session=session)
    rows.exclude(member_id__in=member_ids).delete()
    CalibrationParticipant.objects.bulk_create(
        [
            CalibrationParticipant(workspace_id=session.workspace_id, session=session, member_id=each)
            for each in dict.fromkeys(member_ids)
        ],
        ignore_conflicts=True,
    )


def _columns(given: SessionInput) -> dict[str, Any]:
    return {
        "name": given.name.strip(),
        "scorecard_id": given.scorecard,
        "due_on": given.due_on,
        "team_id": given.team,
        "baseline_id": given.baseline,
    }


def _json(given: SessionInput) -> dict[str, Any]:
    return asdict(given) | {"due_on": given.due_on.isoformat(), "participants": list(given.participants)}
