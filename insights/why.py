"""Why scores move when a history is scored by another definition, category by category. Pure.

Means are over the reviews that have a score both then and now. The points of all categories, what the bounds
0 and 100 take, what critical categories take, and the rest add up to the change of the mean of these reviews.
The rest is rounding, unless a stored score is not what its own version gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from insights.choices import NA_CHOSEN, NO_SCORE, UNRATED, Choices, Codes, Rows
from insights.rescoring import ONE, Card, Flags, Rescored
from scorecards.definition import Category, Definition


@dataclass(frozen=True, slots=True)
class Standing:
    """What a category is on one side: `rated` reviews, their mean `score` (None without any), its mean
    `share` of the weight (0 to 1) and the mean `points` it brings over all compared reviews."""

    rated: int
    score: float | None
    share: float
    points: float


@dataclass(frozen=True, slots=True)
class CategoryEffect:
    """One category then and now. `before` is None where no review had it, `after` where the definition has it
    no more.

    `newly_failed` and `no_longer_failed` count reviews that this critical category fails, or fails the group
    of. Of the old choices that count as not applicable now: `hidden` ratings, `gone` (option, ratings),
    and N/A where it is not allowed (`na_refused`). `unasked` reviews have neither rating nor N/A, though the
    category is shown.
    """

    key: str
    name: str
    before: Standing | None
    after: Standing | None
    newly_failed: int = 0
    no_longer_failed: int = 0
    hidden: int = 0
    gone: tuple[tuple[str, int], ...] = ()
    na_refused: int = 0
    unasked: int = 0

    @property
    def points(self) -> float:
        """The points of the mean that it moves."""
        return (self.after.points if self.after else 0.0) - (self.before.points if self.before else 0.0)

    @property
    def never_rated(self) -> bool:
        """It is asked now, and nothing of the past says anything of it."""
        return self.after is not None and self.after.rated == 0 and self.unasked > 0


@dataclass(frozen=True, slots=True)
class Reasons:
    """`compared` reviews have a score both times. Points of their mean that move through the bounds, through
    critical failures, and what is left."""

    compared: int
    categories: tuple[CategoryEffect, ...]
    bounds: float
    failures: float
    rest: float


@dataclass
class _Sums:
    """A category on one side, summed up."""

    rated: int = 0
    score: float = 0.0
    share: float = 0.0
    points: float = 0.0

    def add(self, scored: Rescored, key: str, compared: Flags) -> None:
        rated = scored.rated(key)
        self.rated += int(np.count_nonzero(rated))
        self.score += float(scored.shares.own(key)[rated].sum())
        self.share += float(scored.shares.share(key)[compared].sum())
        self.points += float(scored.shares.points(key)[compared].sum())

    def standing(self, compared: int) -> Standing:
        score = self.score / self.rated if self.rated else None
        return Standing(self.rated, score, self.share / (compared or 1), self.points / (compared or 1))


@dataclass
class _Then:
    """The past by its own versions: sums by category key, and where each critical category failed."""

    size: int
    sums: dict[str, _Sums] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    failing: dict[str, Flags] = field(default_factory=dict)
    bounds: float = 0.0
    failures: float = 0.0

    def add(
        self, definition: Definition, scored: Rescored, stored: Rows, rows: Rows, compared: Flags
    ) -> None:
        """One version's reviews, which stand at `rows`."""
        for category in definition.categories:
            self.sums.setdefault(category.key, _Sums()).add(scored, category.key, compared)
            self.names[category.key] = category.name
        for key, flags in scored.failing.items():
            self.failing.setdefault(key, np.zeros(self.size, bool))[rows] = flags
        bounds, failures = _taken(scored, stored, compared)
        self.bounds += bounds
        self.failures += failures


def reasons(
    choices: Choices, versions: Rows, stored: Rows, now: Rescored, definitions: Mapping[int, Definition]
) -> Reasons:
    """What moves the scores from `stored` to `now`. `definitions` has each of the `versions` by id."""
    compared = (stored != NO_SCORE) & (now.score != NO_SCORE)
    count = int(np.count_nonzero(compared))
    then = _Then(choices.size)
    for version in np.unique(versions):
        rows = np.flatnonzero(versions == version)
        definition = definitions[int(version)]
        scored = Card(definition).rescore(choices.take(rows), None)
        then.add(definition, scored, stored[rows], rows, compared[rows])
    effects = tuple(_effects(choices, then, now, compared))
    bounds, failures = _taken(now, now.score, compared)
    bounds, failures = (bounds - then.bounds) / (count or 1), (failures - then.failures) / (count or 1)
    change = float((now.score - stored)[compared].sum()) / ONE / (count or 1)
    told = sum(each.points for each in effects) + bounds + failures
    return Reasons(count, effects, bounds, failures, change - told)


def _taken(scored: Rescored, final: Rows, compared: Flags) -> tuple[float, float]:
    """The points that the bounds, and that critical failures, move of the uncapped scores, summed up."""
    has = compared & (scored.unfailed != NO_SCORE)
    unfailed = scored.unfailed[has] / ONE
    bounds = float((unfailed - scored.uncapped[has]).sum())
    return bounds, float((final[has] / ONE - unfailed).sum())


def _effects(choices: Choices, then: _Then, now: Rescored, compared: Flags) -> Iterator[CategoryEffect]:
    """The definition's categories in its order, then those it has no more."""
    count = int(np.count_nonzero(compared))
    stood = {key: sums.standing(count) for key, sums in then.sums.items()}
    categories = now.shares.card.categories
    for key, category in categories.items():
        sums = _Sums()
        sums.add(now, key, compared)
        yield _effect(choices, then, now, category, stood.get(key), sums.standing(count))
    for key in sorted(stood.keys() - categories.keys()):
        no_longer = int(np.count_nonzero(then.failing.get(key, False)))
        yield CategoryEffect(key, then.names[key], stood[key], None, no_longer_failed=no_longer)


def _effect(
    choices: Choices,
    then: _Then,
    now: Rescored,
    category: Category,
    before: Standing | None,
    after: Standing,
) -> CategoryEffect:
    key = category.key
    nowhere = np.zeros(choices.size, bool)
    failed, fails = then.failing.get(key, nowhere), now.failing.get(key, nowhere)
    shown = now.shown.get(key, ~nowhere)
    codes = choices.columns[key].codes if key in choices.columns else np.full(choices.size, UNRATED, np.int16)
    options = choices.columns[key].options if key in choices.columns else ()
    takes_na = category.allow_na and category.kind == "rated"
    return CategoryEffect(
        key=key,
        name=category.name,
        before=before,
        after=after,
        newly_failed=int(np.count_nonzero(fails & ~failed)),
        no_longer_failed=int(np.count_nonzero(failed & ~fails)),
        hidden=int(np.count_nonzero((codes >= 0) & ~shown)),
        gone=_gone(category, options, codes[shown]),
        na_refused=0 if takes_na else int(np.count_nonzero((codes == NA_CHOSEN) & shown)),
        unasked=int(np.count_nonzero((codes == UNRATED) & shown)),
    )


def _gone(category: Category, options: Sequence[str], codes: Codes) -> tuple[tuple[str, int], ...]:
    """The options of the past that the category does not have, with their ratings."""
    own = {option.key for option in category.options}
    counts = np.bincount(codes[codes >= 0], minlength=len(options))
    return tuple(
        (option, int(count))
        for option, count in zip(options, counts, strict=True)
        if option not in own and count
    )
