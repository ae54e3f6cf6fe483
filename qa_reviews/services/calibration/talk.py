"""What is said about graded conversations, and what is decided."""

from __future__ import annotations

from django.db import transaction

from accounts.access import Actor
from accounts.services.audit import record
from common.errors import invalid
from qa_reviews.models import CalibrationDecision, CalibrationNote, CalibrationSession
from qa_reviews.policies.calibration import may_decide, may_note
from qa_reviews.services.calibration.sessions import locked
from scorecards.selectors import definition_of

LONGEST = 5000
"""Code points of a note or a decision."""


@transaction.atomic
def write_note(
    *, actor: Actor, session_id: int, row_id: int, text: str, category: str = ""
) -> CalibrationNote:
    """Keep what was said about a conversation of the session, or about one category in it. Raises Missing,
    Refused, Conflict, Invalid."""
    session = locked(actor=actor, session_id=session_id)
    may_note(actor, session).demand()
    if category:
        _check_category(session, category)
    row = session.conversations.filter(pk=row_id).first()
    if row is None:
        raise invalid("/conversation", "not_found", "There is no such conversation in this session.")
    assert actor.member is not None  # may_note
    return CalibrationNote.objects.create(
        workspace_id=session.workspace_id,
        conversation=row,
        category=category,
        author=actor.member,
        text=_said(text),
    )


@transaction.atomic
def record_decision(*, actor: Actor, session_id: int, category: str, text: str) -> CalibrationDecision:
    """Say how a category is to be read from now on; whoever grades by the scorecard is shown it. Raises
    Missing, Refused, Conflict, Invalid."""
    session = locked(actor=actor, session_id=session_id)
    may_decide(actor, session).demand()
    _check_category(session, category)
    assert actor.member is not None  # may_decide
    decision = CalibrationDecision.objects.create(
        workspace_id=session.workspace_id,
        session=session,
        category=category,
        text=_said(text),
        decided_by=actor.member,
    )
    record(actor, "calibration.decided", session, {"decision": decision.pk, "category": category})
    return decision


def _check_category(session: CalibrationSession, category: str) -> None:
    assert session.version is not None  # it has begun
    if category not in {each.key for each in definition_of(session.version).categories}:
        raise invalid("/category", "unknown_category", f"The scorecard has no category “{category}”.")


def _said(text: str) -> str:
    said = text.replace("\0", "").strip()
    if not said or len(said) > LONGEST:
        raise invalid("/text", "required", f"Write up to {LONGEST} characters.")
    return said
