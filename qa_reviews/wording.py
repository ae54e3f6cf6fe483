"""Notices of reviews in words: to the agent, to those who judge, and to a room full of people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Capability
from notices.registry import ChatWording, Words, wording
from qa_reviews.models import COUNTED_STATES, QueueQuestion, Review
from qa_reviews.policies.basics import hides_member, is_released
from qa_reviews.policies.queue import WAITING
from qa_reviews.selectors.queue import open_questions, questions
from qa_reviews.selectors.reviews import reviews

Parameters = Mapping[str, Any]
RETRACTED = Review.State.RETRACTED


def _seen(actor: Actor) -> Any:
    return reviews(actor).prefetch_related(None)


def _reviews(actor: Actor, ids: Collection[int]) -> Mapping[int, Review]:
    return _seen(actor).filter(state__in=COUNTED_STATES).in_bulk(ids)  # type: ignore[no-any-return]


def _retracted(actor: Actor, ids: Collection[int]) -> Mapping[int, Review]:
    return _seen(actor).filter(state=RETRACTED).in_bulk(ids)  # type: ignore[no-any-return]


def _reviewed(actor: Actor) -> bool:
    return actor.agent_id is not None


def _judges(actor: Actor) -> bool:
    return actor.can(Capability.GRADE)


def _leads(actor: Actor) -> bool:
    return actor.can(Capability.REVIEW_MANAGE)


def _about(actor: Actor, review: Review, title: str, anchor: str = "", icon: str = "reviews") -> Words:
    """Which conversation it was, as the review's own page heads it."""
    url = reverse("review", kwargs={"slug": actor.workspace.slug, "pk": review.pk})
    return Words(title, url + anchor, review.conversation.subject or review.conversation.external_id, icon)


def _in_chat(sentence: Any, anchor: str = "") -> ChatWording:
    """Says of whom a review is and what happened to it. Not the score, the conversation, the comment or the
    reviewer: everybody in the room reads along. Nothing before the agent may see it himself."""

    def words(actor: Actor, review: Review, parameters: Parameters) -> Words | None:
        if not is_released(review):
            return None
        url = reverse("review", kwargs={"slug": actor.workspace.slug, "pk": review.pk})
        return Words(str(sentence) % {"name": review.agent}, url + anchor)

    return words


@wording(
    "review_submitted",
    _reviews,
    title=gettext_lazy("New reviews"),
    suits=_reviewed,
    chat=_in_chat(gettext_lazy("A conversation of %(name)s was reviewed")),
)
def submitted(actor: Actor, review: Review, parameters: Parameters) -> Words:
    return _about(actor, review, _("A conversation of yours was reviewed"))


@wording(
    "review_revised",
    _reviews,
    title=gettext_lazy("Corrected reviews"),
    suits=_reviewed,
    chat=_in_chat(gettext_lazy("A review of %(name)s was revised")),
)
def revised(actor: Actor, review: Review, parameters: Parameters) -> Words:
    return _about(actor, review, _("A review of your work was revised"))


@wording(
    "review_retracted",
    _retracted,
    title=gettext_lazy("Withdrawn reviews"),
    suits=_reviewed,
    chat=_in_chat(gettext_lazy("A review of %(name)s was withdrawn")),
)
def retracted(actor: Actor, review: Review, parameters: Parameters) -> Words:
    return _about(actor, review, _("A review of your work was withdrawn and no longer counts"), icon="undo")


def _comment(parameters: Parameters) -> str:
    return f"#comment-{parameters['comment']}" if "comment" in parameters else ""


@wording("review_commented", _reviews, title=gettext_lazy("Replies below reviews"))
def commented(actor: Actor, review: Review, parameters: Parameters) -> Words:
    by, own = parameters.get("by_name"), review.agent_id == actor.agent_id
    names = {"by": by, "name": review.agent}
    if hides_member(actor, review, parameters.get("by")):
        by = None
    if own and by is None:
        title = _("There is a reply to a review of your work")
    elif own:
        title = _("%(by)s replied to a review of your work") % names
    elif by is None:
        title = _("There is a reply to a review of %(name)s") % names
    else:
        title = _("%(by)s replied to a review of %(name)s") % names
    return _about(actor, review, title, _comment(parameters), "comment")


@wording("mentioned", _reviews, title=gettext_lazy("Mentions"))
def mentioned(actor: Actor, review: Review, parameters: Parameters) -> Words:
    by = parameters.get("by_name")
    if by is None or hides_member(actor, review, parameters.get("by")):
        title = _("You were mentioned below a review")
    else:
        title = _("%(by)s mentioned you below a review") % {"by": by}
    return _about(actor, review, title, _comment(parameters), "comment")


@wording(
    "dispute_raised",
    _reviews,
    title=gettext_lazy("Disputes"),
    suits=_judges,
    chat=_in_chat(gettext_lazy("A review of %(name)s was disputed"), "#dispute"),
)
def disputed(actor: Actor, review: Review, parameters: Parameters) -> Words:
    title = _("A dispute for you to answer: the review of %(name)s") % {"name": review.agent}
    return _about(actor, review, title, "#dispute", "flag")


@wording("dispute_rerouted", _reviews, title=gettext_lazy("Disputes passed on"), suits=_leads)
def rerouted(actor: Actor, review: Review, parameters: Parameters) -> Words:
    title = _("A dispute was passed on to you: the review of %(name)s") % {"name": review.agent}
    return _about(actor, review, title, "#dispute", "flag")


@wording(
    "dispute_escalated",
    _reviews,
    title=gettext_lazy("Disputes not answered in time"),
    suits=_leads,
    chat=_in_chat(gettext_lazy("A dispute about a review of %(name)s waits for its answer"), "#dispute"),
)
def escalated(actor: Actor, review: Review, parameters: Parameters) -> Words:
    title = _("A dispute still waits for its answer: the review of %(name)s") % {"name": review.agent}
    return _about(actor, review, title, "#dispute", "clock")


def _reviews_or_retracted(actor: Actor, ids: Collection[int]) -> Mapping[int, Review]:
    """Also one that was retracted because it was the wrong agent's: that is the answer."""
    return _seen(actor).filter(state__in=[*COUNTED_STATES, RETRACTED]).in_bulk(ids)  # type: ignore[no-any-return]


@wording(
    "dispute_resolved",
    _reviews_or_retracted,
    title=gettext_lazy("Answers to disputes"),
    chat=_in_chat(gettext_lazy("A dispute about a review of %(name)s was answered"), "#dispute"),
)
def resolved(actor: Actor, review: Review, parameters: Parameters) -> Words:
    title = _("A dispute about the review of %(name)s was answered") % {"name": review.agent}
    if review.agent_id == actor.agent_id:
        title = _("Your dispute was answered")
    return _about(actor, review, title, "#dispute", "good")


def _to_answer(actor: Actor, ids: Collection[int]) -> Mapping[int, QueueQuestion]:
    return open_questions(actor).in_bulk(ids)


def _own_answered(actor: Actor, ids: Collection[int]) -> Mapping[int, QueueQuestion]:
    """As long as the conversation is still his to review."""
    rows = questions(actor).filter(item__reviewer_id=actor.member_id, item__state__in=WAITING)
    return rows.exclude(answered_at=None).in_bulk(ids)


def _plans(actor: Actor) -> bool:
    return actor.can(Capability.PLAN_MANAGE)


def _named(question: QueueQuestion) -> str:
    conversation = question.item.conversation
    return conversation.subject or conversation.external_id


@wording("queue.asked", _to_answer, title=gettext_lazy("Questions of reviewers"), suits=_plans)
def asked(actor: Actor, question: QueueQuestion, parameters: Parameters) -> Words:
    title = _("%(name)s asks about a conversation") % {"name": question.asked_by}
    url = reverse("question-answer", kwargs={"slug": actor.workspace.slug, "pk": question.pk})
    return Words(title, url, _named(question), "comment")


@wording("queue.answered", _own_answered, title=gettext_lazy("Answers to your questions"))
def answered(actor: Actor, question: QueueQuestion, parameters: Parameters) -> Words:
    title = _("Your question about a conversation was answered")
    url = reverse("workbench", kwargs={"slug": actor.workspace.slug, "pk": question.item_id})
    return Words(title, url, _named(question), "good")
