"""All that the workbench shows of one review at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import Actor
from common.errors import Missing
from conversations.models import SurveyResponse
from conversations.selectors import surveys_of
from qa_reviews.judgement import Proposal
from qa_reviews.lifecycle import Move
from qa_reviews.models import QueueItem, Review
from qa_reviews.policies.conversations import may_see_csat
from qa_reviews.policies.reviews import decide, reader_of
from qa_reviews.selectors.calibration import decisions_of
from qa_reviews.selectors.suggestions import is_hidden, proposals
from qa_reviews.selectors.transcripts import Line, participants, transcript
from qa_reviews.services.gradings import context_of
from qa_reviews.text_rules import Line as Said
from scorecards.definition import Context, Definition
from scorecards.selectors import definition_of

FRESH = timedelta(minutes=10)
"""A claim this young is not made anew when its page is opened again."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One review with the conversation it is about, as its grader may see them now.

    `answers`: what the customer said, None while it is hidden from him; `proposals` by category key, none
    while they are hidden; `others`: names of agents who took part beside the one who is reviewed, by key;
    `decisions`: how calibrations decided to read the categories, by category key."""

    review: Review
    definition: Definition
    context: Context
    lines: Sequence[Line]
    answers: Sequence[SurveyResponse] | None
    proposals: Mapping[str, Proposal]
    others: Mapping[int, str]
    decisions: Mapping[str, tuple[str, ...]]
    may_reveal: bool
    may_reassign: bool

    @property
    def agent_name(self) -> str:
        return str(self.review.agent)


def row(actor: Actor, pk: int) -> Review:
    """One review with what the workbench names; Missing when the actor does not see it. One query."""
    review = _rows(actor).filter(pk=pk).first()
    if review is None:
        raise Missing
    return review


def at_work(actor: Actor, item_id: int) -> Review | None:
    """The actor's draft of a queue item that he claimed just now, so that it need not be claimed again; None
    for any other. One query."""
    own = _rows(actor).filter(state=Review.State.DRAFT, reviewer_id=actor.member_id, queue_item=item_id)
    return own.filter(
        queue_item__state=QueueItem.State.CLAIMED,
        queue_item__reviewer_id=actor.member_id,
        queue_item__claimed_at__gte=timezone.now() - FRESH,
    ).first()


def _rows(actor: Actor) -> QuerySet[Review]:
    return Review.objects.visible_to(actor).select_related(
        "agent", "scorecard", "version", "conversation__agent", "queue_item"
    )


def bench(actor: Actor, review: Review) -> Bench:
    """What is shown of it. One query for the messages and one for decisions; three more where nothing is
    hidden: the customer's answers, suggestions, their rules; and one where a condition asks for CSAT."""
    definition = definition_of(review.version)
    reader = reader_of(actor, review)
    lines = transcript(reader, review.conversation, about=review.agent_id)
    hidden = is_hidden(review)
    sees_csat = not hidden and may_see_csat(actor, graded=True).allowed
    return Bench(
        review=review,
        definition=definition,
        context=context_of(conversation=review.conversation, definition=definition),
        lines=lines,
        answers=surveys_of(reader, review.conversation) if sees_csat else None,
        proposals={} if hidden else proposals(actor, review, definition, said(review, lines)),
        others={
            pk: name for pk, name in participants(review.conversation, lines).items() if pk != review.agent_id
        },
        decisions={
            key: tuple(each.text for each in rows)
            for key, rows in decisions_of(actor, review.scorecard_id).items()
        },
        may_reveal=hidden and decide(actor, review, Move.REVEAL).allowed,
        may_reassign=decide(actor, review, Move.REASSIGN).allowed,
    )


def said(review: Review, lines: Sequence[Line]) -> list[Said]:
    """The lines as text rules read them: public, and not of other agents."""
    return [
        Said(line.message, line.author_type, line.language, line.plain)
        for line in lines
        if not line.internal and (line.author_type != "agent" or line.agent_id in (None, review.agent_id))
    ]
