"""A participant's own draft of what a session calibrates."""

from __future__ import annotations

from django.db import transaction

from accounts.access import Actor
from common.errors import Missing
from qa_reviews.models import CalibrationConversation, CalibrationSession, Review
from qa_reviews.policies.calibration import may_grade
from qa_reviews.services.opening import open_calibration


@transaction.atomic
def grade(*, actor: Actor, session_id: int, row_id: int) -> Review:
    """The actor's review of one conversation of the session: the one begun earlier, else a new draft, always
    blind. Raises Missing, Refused, Conflict."""
    session = CalibrationSession.objects.visible_to(actor).filter(pk=session_id).first()
    if session is None:
        raise Missing
    may_grade(actor, session, set(session.participants.values_list("member_id", flat=True))).demand()
    rows = CalibrationConversation.objects.visible_to(actor).filter(session=session)
    row = rows.select_related("session__version__scorecard", "conversation", "agent").filter(pk=row_id)
    found = row.select_for_update(of=("self",)).first()
    if found is None:
        raise Missing
    own = Review.objects.visible_to(actor).filter(reviewer_id=actor.member_id, calibrated=found)
    begun = own.exclude(state=Review.State.RETRACTED).first()
    return begun or open_calibration(actor=actor, row=found)
