"""How many conversations of an agent come from each band, and which: those with the smallest hashes."""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from qa_reviews.sampling.hashes import half_up, unit_hash

Band = Literal["risk", "normal"]
BANDS: tuple[Band, ...] = ("risk", "normal")


class FrameSize(NamedTuple):
    """How many conversations of an agent's frame are risks, and how many are not."""

    risk: int = 0
    normal: int = 0

    @property
    def all(self) -> int:
        return self.risk + self.normal


def sizes_of(strata: Iterable[tuple[int, Band, int]]) -> dict[int, FrameSize]:
    """The frames' sizes by agent, of (agent, band, how many)."""
    found: dict[int, dict[Band, int]] = defaultdict(dict)
    for agent, band, size in strata:
        found[agent][band] = size
    return {agent: FrameSize(**bands) for agent, bands in found.items()}


@dataclass(frozen=True)
class Allocation:
    """How many conversations of one agent are drawn from each band.

    Not banded: the agent's whole frame is one stratum, called `normal`, whatever the risk
    filter says of its conversations.
    """

    risk: int
    normal: int
    banded: bool

    def of(self, band: Band) -> int:
        """What is drawn from the band."""
        return self.risk if band == "risk" else self.normal


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
    risk = clamp(half_up(drawn * Fraction(share)), 1, drawn - 1)
    risk = clamp(risk, drawn - n_normal, n_risk)
    return Allocation(risk=risk, normal=drawn - risk, banded=True)


def clamp(number: int, low: int, high: int) -> int:
    """The nearest number between `low` and `high`."""
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
