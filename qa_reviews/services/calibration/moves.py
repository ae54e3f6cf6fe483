"""From setting up to grading, from grading to talking over, and to the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.services.audit import record
from common.errors import FieldError, Invalid, invalid
from notices.services import notify
from qa_reviews.models import CalibrationSession
from qa_reviews.policies.calibration import may_change, may_close, may_discuss
from qa_reviews.selectors.graders import Grader, graders
from qa_reviews.services.calibration.sessions import locked
from scorecards.selectors import published_version

State = CalibrationSession.State
FEWEST = 2
"""Participants without whom there is nothing to compare."""


class Move(Protocol):
    """Opening, talking over or closing a session."""

    def __call__(
        self, *, actor: Actor, session_id: int, if_match: str | None = None
    ) -> CalibrationSession: ...


@transaction.atomic
def open_session(*, actor: Actor, session_id: int, if_match: str | None = None) -> CalibrationSession:
    """Let the participants grade, all by the scorecard's version of now; they are told. Raises Missing,
    Refused, Conflict, Stale, Invalid where somebody or something lacks."""
    session = locked(actor=actor, session_id=session_id, if_match=if_match)
    may_change(actor, session).demand()
    version = published_version(actor, session.scorecard_id)
    if version is None:
        raise invalid("/scorecard", "not_published", "This scorecard has no published version.")
    errors = list(_lacking(actor, session))
    if errors:
        raise Invalid(errors)
    session.version, session.state, session.opened_at = version, State.OPEN, timezone.now()
    session.save(update_fields=["version", "state", "opened_at", "updated_at"])
    record(actor, "calibration.opened", session, {"version": version.number})
    _tell(actor, session, "calibration.opened")
    return session


@transaction.atomic
def begin_discussion(*, actor: Actor, session_id: int, if_match: str | None = None) -> CalibrationSession:
    """Show everybody's grades to all who take part; who has not graded by now does so no more. Raises
    Missing, Refused, Conflict, Stale."""
    session = locked(actor=actor, session_id=session_id, if_match=if_match)
    may_discuss(actor, session).demand()
    session.state, session.discussed_at = State.DISCUSSING, timezone.now()
    session.save(update_fields=["state", "discussed_at", "updated_at"])
    record(actor, "calibration.discussed", session)
    _tell(actor, session, "calibration.discussed")
    return session


@transaction.atomic
def close_session(*, actor: Actor, session_id: int, if_match: str | None = None) -> CalibrationSession:
    """Notes and decisions stand from now on. Raises Missing, Refused, Conflict, Stale."""
    session = locked(actor=actor, session_id=session_id, if_match=if_match)
    may_close(actor, session).demand()
    session.state, session.closed_at = State.CLOSED, timezone.now()
    session.save(update_fields=["state", "closed_at", "updated_at"])
    record(actor, "calibration.closed", session)
    return session


def _lacking(actor: Actor, session: CalibrationSession) -> Iterator[FieldError]:
    rows = list(session.conversations.select_related("conversation", "agent"))
    people = graders(actor, list(session.participants.values_list("member_id", flat=True)))
    if not rows:
        yield FieldError("/conversations", "required", "Add a conversation first.")
    if len(people) < FEWEST:
        yield FieldError("/participants", "too_few", "At least two people are needed to compare.")
    for row in rows:
        for each in people:
            why = _unable(each, row.agent_id, row.conversation.team_id)
            if why:
                named = row.conversation.subject or row.conversation.external_id
                yield FieldError("/participants", "cannot_grade", f"{each.name} and “{named}”: {why}")


def _unable(grader: Grader, agent_id: int, team_id: int | None) -> str:
    if grader.agent_id == agent_id:
        return "nobody grades himself."
    if grader.scope is not None and team_id not in grader.scope:
        return "the conversation is outside his teams."
    return ""


def _tell(actor: Actor, session: CalibrationSession, kind: str) -> None:
    members = session.participants.exclude(member_id=actor.member_id or 0).values_list("member_id", flat=True)
    notify(recipients=members, kind=kind, subject=session, key=f"{kind}:{session.pk}")
