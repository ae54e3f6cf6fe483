"""What a member finds when he comes in: what needs him, and for an agent what is new about his own work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor, Capability
from conversations.models import Conversation
from insights import figures
from insights import selectors as numbers
from insights.query import Query
from notices import selectors as notices
from notices.selectors import Told
from qa_reviews.models import Review
from qa_reviews.selectors import queue
from qa_reviews.selectors import reviews as reviewing
from qa_reviews.services import release
from scorecards.scoring import passed
from scorecards.selectors import pass_mark_of

MOST_SHOWN = 5
ANSWERS = ("review_commented", "mentioned", "dispute_resolved", "review_revised", "queue.answered")


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for the member: in a sentence, where it is done, and what first."""

    icon: str
    text: str
    url: str
    action: str
    first: tuple[tuple[str, str], ...] = ()  # (words, address)


def needs(actor: Actor) -> list[Need]:
    """What waits for the actor, the most urgent first. Up to seven queries."""
    found = [
        _disputes(actor),
        _questions(actor),
        _held(actor),
        _queue(actor),
        _own_questions(actor),
        _drafts(actor),
    ]
    return [need for need in found if need is not None]


def new_reviews(actor: Actor) -> list[dict[str, Any]]:
    """The newest reviews of the agent's own work that he has not seen or not acknowledged, unseen first.
    Two queries."""
    rows = reviewing.reviews(actor).filter(agent_id=actor.agent_id or 0, acknowledged_at=None)
    open_ones = rows.exclude(state__in=[Review.State.DRAFT, Review.State.RETRACTED]).exclude(kind="self")
    found = sorted(
        open_ones.order_by("-submitted_at", "-pk")[:MOST_SHOWN], key=lambda each: bool(each.seen_at)
    )
    return [
        {"review": each, "passed": passed(each.score, _mark(actor, each)), "pass_mark": _mark(actor, each)}
        for each in found
    ]


def answers(actor: Actor) -> list[Told]:
    """What others answered him and he has not opened yet. A query, and one for each kind."""
    rows = notices.inbox(actor).filter(read_at=None, kind__in=ANSWERS).order_by("-id")
    return notices.told(actor, rows[:MOST_SHOWN])


def trend(actor: Actor) -> str:
    """The IQS over the last weeks as a chart: of the agent's own work, or of all that the actor leads; empty
    for who sees no numbers. Up to nine queries."""
    settings, agents = actor.workspace.settings, (actor.agent_id,) if actor.agent_id else ()
    if actor.can(Capability.NUMBERS_READ_ALL):
        title, needed, agents = _("IQS over time"), settings.min_team_reviews, ()
    elif actor.agent_id is not None:
        title, needed = _("Your score over time"), settings.min_reviews
    else:
        return ""
    points, interval = numbers.trend(actor, Query(numbers.recent_weeks(actor), agents=agents))
    return figures.iqs_chart(points, interval, needed, title)


def _mark(actor: Actor, review: Review) -> Any:
    return pass_mark_of(review.scorecard, actor.workspace.settings.pass_mark)


def _url(actor: Actor, route: str, query: str = "", **kwargs: Any) -> str:
    return reverse(route, kwargs={"slug": actor.workspace.slug} | kwargs) + query


def _disputes(actor: Actor) -> Need | None:
    found = reviewing.disputes_to_answer(actor) if actor.can(Capability.GRADE) else []
    if not found:
        return None
    text = ngettext(
        "%(n)d dispute waits for your answer.", "%(n)d disputes wait for your answer.", len(found)
    )
    return Need(
        icon="flag",
        text=text % {"n": len(found)},
        url=_url(actor, "review-list", "?dispute=open"),
        action=_("Show them"),
        first=tuple((_named(each.review), _review_url(actor, each.review)) for each in found[:MOST_SHOWN]),
    )


def _questions(actor: Actor) -> Need | None:
    """What reviewers ask the actor as a lead."""
    found = list(queue.open_questions(actor)) if actor.can(Capability.PLAN_MANAGE) else []
    if not found:
        return None
    text = ngettext(
        "%(n)d reviewer's question waits for your answer.",
        "%(n)d questions of reviewers wait for your answer.",
        len(found),
    )
    first = tuple(
        (f"{_subject(each.item.conversation)} ({each.asked_by})", _url(actor, "question-answer", pk=each.pk))
        for each in found[:MOST_SHOWN]
    )
    url = _url(actor, "question-list")
    return Need("comment", text % {"n": len(found)}, url, _("Show them"), first)


def _own_questions(actor: Actor) -> Need | None:
    """What the actor asked and has no answer to yet; answers are among what others answered."""
    asks = actor.can(Capability.GRADE_ASSIGNED)
    count = queue.own_questions(actor).filter(answered_at=None).count() if asks else 0
    if not count:
        return None
    text = ngettext(
        "You asked about %(n)d conversation; the answer is still to come.",
        "You asked about %(n)d conversations; the answers are still to come.",
        count,
    )
    return Need("clock", text % {"n": count}, _url(actor, "queue"), _("To the queue"))


def _held(actor: Actor) -> Need | None:
    count = (
        release.waiting(actor=actor).filter(held=True).count() if actor.can(Capability.REVIEW_MANAGE) else 0
    )
    if not count:
        return None
    text = ngettext(
        "%(n)d review is held back until you release it.",
        "%(n)d reviews are held back until you release them.",
        count,
    )
    url = _url(actor, "review-list", "?held=true")
    return Need("lock", text % {"n": count}, url, _("Choose and release"))


def _queue(actor: Actor) -> Need | None:
    count = queue.waiting(actor)  # agents may have some of their peers' work
    if not count:
        return None
    text = ngettext(
        "%(n)d conversation waits in your queue.", "%(n)d conversations wait in your queue.", count
    )
    return Need("queue", text % {"n": count}, _url(actor, "queue"), _("To the queue"))


def _drafts(actor: Actor) -> Need | None:
    count = reviewing.own_drafts(actor).count()
    if not count:
        return None
    text = ngettext(
        "You have %(n)d draft that is not submitted.", "You have %(n)d drafts that are not submitted.", count
    )
    url = _url(actor, "review-list", "?state=draft")
    return Need("reviews", text % {"n": count}, url, _("Go on"))


def _named(review: Review) -> str:
    return f"{_subject(review.conversation)} ({review.agent})"


def _subject(conversation: Conversation) -> str:
    return conversation.subject or conversation.external_id


def _review_url(actor: Actor, review: Review) -> str:
    return _url(actor, "review", "#resolve", pk=review.pk)
