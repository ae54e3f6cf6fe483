"""The demo's life around reviews: what is acknowledged, asked, disputed, answered, and a review of today."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.access import Actor
from accounts.models import Member
from accounts.selectors import actors_of
from common.refs import Ref
from conversations.models import Conversation, Message
from desk.demo import said
from qa_reviews.judgement import Choice, Judgement, Note, Passage
from qa_reviews.models import Dispute, Review, SavedView
from qa_reviews.services.comments import add_comment
from qa_reviews.services.disputes import raise_dispute, resolve_dispute
from qa_reviews.services.drafts import submit
from qa_reviews.services.opening import NewReview, create_review
from qa_reviews.services.reviews import acknowledge
from qa_reviews.services.saved_views import save_view
from qa_reviews.services.templates import TemplateInput, save_template
from scorecards.selectors import definition_of

ACKNOWLEDGED = 20


def talk(*, system: Actor, members: Mapping[str, Member]) -> None:
    """Everything in this module, each step by the service that people use."""
    actors = actors_of(system.workspace, [member.pk for member in members.values()])
    by = {key: actors[member.pk] for key, member in members.items()}
    for name, body in said.TEMPLATES:
        given = TemplateInput(name=name, body=body, shared=True)
        save_template(actor=by["manager"], given=given)
    page = SavedView.Page.REVIEWS
    save_view(actor=by["manager"], page=page, name="Disputes to answer", query="dispute=open", shared=True)
    reviews = list(Review.objects.visible_to(by["jonas"]).order_by("-submitted_at")[: ACKNOWLEDGED + 3])
    open_one, settled, discussed, *older = reviews
    for review in older:
        acknowledge(actor=by["jonas"], review_id=review.pk)
    _discuss(by, discussed)
    _settle(by, settled)
    _object(by["jonas"], open_one, said.STILL_OPEN)
    _review_today(by["lead"], by["jonas"])


def _discuss(by: Mapping[str, Actor], review: Review) -> None:
    reviewer = review.reviewer
    key = next(key for key, actor in by.items() if actor.member_id == reviewer.pk)
    add_comment(actor=by["jonas"], review_id=review.pk, body=said.QUESTION.format(reviewer=reviewer.name))
    add_comment(actor=by[key], review_id=review.pk, body=said.REPLY)
    add_comment(actor=by["lead"], review_id=review.pk, body=said.NOTE, visibility="reviewers")


def _settle(by: Mapping[str, Actor], review: Review) -> None:
    dispute = _object(by["jonas"], review, said.OBJECTION)
    key = next(key for key, actor in by.items() if actor.member_id == review.reviewer_id)
    resolve_dispute(
        actor=by[key],
        review_id=review.pk,
        dispute_id=dispute.pk,
        outcome=Dispute.Outcome.ACCEPTED,
        comment=said.ACCEPTED,
    )


def _object(agent: Actor, review: Review, comment: str) -> Dispute:
    """The agent proposes the best option where his rating was lowest."""
    grading = review.gradings.get(number=review.gradings_count)
    lowest = grading.ratings.filter(state="rated").order_by("score", "pk").first()
    assert lowest is not None  # the demo's reviews are rated
    category = next(c for c in definition_of(review.version).categories if c.key == lowest.category)
    best = max(category.options, key=lambda option: option.points)
    proposed = [Choice(category.key, best.key)]
    return raise_dispute(
        actor=agent, review_id=review.pk, kind=Dispute.Kind.RATINGS, comment=comment, proposed=proposed
    )


def _review_today(lead: Actor, agent: Actor) -> None:
    """A review by hand, with passages, that the agent has not seen yet."""
    assert agent.agent_id is not None  # the demo's agent is a member
    closed = Conversation.objects.visible_to(lead).filter(agent_id=agent.agent_id, status="closed")
    conversation = closed.exclude(reviews__isnull=False).order_by("-closed_at")[:1].get()
    new = NewReview(conversation=Ref(id=conversation.pk))
    review = create_review(actor=lead, new=new, judgement=Judgement())
    messages = Message.objects.visible_to(lead).filter(conversation=conversation, internal=False)
    first, second = messages.filter(author_type="agent").order_by("position")[:2]
    choices = [
        Choice(category.key, max(category.options, key=lambda option: option.points).key)
        for category in definition_of(review.version).categories
    ]
    passage = Passage(second.pk, 0, len(second.text))
    lower = definition_of(review.version).categories[0]
    choices[0] = Choice(lower.key, lower.options[1].key, comment=said.SHOULD_SEE, evidence=(passage,))
    praise = Note(message=first.pk, body=said.PRAISED, kind="praise")
    judgement = Judgement(tuple(choices), said.OVERALL, {}, (praise,))
    submit(actor=lead, review_id=review.pk, judgement=judgement)
