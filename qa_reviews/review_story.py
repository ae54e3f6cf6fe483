"""The life of a review in words, for parts/timeline.html: what happened when, by whom, what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Member
from common.templatetags.ui import score as in_words
from qa_reviews.grading_diff import Diff, Judged, Side, Words, diff
from qa_reviews.models import Dispute, Grading, Rating, Review
from qa_reviews.policies.basics import hides_member, hides_reviewer, reads_others
from scorecards.definition import Definition

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a comment's words."""

    author: str
    at: datetime
    before: str
    after: str


def story(
    actor: Actor,
    review: Review,
    gradings: Sequence[Grading],
    definitions: Mapping[int, Definition],
    disputes: Iterable[Dispute],
    edits: Iterable[Edit],
) -> list[Event]:
    """Everything that happened, oldest first; what is still to come stands last. No queries."""
    past = [
        *_graded(actor, review, gradings, definitions),
        *_disputed(actor, review, disputes),
        *_edited(edits),
        *_read(actor, review),
    ]
    return [*sorted(past, key=lambda each: each["at"]), *_ahead(review)]


def side_of(grading: Grading, definition: Definition) -> Side:
    """A grading as grading_diff compares it."""
    ratings = {rating.category: rating for rating in grading.ratings.all()}
    questions = {question.key: question.name for question in definition.questions}
    return Side(
        score=grading.score,
        comment=grading.comment,
        categories={
            category.key: _judged(category.name, category.options, ratings[category.key])
            for category in definition.categories
            if category.key in ratings and ratings[category.key].state != Rating.State.HIDDEN
        },
        answers={
            key: (questions.get(key, key), str(answer)) for key, answer in grading.answers.items() if answer
        },
        remarks=tuple(remark.body or remark.quote for remark in grading.remarks.all()),
    )


def _judged(name: str, options: Iterable[Any], rating: Rating) -> Judged:
    labels = {option.key: option.label for option in options}
    choice = _("N/A") if rating.state == Rating.State.NA else labels.get(rating.option, rating.option)
    return Judged(
        name=name,
        choice=choice,
        score=rating.score,
        comment=rating.comment,
        causes=tuple(rating.root_causes),
        evidence=tuple(each.quote for each in rating.evidence.all()),
    )


def _graded(
    actor: Actor, review: Review, gradings: Sequence[Grading], definitions: Mapping[int, Definition]
) -> Iterator[Event]:
    sides = [side_of(grading, definitions[grading.version_id]) for grading in gradings]
    for place, grading in enumerate(gradings):
        change: Diff | None = diff(sides[place - 1], sides[place]) if place else None
        title, icon = _title(grading, place)
        words = [] if grading.amends else [_("Score: %(score)s") % {"score": _score(grading)}]
        hidden = hides_reviewer(actor) or grading.grader is None
        yield {
            "title": title,
            "actor": "" if hidden or grading.grader is None else grading.grader.name,
            "at": grading.created_at if place else review.submitted_at,
            "text": ". ".join([*words, *filter(None, [grading.reason])]),
            "icon": icon,
            "diff": change,
            "url": f"?grading={grading.number}" if place < len(gradings) - 1 else "",
        }


def _title(grading: Grading, place: int) -> tuple[str, str]:
    if not place:
        return _("Submitted"), "reviews"
    return (_("Words mended"), "comment") if grading.amends else (_("Revised"), "undo")


def _score(grading: Grading) -> str:
    return _("no score") if grading.score is None else in_words(grading.score)


def _disputed(actor: Actor, review: Review, disputes: Iterable[Dispute]) -> Iterator[Event]:
    outcomes = {
        Dispute.Outcome.ACCEPTED: _("Dispute accepted"),
        Dispute.Outcome.PARTIALLY_ACCEPTED: _("Dispute partly accepted"),
        Dispute.Outcome.REJECTED: _("Dispute rejected"),
    }
    for dispute in disputes:
        yield {
            "title": _("Disputed"),
            "actor": named(actor, review, dispute.raised_by),
            "at": dispute.raised_at,
            "text": dispute.comment,
            "icon": "flag",
        }
        if dispute.escalated_at:
            yield {"title": _("Dispute passed to the leads"), "at": dispute.escalated_at, "icon": "forward"}
        if dispute.resolved_at:
            yield {
                "title": outcomes[Dispute.Outcome(dispute.outcome)],
                "actor": named(actor, review, dispute.resolved_by),
                "at": dispute.resolved_at,
                "text": dispute.answer,
                "icon": "good" if dispute.outcome != Dispute.Outcome.REJECTED else "close",
            }


def _edited(edits: Iterable[Edit]) -> Iterator[Event]:
    for edit in edits:
        yield {
            "title": _("Comment changed"),
            "actor": edit.author,
            "at": edit.at,
            "icon": "comment",
            "words": Words(edit.before, edit.after),
        }


def _read(actor: Actor, review: Review) -> Iterator[Event]:
    told = review.announced_at or review.release_at
    moments = [
        (_("Released to the agent"), told if told and told <= timezone.now() else None, "forward"),
        (_("Seen by the agent"), review.seen_at, "info"),
        (_("Acknowledged by the agent"), review.acknowledged_at, "good"),
        (_("Retracted"), review.retracted_at, "close"),
    ]
    if reads_others(actor):
        looked = _("The reviewer looked at what blind grading hides")
        moments.append((looked, review.revealed_at, "info"))
    for title, at, icon in moments:
        if at is not None:
            yield {"title": title, "at": at, "icon": icon}


def _ahead(review: Review) -> Iterator[Event]:
    if review.state == Review.State.RETRACTED:
        return
    if review.held:
        yield {"title": _("Waits until a lead releases it"), "icon": "clock", "state": "next"}
    elif review.release_at and review.release_at > timezone.now():
        yield {
            "title": _("Will be released to the agent"),
            "at": review.release_at,
            "icon": "clock",
            "state": "next",
        }


def named(actor: Actor, review: Review, member: Member | None) -> str:
    """A member's name, or what he is where the workspace keeps reviewers unnamed."""
    if member is None:
        return ""
    return _("the reviewer") if hides_member(actor, review, member.pk) else member.name
