"""What the tests of the life of reviews share."""

from __future__ import annotations

from typing import Any

from accounts.models import AuditEvent, WorkspaceSettings
from common.refs import Ref
from notices.models import Notice
from qa_reviews.judgement import Choice, Judgement
from qa_reviews.models import Dispute, Review
from qa_reviews.services import disputes, drafts, opening
from qa_reviews.services.opening import NewReview
from tests.world import Place

GOOD = Judgement((Choice("solution", "3", comment="Asked well"), Choice("tone", "great")), "Good pace")
BETTER = (Choice("solution", "4"),)


def set_rule(place: Place, **values: Any) -> None:
    """Settings of the workspace; actors made afterwards go by them."""
    WorkspaceSettings.objects.filter(workspace=place.workspace).update(**values)


def submitted(place: Place, person: str = "manager", judgement: Judgement = GOOD, **fields: Any) -> Review:
    """A review of conversation 1002 and its agent by that person."""
    conversation, scorecard = Ref(external_id="1002"), Ref(id=place.rows["scorecard"].pk)
    new = NewReview(**({"conversation": conversation, "scorecard": scorecard} | fields))
    draft = opening.create_review(actor=place.actor(person), new=new, judgement=judgement)
    return drafts.submit(actor=place.actor(person), review_id=draft.pk)


def raised(place: Place, review: Review, **fields: Any) -> Dispute:
    """A dispute by the agent, about the rating of the solution unless said otherwise."""
    given = {"kind": "ratings", "comment": "I did ask.", "proposed": BETTER} | fields
    return disputes.raise_dispute(actor=place.actor("agent"), review_id=review.pk, **given)


def resolved(place: Place, dispute: Dispute, person: str = "reviewer", **fields: Any) -> Dispute:
    given = {"outcome": "rejected", "comment": "Message three says no."} | fields
    return disputes.resolve_dispute(
        actor=place.actor(person), review_id=dispute.review_id, dispute_id=dispute.pk, **given
    )


def told(place: Place, kind: str) -> set[str]:
    """The people who have a notice of that kind, by their names in the world."""
    rows = Notice.objects.filter(workspace=place.workspace, kind=kind)
    ids = set(rows.values_list("recipient_id", flat=True))
    return {name for name, member in place.people.items() if member.pk in ids}


def audited(place: Place, action: str) -> list[dict[str, Any]]:
    """What the audit tells of that action, oldest first."""
    rows = AuditEvent.objects.filter(workspace=place.workspace, action=action)
    return list(rows.order_by("pk").values_list("changes", flat=True))
