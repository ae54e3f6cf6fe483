"""A finished grading by groups and categories, in words, for templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from qa_reviews.models import Evidence, Rating
from scorecards.definition import Category, Definition, is_negative
from scorecards.ratings import option_of


@dataclass(frozen=True, slots=True)
class JudgedCategory:
    """One category of a grading in words. `suggested` is the label of the option that was suggested beside
    it, empty with a source for N/A; no source, no suggestion."""

    key: str
    name: str
    kind: str
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
    suggested: str
    suggestion_source: str


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


def _judged(category: Category, rating: Rating, failed: bool) -> JudgedCategory:
    option = option_of(category, rating.option)
    suggested = option_of(category, rating.suggested_option)
    return JudgedCategory(
        key=category.key,
        name=category.name,
        kind=category.kind,
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
        suggested=suggested.label if suggested else "",
        suggestion_source=rating.suggestion_source,
    )
