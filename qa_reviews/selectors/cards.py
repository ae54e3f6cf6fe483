"""A scorecard version as the reviewer's form and as a finished grading, for templates and the browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from qa_reviews.models import Evidence, Rating
from qa_reviews.selectors.card_json import card_json as card_json
from qa_reviews.services.gradings import Choice
from scorecards.definition import Category, Context, Definition, Group, applies, fails, is_negative


@dataclass(frozen=True, slots=True)
class OptionRow:
    value: str
    label: str
    description: str
    fails: bool


@dataclass(frozen=True, slots=True)
class CategoryForm:
    """One category for parts/category_row.html, with what has been chosen and what is wrong."""

    key: str
    name: str
    description: str
    weight: Decimal
    critical: str
    allow_na: bool
    comment_required: bool
    options: tuple[OptionRow, ...]
    causes: tuple[dict[str, str], ...]
    position: int
    rating: dict[str, Any]
    error: str

    @property
    def has_rubric(self) -> bool:
        return any(option.description for option in self.options)


@dataclass(frozen=True, slots=True)
class GroupForm:
    key: str
    name: str
    categories: tuple[CategoryForm, ...]


def card_form(
    definition: Definition, context: Context, choices: Iterable[Choice], errors: Mapping[str, str]
) -> list[GroupForm]:
    """The visible categories by group, counted through, with choices and errors by category key."""
    chosen = {choice.category: choice for choice in choices}
    position = 0
    groups = []
    for group, categories in _visible(definition, context):
        rows = []
        for category in categories:
            position += 1
            choice = chosen.get(category.key, Choice(category.key))
            rows.append(_category_form(category, position, choice, errors.get(category.key, "")))
        groups.append(GroupForm(group.key, group.name, tuple(rows)))
    return groups


def choices_from_form(
    definition: Definition, context: Context, posted: Any, before: Iterable[Choice]
) -> tuple[Choice, ...]:
    """The choices of a posted form (a QueryDict); evidence stays as the draft had it."""
    evidence = {choice.category: choice.evidence for choice in before}
    found = []
    for _, categories in _visible(definition, context):
        for category in categories:
            key = category.key
            value = posted.get(f"{key}-option", "")
            is_na = value == "na" and all(option.key != "na" for option in category.options)
            choice = Choice(
                category=key,
                option=None if is_na else value or None,
                na=is_na,
                comment=posted.get(f"{key}-comment", "").replace("\0", ""),
                root_causes=() if is_na else tuple(posted.getlist(f"{key}-causes")),
                evidence=evidence.get(key, ()),
            )
            if choice != Choice(key):
                found.append(choice)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class JudgedCategory:
    """One category of a grading in words."""

    key: str
    name: str
    description: str
    critical: str
    failed: bool
    state: str
    label: str
    rubric: str
    negative: bool
    score: Decimal | None
    applied_weight: Decimal | None
    comment: str
    root_causes: Sequence[str]
    evidence: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class JudgedGroup:
    name: str
    score: Decimal | None
    categories: list[JudgedCategory] = field(default_factory=list)


def judged_card(
    definition: Definition,
    ratings: Iterable[Rating],
    group_scores: Iterable[Mapping[str, str | None]],
    failed_by: Iterable[str],
) -> list[JudgedGroup]:
    """The ratings of a grading by group, with the rubric's words of each chosen option."""
    by_key = {rating.category: rating for rating in ratings}
    scores = {each["key"]: each["score"] for each in group_scores}
    failed = set(failed_by)
    groups = []
    for group in definition.groups:
        score = scores.get(group.key)
        rows = [_judged(c, by_key[c.key], c.key in failed) for c in group.categories if c.key in by_key]
        groups.append(JudgedGroup(group.name, None if score is None else Decimal(score), rows))
    return groups


def choices_of(ratings: Iterable[Rating]) -> tuple[Choice, ...]:
    """A grading's ratings as choices again, to begin a revision with."""
    return tuple(
        Choice.of(
            {
                "category": rating.category,
                "option": rating.option,
                "na": rating.state == Rating.State.NA,
                "comment": rating.comment,
                "root_causes": rating.root_causes,
                "evidence": [
                    {"message": each.message_id, "start": each.start, "end": each.end}
                    for each in rating.evidence.all()
                    if each.message_id is not None
                ],
            }
        )
        for rating in ratings
        if rating.state != Rating.State.HIDDEN
    )


def _visible(definition: Definition, context: Context) -> list[tuple[Group, list[Category]]]:
    found = [(group, [c for c in group.categories if applies(c, context)]) for group in definition.groups]
    return [(group, categories) for group, categories in found if categories]


def _category_form(category: Category, position: int, choice: Choice, error: str) -> CategoryForm:
    causes = (*category.root_causes.negative, *category.root_causes.positive)
    return CategoryForm(
        key=category.key,
        name=category.name,
        description=category.description,
        weight=category.weight,
        critical="" if category.critical == "none" else category.critical,
        allow_na=category.allow_na,
        comment_required=category.comment_required == "always",
        options=tuple(
            OptionRow(option.key, option.label, option.description, fails(category, option))
            for option in category.options
        ),
        causes=tuple({"value": cause, "label": cause} for cause in dict.fromkeys(causes)),
        position=position,
        rating={
            "option": choice.option,
            "na": choice.na,
            "comment": choice.comment,
            "causes": choice.root_causes,
        },
        error=error,
    )


def _judged(category: Category, rating: Rating, failed: bool) -> JudgedCategory:
    option = next((each for each in category.options if each.key == rating.option), None)
    return JudgedCategory(
        key=category.key,
        name=category.name,
        description=category.description,
        critical="" if category.critical == "none" else category.critical,
        failed=failed,
        state=rating.state,
        label=option.label if option else "",
        rubric=option.description if option else "",
        negative=option is not None and is_negative(category, option),
        score=rating.score,
        applied_weight=rating.applied_weight,
        comment=rating.comment,
        root_causes=rating.root_causes,
        evidence=list(rating.evidence.all()),
    )
