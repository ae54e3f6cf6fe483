"""What was said about imported reviews: their disputes and comments, each once however often it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member
from qa_reviews.history.matching import is_same
from qa_reviews.import_talk_rows import CommentIn, DisputeIn, PersonIn
from qa_reviews.models import Dispute, Review, ReviewComment

ANSWER_FIELDS = (
    *("comment", "proposed", "state", "outcome", "answer", "raised_by", "resolved_by", "resolved_at"),
    "updated_at",
)
State = Review.State


@dataclass(frozen=True, slots=True)
class Talk:
    """What a row says of a review, who said it, and the disputes that stood here before."""

    review: Review
    disputes: Sequence[DisputeIn]
    comments: Sequence[CommentIn]
    people: Mapping[PersonIn, Member]
    standing: Sequence[Dispute]

    def before(self, told: DisputeIn) -> Dispute | None:
        return next((dispute for dispute in self.standing if is_same(dispute, told)), None)

    def member(self, person: PersonIn | None) -> Member | None:
        return None if person is None else self.people[person]


def state_after(talk: Talk) -> tuple[str, datetime | None]:
    """The state that the disputes leave the review in, and when it was retracted. An accepted objection to
    the agent retracts it, as it does here."""
    if talk.review.state == State.RETRACTED:
        return State.RETRACTED, talk.review.retracted_at
    told = talk.disputes
    left = [each for each in told if (each.kind, each.outcome) == ("wrong_agent", "accepted")]
    if left:
        return State.RETRACTED, left[0].resolved_at
    opened_here = [each for each in talk.standing if not any(is_same(each, one) for one in told)]
    if any(not each.outcome for each in told) or any(each.state == "open" for each in opened_here):
        return State.DISPUTED, None
    return (State.RESOLVED if told or talk.standing else State.SUBMITTED), None


def write_talk(*, actor: Actor, talks: Sequence[Talk]) -> None:
    """New disputes and comments of saved reviews; a known dispute gets its answer. Two inserts, and one
    query for the comments that reviews have already."""
    days = actor.workspace.settings.dispute_answer_days
    due_at = timezone.now() + timedelta(days=days)  # an open one is for those who are here to answer
    rows = [row for talk in talks for row in _disputes(talk, due_at)]
    new = [row for row in rows if row._state.adding]
    for row in rows:
        if not row._state.adding:
            row.save(update_fields=ANSWER_FIELDS)
    Dispute.objects.bulk_create(new)
    _write_comments(actor, [talk for talk in talks if talk.comments])


def _disputes(talk: Talk, due_at: datetime) -> list[Dispute]:
    number = max((dispute.number for dispute in talk.standing), default=0)
    found = []
    for told in sorted(talk.disputes, key=lambda each: each.raised_at):
        dispute = talk.before(told)
        if dispute is None:
            number += 1
            dispute = Dispute(
                workspace_id=talk.review.workspace_id,
                review=talk.review,
                number=number,
                grading_number=talk.review.gradings_count,
                kind=told.kind,
                raised_at=told.raised_at,
                due_at=due_at,
            )
        _put(dispute, told, talk)
        found.append(dispute)
    return found


def _put(dispute: Dispute, told: DisputeIn, talk: Talk) -> None:
    dispute.comment, dispute.answer = told.comment, told.answer
    dispute.proposed = [each.as_json() for each in told.proposed]
    dispute.raised_by, dispute.resolved_by = talk.member(told.raised_by), talk.member(told.resolved_by)
    dispute.outcome, dispute.resolved_at = told.outcome, told.resolved_at
    dispute.state = Dispute.State.RESOLVED if told.outcome else Dispute.State.OPEN


def _write_comments(actor: Actor, talks: Sequence[Talk]) -> None:
    known = set(
        ReviewComment.objects.in_workspace(actor.workspace_id)
        .filter(review_id__in=[talk.review.pk for talk in talks])
        .values_list("review_id", "author_id", "created_at", "body")
    )
    rows = [
        ReviewComment(
            workspace_id=actor.workspace_id,
            review=talk.review,
            author=talk.people[told.author],
            body=told.body,
            visibility=told.visibility,
            category=told.category,
            created_at=told.at,
        )
        for talk in talks
        for told in sorted(talk.comments, key=lambda each: each.at)
        if (talk.review.pk, talk.people[told.author].pk, told.at, told.body) not in known
    ]
    times = [row.created_at for row in rows]
    ReviewComment.objects.bulk_create(rows)  # which stamps them with the present
    for row, at in zip(rows, times, strict=True):
        row.created_at = at
    ReviewComment.objects.bulk_update(rows, ["created_at"])
