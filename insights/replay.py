"""A scorecard's history scored by another definition: what would move, and why. Pure: numpy and no Django.

"Before" are the scores as they are stored. What moved a review's score is told apart exactly: the score is
the sum of its categories' points (share of the weight x score, bonus and deduction), held inside 0 to 100,
and 0 where a critical category failed; each of these is compared between then and now. Scores are averaged
from whole numbers; what explains them is in floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from insights.choices import NO_SCORE, History, Rows
from insights.rescoring import ONE, Card, Flags, Rescored
from insights.variants import variants
from insights.why import Reasons, reasons
from scorecards.definition import Definition

MOST_MOVERS = 10


@dataclass(frozen=True, slots=True)
class Side:
    """The `scored` reviews, their mean in points (None without any), and how many pass."""

    scored: int
    mean: Decimal | None
    passed: int

    @property
    def pass_rate(self) -> Decimal | None:
        """0 to 1, None without a score."""
        return Decimal(self.passed) / self.scored if self.scored else None


@dataclass(frozen=True, slots=True)
class Move:
    """`reviews` of somebody then and now. `lost` and `gained` count scores, `now_failing` and `now_passing`
    the reviews that change sides of the pass mark."""

    reviews: int
    before: Side
    after: Side
    moved: int
    lost: int
    gained: int
    now_failing: int
    now_passing: int

    @property
    def change(self) -> Decimal | None:
        """Points of the mean."""
        if self.before.mean is None or self.after.mean is None:
            return None
        return self.after.mean - self.before.mean

    @property
    def pass_change(self) -> Decimal | None:
        """Of the pass rate, -1 to 1."""
        if self.before.pass_rate is None or self.after.pass_rate is None:
            return None
        return self.after.pass_rate - self.before.pass_rate


@dataclass(frozen=True, slots=True)
class Mover:
    """One review that moves; points."""

    review: int
    agent: int
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Single:
    """What one change would do on its own: `change` in points of the mean against the version that stands,
    over the reviews with a score by both."""

    sentences: tuple[str, ...]
    change: float
    moved: int
    now_failing: int
    now_passing: int


@dataclass(frozen=True, slots=True)
class Replay:
    """The whole, by team and agent id, why, and the reviews that move most. `spread`: nine in ten of the
    reviews scored both times move by so many points."""

    whole: Move
    teams: Mapping[int, Move]
    agents: Mapping[int, Move]
    spread: tuple[Decimal, Decimal] | None
    movers: tuple[Mover, ...]
    why: Reasons
    singles: tuple[Single, ...]


def replay(
    past: History,
    definition: Definition,
    versions: Mapping[int, Definition],
    pass_mark: Decimal,
    standing: Definition | None = None,
) -> Replay:
    """The past scored by the definition. `versions` has the definition of each version id in the past;
    against `standing`, if given, each change is looked at on its own."""
    mark = int(pass_mark * ONE)
    now = Card(definition).rescore(past.choices, past.contexts)
    return Replay(
        whole=_move(past.stored, now.score, mark),
        teams=_by(past.teams, past.stored, now.score, mark),
        agents=_by(past.agents, past.stored, now.score, mark),
        spread=_spread(past.stored, now.score),
        movers=_movers(past, now.score),
        why=reasons(past.choices, past.versions, past.stored, now, versions),
        singles=() if standing is None else _singles(past, standing, definition, mark),
    )


def _by(ids: Rows, before: Rows, after: Rows, mark: int) -> dict[int, Move]:
    order = np.argsort(ids, kind="stable")
    found, starts = np.unique(ids[order], return_index=True)
    ends = [*starts[1:], len(ids)]
    return {
        int(one): _move(before[order[start:end]], after[order[start:end]], mark)
        for one, start, end in zip(found, starts, ends[: len(found)], strict=True)
    }


def _move(before: Rows, after: Rows, mark: int) -> Move:
    had, has = before != NO_SCORE, after != NO_SCORE
    passed, passes = had & (before >= mark), has & (after >= mark)
    return Move(
        reviews=len(before),
        before=_side(before[had], passed),
        after=_side(after[has], passes),
        moved=_count(before != after),
        lost=_count(had & ~has),
        gained=_count(has & ~had),
        now_failing=_count(passed & has & ~passes),
        now_passing=_count(passes & had & ~passed),
    )


def _side(scores: Rows, passed: Flags) -> Side:
    mean = Decimal(int(scores.sum())) / len(scores) / ONE if len(scores) else None
    return Side(len(scores), mean, _count(passed))


def _count(flags: Flags) -> int:
    return int(np.count_nonzero(flags))


def _points(digits: int) -> Decimal:
    return Decimal(int(digits)) / ONE


def _both(before: Rows, after: Rows) -> npt.NDArray[np.intp]:
    """Places of the reviews with a score then and now."""
    return np.flatnonzero((before != NO_SCORE) & (after != NO_SCORE))


def _spread(before: Rows, after: Rows) -> tuple[Decimal, Decimal] | None:
    """From the 5th to the 95th of a hundred changes."""
    both = _both(before, after)
    if not len(both):
        return None
    moves = np.sort(after[both] - before[both])
    last = len(moves) - 1
    return _points(moves[last // 20]), _points(moves[last - last // 20])


def _movers(past: History, after: Rows) -> tuple[Mover, ...]:
    """The reviews that move most, newest first among equals."""
    both = _both(past.stored, after)
    far = np.abs(after[both] - past.stored[both])
    first = both[np.lexsort((-past.reviews[both], -far))[:MOST_MOVERS]]
    return tuple(
        Mover(int(past.reviews[row]), int(past.agents[row]), _points(past.stored[row]), _points(after[row]))
        for row in first
        if after[row] != past.stored[row]
    )


def _singles(past: History, standing: Definition, definition: Definition, mark: int) -> tuple[Single, ...]:
    """Each change on its own, the strongest first."""
    taken_apart = variants(standing, definition)
    if not taken_apart:
        return ()
    base = Card(standing).rescore(past.choices, past.contexts)
    found = [
        _single(each.sentences, base, Card(each.definition).rescore(past.choices, past.contexts), mark)
        for each in taken_apart
    ]
    return tuple(sorted(found, key=lambda each: (-abs(each.change), -each.moved)))


def _single(sentences: Sequence[str], base: Rescored, now: Rescored, mark: int) -> Single:
    move, both = _move(base.score, now.score, mark), _both(base.score, now.score)
    change = float((now.score[both] - base.score[both]).mean()) / ONE if len(both) else 0.0
    return Single(tuple(sentences), change, move.moved, move.now_failing, move.now_passing)
