"""Which conversations are reviewed, how many, and by whom: one exact and repeatable rule.

Everything here is pure, so that anybody can recompute a draw from its ledger. The order of a
frame comes from an md5 of (seed, conversation), never from a random generator or the order of
rows: SQL and Python give the same bits. Shares are exact (`Decimal` or `Fraction`), since a
half must round the same way everywhere.

Sources: Cochran 1977 ch. 5 (stratified samples, planning), the house's statistics.md section 1.
"""

import hashlib
import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist
from typing import Literal

RULE = "stratified-md5-1"
"""Version of the whole rule of this module; a ledger names the one it was drawn by."""

Band = Literal["risk", "normal"]
BANDS: tuple[Band, ...] = ("risk", "normal")

Z95 = NormalDist().inv_cdf(0.975)
"""Two-sided 95 % quantile of the normal distribution, 1.96."""

BAND_DF = 10
"""A band with fewer degrees of freedom takes the spread of both bands together."""
TEAM_DF = 30
"""A team with fewer degrees of freedom takes the spread of the whole workspace."""


# --- The hash -------------------------------------------------------------------------------


def draw_seed(plan_seed: int | str, plan_id: int, period_start: date) -> str:
    """The seed of one draw: `{plan seed}:{plan id}:{period start as YYYY-MM-DD}`."""
    return f"{plan_seed}:{plan_id}:{period_start.isoformat()}"


def unit_hash(seed: str, conversation_id: int) -> float:
    """The conversation's place in the draw, strictly between 0 and 1: 52 bits of md5, exact in a double."""
    return (int(_md5(f"{seed}:{conversation_id}")[:13], 16) + 0.5) / 2**52


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _half_up(number: Fraction) -> int:
    return math.floor(number + Fraction(1, 2))


# --- How many, and which --------------------------------------------------------------------


@dataclass(frozen=True)
class Allocation:
    """How many conversations of one agent are drawn from each band.

    Not banded: the agent's whole frame is one stratum, called `normal`, whatever the risk
    filter says of its conversations.
    """

    risk: int
    normal: int
    banded: bool


def default_share(quota: int) -> Decimal:
    """The risk share of a plan that names none: small quotas cannot afford much attention."""
    return Decimal("0.2") if quota < 10 else Decimal("0.4")


def allocate(quota: int, share: Decimal | Fraction, n_risk: int, n_normal: int) -> Allocation:
    """Split an agent's quota over a frame of `n_risk` and `n_normal` conversations.

    A quota of two or more looks into both bands at least once, and never asks a band for more
    than it has. Raises ValueError for a share outside 0..1 or a negative count.
    """
    if not 0 <= share <= 1 or min(quota, n_risk, n_normal) < 0:
        raise ValueError(f"not an allocation: quota {quota}, share {share}, frame {n_risk} + {n_normal}")
    drawn = min(quota, n_risk + n_normal)
    if drawn < 2 or not n_risk or not n_normal:
        return Allocation(risk=0, normal=drawn, banded=False)
    risk = _clamp(_half_up(drawn * Fraction(share)), 1, drawn - 1)
    risk = _clamp(risk, drawn - n_normal, n_risk)
    return Allocation(risk=risk, normal=drawn - risk, banded=True)


def _clamp(number: int, low: int, high: int) -> int:
    return max(low, min(number, high))


def pick(seed: str, frame_ids: Iterable[int], n: int) -> list[tuple[int, float]]:
    """The `n` conversations of a stratum with the smallest hashes, as (id, u), smallest first.

    A larger `n` later contains the smaller one.
    """
    smallest = heapq.nsmallest(n, ((unit_hash(seed, each), each) for each in frame_ids))
    return [(each, u) for u, each in smallest]


def replacement(seed: str, frame_ids: Iterable[int], drawn_ids: Collection[int]) -> tuple[int, float] | None:
    """The next of a stratum's frame after those already drawn, as (id, u); None when all are drawn."""
    drawn = set(drawn_ids)
    following = pick(seed, (each for each in frame_ids if each not in drawn), 1)
    return following[0] if following else None


# --- By whom --------------------------------------------------------------------------------


def assign(
    seed: str, allowed: Mapping[int, Collection[int]], loads: Mapping[int, int] | None = None
) -> dict[int, int | None]:
    """Give each item to one of its allowed reviewers, so that the loads stay even.

    `allowed` maps a conversation id to the members who may review it; `loads` says how many items
    members hold already. The answer is in the order of assignment; None where nobody is allowed.
    """
    counts = Counter(loads or {})
    members = {member for each in allowed.values() for member in each}
    rank = {member: _md5(f"{seed}:reviewer:{member}") for member in members}
    assigned: dict[int, int | None] = {}
    for item in _shuffled(seed, "assign", allowed):
        reviewer = min(allowed[item], key=lambda member: (counts[member], rank[member]), default=None)
        assigned[item] = reviewer
        if reviewer is not None:
            counts[reviewer] += 1
    return assigned


def second_items(seed: str, ids: Collection[int], share: Decimal | Fraction) -> list[int]:
    """The items that a second reviewer sees too: a `share` of them, a half rounded up, in hash order."""
    return _shuffled(seed, "second", ids)[: _half_up(len(ids) * Fraction(share))]


def order_hash(seed: str, conversation_id: int) -> str:
    """Where the conversation stands in the order of assignment, which is the order of the queue too."""
    return _md5(f"{seed}:assign:{conversation_id}")


def _shuffled(seed: str, purpose: str, ids: Iterable[int]) -> list[int]:
    return sorted(ids, key=lambda each: (_md5(f"{seed}:{purpose}:{each}"), each))


# --- Planning: spread, completion, and what a quota will tell -------------------------------


@dataclass(frozen=True)
class Spread:
    """Sum of squares of scores around their own stratum means, and its degrees of freedom; they add up."""

    squares: Decimal
    df: int

    @classmethod
    def of(cls, n: int, sum_y: Decimal, sum_y2: Decimal) -> "Spread":
        """The spread inside one (agent, period, band) of `n` scores with the given sums.

        Exact for equal scores, so that "no spread at all" is told apart from very little.
        """
        if n == 0:
            return NO_SPREAD
        return cls(max(Decimal(0), sum_y2 - sum_y * sum_y / n), n - 1)

    def __add__(self, other: "Spread") -> "Spread":
        return Spread(self.squares + other.squares, self.df + other.df)

    @property
    def variance(self) -> float:
        """Pooled variance of a score, in points squared; needs at least one degree of freedom."""
        return float(self.squares) / self.df


NO_SPREAD = Spread(Decimal(0), 0)


@dataclass(frozen=True)
class PooledSpread:
    """The variance of a score per band, and whose reviews it was learned from."""

    s2: Mapping[Band, float]
    over: Literal["team", "workspace"]


def pooled_spread(team: Mapping[Band, Spread], workspace: Mapping[Band, Spread]) -> PooledSpread | None:
    """The variance to use for a team, or None while too little is known (`spread_unknown`).

    A team under 30 degrees of freedom takes the workspace's; there, too, a band under 10 takes the
    joint value of both bands; a workspace under 10 in all knows nothing.
    """
    own = sum(team.values(), NO_SPREAD).df >= TEAM_DF
    bands = team if own else workspace
    joint = sum(bands.values(), NO_SPREAD)
    if joint.df < BAND_DF:
        return None
    used = {band: bands.get(band, NO_SPREAD) for band in BANDS}
    s2 = {band: (each if each.df >= BAND_DF else joint).variance for band, each in used.items()}
    return PooledSpread(s2, "team" if own else "workspace")


def completion(done: int, drawn: int, not_reviewable: int) -> float | None:
    """The done share of the items that could be reviewed, 0..1; None when there are none.

    `drawn` counts replacements as well as the items they replace, `not_reviewable` the latter.
    """
    expected = drawn - not_reviewable
    return done / expected if expected > 0 else None


def needed_reviews(sd: float, half_width: float, frame: int) -> int:
    """How many of `frame` conversations to review to know their mean to +- `half_width` points.

    `sd` is the standard deviation of a score in points. At least 1 (0 for an empty frame), at most
    the frame. Raises ValueError for a half width that is not positive. Source: Cochran 1977, 4.7.
    """
    if half_width <= 0:
        raise ValueError("the half width must be positive")
    if frame <= 0:
        return 0
    unlimited = (Z95 * sd / half_width) ** 2
    needed = unlimited / (1 + unlimited / frame)
    return _clamp(math.ceil(needed - 1e-9), 1, frame)


def half_width_for(sd: float, n: int, frame: int) -> float:
    """To how many points +- the mean of `frame` conversations is known after `n` reviews.

    The planner's formula the other way round; 0 once all are reviewed. Raises ValueError for n < 1.
    """
    if n < 1:
        raise ValueError("without a review nothing is known")
    return Z95 * sd * math.sqrt(max(0.0, 1 / n - 1 / frame))


# --- The ledger and its proof ---------------------------------------------------------------


@dataclass(frozen=True)
class LedgerStratum:
    """One agent's band as it was drawn: the sorted frame, and how many were first drawn from it."""

    agent: int
    band: Band
    frame: Sequence[int]
    drawn: int


@dataclass(frozen=True)
class LedgerItem:
    """One drawn conversation: its hash, its probability drawn / frame, and whether it replaced another."""

    conversation: int
    agent: int
    band: Band
    u: float
    probability: float
    replacement: bool = False


@dataclass(frozen=True)
class Ledger:
    """All that is needed to recompute one draw (one plan, one period)."""

    seed: str
    rule: str
    quota: int
    share: Decimal | Fraction
    strata: Sequence[LedgerStratum]
    items: Sequence[LedgerItem]


def differences(ledger: Ledger) -> list[str]:
    """What in a stored ledger is not what the rule gives, one sentence each; empty when all matches.

    Recomputes each agent's allocation, which conversations come first, and every item's hash and
    probability, all without tolerance: doubles survive storage unchanged.
    """
    if ledger.rule != RULE:
        return [f"The draw was made by rule {ledger.rule}, this version recomputes {RULE}."]
    if ledger.quota < 0 or not 0 <= ledger.share <= 1:
        return [f"No draw has a quota of {ledger.quota} and a risk share of {ledger.share}."]
    found: list[str] = []
    for check in (_frame_differences, _allocation_differences, _choice_differences, _item_differences):
        found.extend(check(ledger))
    return found


def _where(of: LedgerStratum | LedgerItem) -> str:
    return f"Agent {of.agent}, band {of.band}"


def _frame_differences(ledger: Ledger) -> Iterator[str]:
    for stratum in ledger.strata:
        if list(stratum.frame) != sorted(stratum.frame):
            yield f"{_where(stratum)}: the frame is not sorted."
    for key, times in Counter((each.agent, each.band) for each in ledger.strata).items():
        if times > 1:
            yield f"Agent {key[0]}, band {key[1]}: listed {times} times."
    framed = Counter(conversation for each in ledger.strata for conversation in each.frame)
    for conversation, times in framed.items():
        if times > 1:
            yield f"Conversation {conversation} stands {times} times in the frames."


def _allocation_differences(ledger: Ledger) -> Iterator[str]:
    by_agent: dict[int, list[LedgerStratum]] = defaultdict(list)
    for stratum in ledger.strata:
        by_agent[stratum.agent].append(stratum)
    for strata in by_agent.values():
        sizes = {each.band: len(each.frame) for each in strata}
        given = allocate(ledger.quota, ledger.share, sizes.get("risk", 0), sizes.get("normal", 0))
        for stratum in strata:
            expected = given.risk if stratum.band == "risk" else given.normal
            if stratum.band == "risk" and not given.banded:
                yield f"{_where(stratum)}: a band of its own, where the rule makes no bands."
            elif stratum.drawn != expected:
                yield f"{_where(stratum)}: {stratum.drawn} drawn, the rule gives {expected}."


def _choice_differences(ledger: Ledger) -> Iterator[str]:
    items: dict[tuple[int, Band, bool], Counter[int]] = defaultdict(Counter)
    for item in ledger.items:
        items[item.agent, item.band, item.replacement][item.conversation] += 1
    for stratum in ledger.strata:
        first = items[stratum.agent, stratum.band, False]
        replaced = items[stratum.agent, stratum.band, True]
        order = [each for each, _ in pick(ledger.seed, stratum.frame, stratum.drawn + replaced.total())]
        yield from _compare(_where(stratum), "draw", order[: stratum.drawn], first)
        yield from _compare(_where(stratum), "replacement", order[stratum.drawn :], replaced)


def _compare(where: str, what: str, expected: Sequence[int], stored: Counter[int]) -> Iterator[str]:
    for conversation in (Counter(expected) - stored).elements():
        yield f"{where}: conversation {conversation} is missing from the {what}."
    for conversation in (stored - Counter(expected)).elements():
        yield f"{where}: conversation {conversation} does not belong in the {what}."


def _item_differences(ledger: Ledger) -> Iterator[str]:
    strata = {(each.agent, each.band): each for each in ledger.strata}
    for item in ledger.items:
        name = f"{_where(item)}, conversation {item.conversation}"
        u = unit_hash(ledger.seed, item.conversation)
        if item.u != u:
            yield f"{name}: the hash is {item.u!r}, the rule gives {u!r}."
        stratum = strata.get((item.agent, item.band))
        if stratum is None or not stratum.frame:
            yield f"{name}: no frame is listed for this agent and band."
        elif item.probability != (probability := stratum.drawn / len(stratum.frame)):
            yield f"{name}: the probability is {item.probability!r}, the rule gives {probability!r}."
