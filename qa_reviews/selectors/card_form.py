"""A scorecard version as the form that a reviewer fills in, and what a posted form says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from qa_reviews.judgement import Choice, Judgement, Proposal
from scorecards.definition import (
    OTHER,
    TIER,
    Category,
    Context,
    Definition,
    Group,
    Option,
    Question,
    applies,
    category_score,
    fails,
    tiers,
    visible,
)
from scorecards.ratings import chosen_of

NA = "na"
MOST_OTHER = 240  # characters of a root cause in the reviewer's own words


@dataclass(frozen=True, slots=True)
class OptionRow:
    """`effect`: the points that a bonus or deduction adds or takes with this option; None for rated ones."""

    value: str
    label: str
    description: str
    fails: bool
    effect: Decimal | None


@dataclass(frozen=True, slots=True)
class CauseTier:
    """Root causes under one first tier; its name is empty for those without a second."""

    name: str
    causes: tuple[tuple[str, str], ...]  # value as it is stored, and its label


@dataclass(frozen=True, slots=True)
class CauseList:
    kind: str  # "negative" or "positive"
    tiers: tuple[CauseTier, ...]


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """What was suggested for a category, in words."""

    label: str
    source: str
    passages: int


@dataclass(frozen=True, slots=True)
class RatingRow:
    """What has been chosen for a category so far; `causes` as they are stored."""

    option: str | None
    na: bool
    comment: str
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CategoryForm:
    """One category for parts/category_row.html, with what has been chosen and what is wrong. Hashable:
    equal rows look the same."""

    key: str
    name: str
    description: str
    kind: str
    weight: Decimal
    critical: str
    allow_na: bool
    comment_required: bool
    options: tuple[OptionRow, ...]
    causes: tuple[CauseList, ...]
    other_allowed: bool
    other: str
    position: int
    visible: bool
    rating: RatingRow
    error: str
    suggestion: SuggestionRow | None
    decisions: tuple[str, ...] = ()

    @property
    def has_rubric(self) -> bool:
        return any(option.description for option in self.options)


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """One unscored question for parts/question_row.html."""

    key: str
    name: str
    description: str
    answer: str  # "text", "number", "date", "choice" or "instruction"
    required: bool
    choices: tuple[str, ...]
    value: str
    visible: bool
    error: str


@dataclass(frozen=True, slots=True)
class GroupForm:
    key: str
    name: str
    weight: Decimal | None
    instructions: tuple[QuestionForm, ...]
    categories: tuple[CategoryForm, ...]
    questions: tuple[QuestionForm, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form shows beside its definition, by key: the judgement so far, errors, suggestions, and how
    calibrations decided to read categories."""

    judgement: Judgement
    errors: Mapping[str, str]
    proposals: Mapping[str, Proposal]
    decisions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def card_form(definition: Definition, context: Context, filled: Filled) -> list[GroupForm]:
    """All that the conversation allows, by group; what the answers so far hide is marked so. Categories that
    are shown are counted through."""
    shown = visible(definition, context, chosen_of(choice.rated for choice in filled.judgement.choices))
    chosen = {choice.category: choice for choice in filled.judgement.choices}
    position = 0
    groups = []
    for group in definition.groups:
        rows = []
        for category in (each for each in group.categories if applies(each, context)):
            position += category.key in shown
            choice = chosen.get(category.key, Choice(category.key))
            rows.append(_category_form(category, position, category.key in shown, choice, filled))
        questions = [_question(each, shown, filled) for each in group.questions if applies(each, context)]
        groups.append(_group_form(group, rows, questions))
    return [group for group in groups if group.categories or group.questions or group.instructions]


def judgement_from_form(
    definition: Definition, context: Context, posted: Any, before: Judgement
) -> Judgement:
    """What a posted form (a QueryDict) says of what its answers show; evidence and remarks stay as the draft
    had them."""
    evidence = {choice.category: choice.evidence for choice in before.choices}
    choices = {
        category.key: _posted_choice(category, posted, evidence.get(category.key, ()))
        for category in definition.categories
        if applies(category, context)
    }
    shown = visible(definition, context, chosen_of(choice.rated for choice in choices.values()))
    answers = {each.key: _text(posted, f"{each.key}-answer") for each in definition.questions}
    return Judgement(
        choices=tuple(c for key, c in choices.items() if key in shown and c != Choice(key)),
        comment=_text(posted, "comment"),
        answers={key: answer for key, answer in answers.items() if key in shown and answer},
        remarks=before.remarks,
    )


def _posted_choice(category: Category, posted: Any, evidence: tuple[Any, ...]) -> Choice:
    key = category.key
    value = posted.get(f"{key}-option", "")
    is_na = value == NA and all(option.key != NA for option in category.options)
    other = _text(posted, f"{key}-other").strip()[:MOST_OTHER]
    causes = [*posted.getlist(f"{key}-causes"), *([f"{OTHER} {other}"] if other else [])]
    return Choice(
        category=key,
        option=None if is_na else value or None,
        na=is_na,
        comment=_text(posted, f"{key}-comment"),
        root_causes=() if is_na else tuple(causes),
        evidence=evidence,
    )


def _text(posted: Any, name: str) -> str:
    return str(posted.get(name, "")).replace("\0", "")


def _group_form(group: Group, rows: Iterable[CategoryForm], questions: list[QuestionForm]) -> GroupForm:
    return GroupForm(
        key=group.key,
        name=group.name,
        weight=group.weight,
        instructions=tuple(each for each in questions if each.answer == "instruction"),
        categories=tuple(rows),
        questions=tuple(each for each in questions if each.answer != "instruction"),
    )


def _question(question: Question, shown: frozenset[str], filled: Filled) -> QuestionForm:
    value = filled.judgement.answers.get(question.key)
    return QuestionForm(
        key=question.key,
        name=question.name,
        description=question.description,
        answer=question.answer,
        required=question.required,
        choices=question.choices,
        value="" if value is None else str(value),
        visible=question.key in shown,
        error=filled.errors.get(question.key, ""),
    )


def _category_form(
    category: Category, position: int, is_visible: bool, choice: Choice, filled: Filled
) -> CategoryForm:
    others = [cause.removeprefix(OTHER).strip() for cause in choice.root_causes if cause.startswith(OTHER)]
    proposal = filled.proposals.get(category.key)
    return CategoryForm(
        key=category.key,
        name=category.name,
        description=category.description,
        kind=category.kind,
        weight=category.weight,
        critical="" if category.critical == "none" else category.critical,
        allow_na=category.allow_na,
        comment_required=category.comment_required == "always",
        options=tuple(_option(category, option) for option in category.options),
        causes=_cause_lists(category),
        other_allowed=category.root_causes.other,
        other="; ".join(others),
        position=position,
        visible=is_visible,
        rating=RatingRow(choice.option, choice.na, choice.comment, tuple(choice.root_causes)),
        error=filled.errors.get(category.key, ""),
        suggestion=None if proposal is None else _suggestion(category, proposal),
        decisions=filled.decisions.get(category.key, ()),
    )


def _option(category: Category, option: Option) -> OptionRow:
    return OptionRow(
        value=option.key,
        label=option.label,
        description=option.description,
        fails=fails(category, option),
        effect=_effect(category, option),
    )


def _effect(category: Category, option: Option) -> Decimal | None:
    if category.kind == "rated":
        return None
    own = category_score(category, option) - (100 if category.kind == "deduction" else 0)
    points = Fraction(category.weight) * own / 100
    return Decimal(points.numerator) / Decimal(points.denominator)


def _cause_lists(category: Category) -> tuple[CauseList, ...]:
    lists = (("negative", category.root_causes.negative), ("positive", category.root_causes.positive))
    return tuple(CauseList(kind, tuple(_tiers(causes))) for kind, causes in lists if causes)


def _tiers(causes: tuple[str, ...]) -> Iterable[CauseTier]:
    """Neighbours of one tier only stand together."""
    plain: list[tuple[str, str]] = []
    for name, details in tiers(causes):
        if not details:
            plain.append((name, name))
            continue
        if plain:
            yield CauseTier("", tuple(plain))
            plain = []
        yield CauseTier(name, tuple((f"{name}{TIER}{detail}", detail) for detail in details))
    if plain:
        yield CauseTier("", tuple(plain))


def _suggestion(category: Category, proposal: Proposal) -> SuggestionRow:
    label = next((each.label for each in category.options if each.key == proposal.option), "")
    return SuggestionRow(label, proposal.source, len(proposal.passages))
