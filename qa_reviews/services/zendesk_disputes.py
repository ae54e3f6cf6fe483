"""Disputes that arrive apart from their reviews, as Zendesk QA exports them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts.access import Actor, Role
from accounts.models import Member
from common.errors import FieldError
from conversations.services.runs import Ready, Tally
from qa_reviews.history.zendesk_disputes import dispute_of
from qa_reviews.history.zendesk_items import Item
from qa_reviews.history.zendesk_qa import SOURCE
from qa_reviews.history.zendesk_scales import Unit
from qa_reviews.history.zendesk_words import People
from qa_reviews.import_talk_rows import DisputeIn
from qa_reviews.models import Dispute, Review
from qa_reviews.services.import_places import member_for
from qa_reviews.services.import_talk import Talk, state_after, write_talk
from scorecards.selectors import definition_of

UNKNOWN = "Its review “{}” has not been imported: send the reviews first."


def write_disputes(*, actor: Actor, ready: Sequence[Ready[Item]], people: People, unit: Unit) -> Tally:
    """One chunk of disputes, inside the caller's transaction; each is told on its review once."""
    tally = Tally()
    chunk = _Chunk(actor, _reviews(actor, ready), list(Member.objects.in_workspace(actor.workspace_id)))
    for one in ready:
        review = chunk.reviews.get(_review_of(one.value))
        if review is None:
            detail = UNKNOWN.format(_review_of(one.value))
            tally.reject(one.row, one.external_id, [FieldError("/reviewId", "not_found", detail)])
            continue
        told, problems = dispute_of(one.value, people, unit, definition_of(review.version))
        errors = problems.errors or chunk.refusals(review, told)
        if errors:
            tally.reject(one.row, one.external_id, errors)
            continue
        chunk.put(review, told, tally)
        if problems.notes:
            tally.conflict(one.row, one.external_id, errors=problems.notes)
    return tally


def _review_of(item: Item) -> str:
    return str(item.data.get("reviewId") or "")


def _reviews(actor: Actor, ready: Sequence[Ready[Item]]) -> dict[str, Review]:
    rows = Review.objects.in_workspace(actor.workspace_id).filter(
        source=SOURCE, external_id__in={_review_of(one.value) for one in ready}
    )
    found = rows.select_related("version").select_for_update(of=("self",))
    return {review.external_id: review for review in found}


@dataclass(slots=True)
class _Chunk:
    actor: Actor
    reviews: dict[str, Review]
    members: list[Member]

    def standing(self, review: Review) -> list[Dispute]:
        return list(Dispute.objects.in_workspace(self.actor.workspace_id).filter(review=review))

    def refusals(self, review: Review, told: DisputeIn) -> list[FieldError]:
        """Why this review cannot take the dispute."""
        if review.kind not in (Review.Kind.STANDARD, Review.Kind.PEER):
            return [FieldError("", "not_disputable", "Only standard and peer reviews are disputed.")]
        talk = Talk(review, [told], (), {}, self.standing(review))
        others = [each for each in talk.standing if each is not talk.before(told)]
        if not told.outcome and any(each.state == Dispute.State.OPEN for each in others):
            return [FieldError("/status", "open_dispute", "Another dispute of this review is open here.")]
        if review.state == Review.State.RETRACTED and talk.before(told) is None:
            return [FieldError("", "retracted", "This review was retracted and is not changed any more.")]
        return []

    def put(self, review: Review, told: DisputeIn, tally: Tally) -> None:
        named = [person for person in (told.raised_by, told.resolved_by) if person is not None]
        people = {
            person: member_for(actor=self.actor, members=self.members, person=person, role=Role.AGENT)
            for person in named
        }
        talk = Talk(review, [told], (), people, self.standing(review))
        before = talk.before(told)
        if before is not None and _says(before, talk, told):
            tally.unchanged += 1
            return
        write_talk(actor=self.actor, talks=[talk])
        review.state, review.retracted_at = state_after(replace(talk, standing=self.standing(review)))
        review.save(update_fields=["state", "retracted_at", "updated_at"])
        tally.created += before is None
        tally.updated += before is not None


def _says(before: Dispute, talk: Talk, told: DisputeIn) -> bool:
    """Whether the dispute stands here as it is told."""
    stands = (before.comment, before.answer, before.outcome, before.resolved_at, before.proposed)
    return stands == (
        told.comment,
        told.answer,
        told.outcome,
        told.resolved_at,
        [one.as_json() for one in told.proposed],
    )
