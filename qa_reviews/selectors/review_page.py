"""What the page of one review shows: each category with what was chosen, suggested and proposed instead, the
passages to mark in the transcript, what went well and where there is a chance to grow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.apps import apps

from accounts.access import Actor
from qa_reviews.models import Dispute, Grading, Rating, Review, ReviewComment
from qa_reviews.policies.comments import writes_notes
from qa_reviews.selectors.cards import JudgedCategory, judged_card
from qa_reviews.selectors.transcripts import Line
from scorecards.definition import Category, Definition

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of a message that the page marks, and the element that says why. Code points of the text."""

    id: str
    message: int
    start: int
    end: int
    target: str
    label: str
    kind: str  # evidence, remark or praise

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Instead:
    """Another choice for a category: a suggestion with its source, or what the agent proposes."""

    label: str
    comment: str = ""
    source: str = ""
    same: bool = False  # as the reviewer chose


@dataclass(frozen=True, slots=True)
class CategoryView:
    judged: JudgedCategory
    kind: str
    passages: list[tuple[str, str, int | None]]  # id of the mark ("" without one), words, message
    suggested: Instead | None
    proposed: Instead | None
    talk: list[ReviewComment]

    @property
    def lost(self) -> Decimal:
        """How many points of the score it took, of 100."""
        if self.judged.state != Rating.State.RATED or self.judged.score is None or self.kind == "bonus":
            return Decimal(0)
        return (self.judged.applied_weight or Decimal(1)) * (100 - self.judged.score)


@dataclass(frozen=True, slots=True)
class GroupView:
    name: str
    score: Decimal | None
    categories: list[CategoryView]
    answers: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class GradingView:
    """One grading in full. `remarks` by message."""

    grading: Grading
    groups: list[GroupView]
    marks: list[Mark]
    remarks: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def categories(self) -> list[CategoryView]:
        return [category for group in self.groups for category in group.categories]

    @property
    def strengths(self) -> list[CategoryView]:
        """What went well: full marks, the heaviest first."""
        full = [each for each in self.categories if each.judged.score == 100 and each.kind != "deduction"]
        return sorted(full, key=lambda each: -(each.judged.applied_weight or 0))[:MOST_NAMED]

    @property
    def chances(self) -> list[CategoryView]:
        """Where there is most to gain: what took most points first."""
        lost = [each for each in self.categories if each.lost > 0]
        return sorted(lost, key=lambda each: -each.lost)[:MOST_NAMED]


def grading_view(
    actor: Actor,
    review: Review,
    grading: Grading,
    definition: Definition,
    disputes: Sequence[Dispute] = (),
    comments: Sequence[ReviewComment] = (),
) -> GradingView:
    """One grading as the page shows it. Suggestions only to reviewers; what an open dispute proposes stands
    beside the ratings it objects to. No queries."""
    ratings = {rating.category: rating for rating in grading.ratings.all()}
    told = [rating for rating in ratings.values() if rating.state != Rating.State.HIDDEN]
    proposed = _proposals(disputes, grading)
    marks: list[Mark] = []
    groups = []
    card = judged_card(definition, told, grading.groups, grading.failed_by)
    for group, judged in zip(definition.groups, card, strict=True):
        by_key = {category.key: category for category in group.categories}
        rows = [
            CategoryView(
                judged=each,
                kind=by_key[each.key].kind,
                passages=_passages(each, marks),
                suggested=_suggested(by_key[each.key], ratings[each.key], writes_notes(actor, review)),
                proposed=_proposed(by_key[each.key], proposed.get(each.key)),
                talk=[comment for comment in comments if comment.category == each.key],
            )
            for each in judged.categories
        ]
        answers = _answers(group.questions, grading.answers)
        if rows or answers:
            groups.append(GroupView(judged.name, judged.score, rows, answers))
    return GradingView(grading, groups, marks, _remarks(grading, marks))


def marks_json(lines: Iterable[Line], marks: Sequence[Mark]) -> dict[str, Any]:
    """For review-marks.js: the marks, and the plain text of each message that has one."""
    marked = {mark.message for mark in marks}
    return {
        "marks": [mark.as_json() for mark in marks],
        "texts": {line.message: line.plain for line in lines if line.message in marked},
    }


def option_label(category: Category, key: str) -> str:
    """An option in words; empty for N/A, which has no key."""
    return next((option.label for option in category.options if option.key == key), key)


def _passages(judged: JudgedCategory, marks: list[Mark]) -> list[tuple[str, str, int | None]]:
    found = []
    for each in judged.evidence:
        mark = ""
        if each.message_id is not None:
            mark = f"passage-{len(marks) + 1}"
            target = f"judged-{judged.key}"
            marks.append(Mark(mark, each.message_id, each.start, each.end, target, judged.name, "evidence"))
        found.append((mark, each.quote, each.message_id))
    return found


def _remarks(grading: Grading, marks: list[Mark]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for remark in sorted(grading.remarks.all(), key=lambda each: each.pk):
        if remark.message_id is None:
            continue
        row: dict[str, Any] = {"remark": remark, "element": f"remark-{remark.pk}", "mark": ""}
        if remark.start is not None and remark.end is not None:
            row["mark"] = f"passage-{len(marks) + 1}"
            marks.append(
                Mark(
                    row["mark"], remark.message_id, remark.start, remark.end, row["element"], "", remark.kind
                )
            )
        found.setdefault(remark.message_id, []).append(row)
    return found


def _suggested(category: Category, rating: Rating, shown: bool) -> Instead | None:
    if not shown or not rating.suggestion_source:
        return None
    source = " ".join(filter(None, (rating.suggestion_source, rating.suggestion_version)))
    return Instead(
        label=option_label(category, rating.suggested_option),
        source=source,
        same=rating.suggested_option == rating.option,
    )


def _proposals(disputes: Sequence[Dispute], grading: Grading) -> Mapping[str, Mapping[str, Any]]:
    """What the newest dispute of this grading proposes, by category, while it waits for its answer."""
    for dispute in reversed(disputes):
        if dispute.state == Dispute.State.OPEN and dispute.grading_number == grading.number:
            return {each["category"]: each for each in dispute.proposed}
    return {}


def _proposed(category: Category, raw: Mapping[str, Any] | None) -> Instead | None:
    if raw is None:
        return None
    return Instead(option_label(category, raw.get("option") or ""), raw.get("comment") or "")


def _answers(questions: Iterable[Any], given: Mapping[str, Any]) -> list[tuple[str, str]]:
    asked = [question for question in questions if question.answer != "instruction"]
    return [(each.name, str(given[each.key])) for each in asked if given.get(each.key) not in (None, "")]


def edits_of(comments: Iterable[ReviewComment]) -> list[tuple[ReviewComment, datetime, str, str]]:
    """Each change of the comments' words: which one, when, what it said before and then. One query, none when
    nothing was edited."""
    edited = {comment.pk: comment for comment in comments if comment.edited_at is not None}
    if not edited:
        return []
    events = apps.get_model("qa_reviews", "ReviewCommentEvent").objects.filter(pgh_obj_id__in=edited)
    rows = events.order_by("pgh_obj_id", "pgh_id").values_list("pgh_obj_id", "pgh_created_at", "body")
    return [
        (edited[pk], at, before, after)
        for (first, _, before), (pk, at, after) in pairwise(rows)
        if first == pk and before != after
    ]
