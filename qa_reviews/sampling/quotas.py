"""How many conversations of each agent a draw takes: per agent, per reviewer or in total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from qa_reviews.sampling.choice import Allocation, FrameSize, allocate
from qa_reviews.sampling.hashes import half_up, shuffled
from qa_reviews.sampling.planning import needed_reviews

QuotaOf = Literal["agent", "reviewer", "total"]
QuotaKind = Literal["number", "share", "precision"]

KINDS: Mapping[QuotaOf, tuple[QuotaKind, ...]] = {
    "agent": ("number", "share", "precision"),
    "reviewer": ("number",),
    "total": ("number", "share"),
}
"""What a quota of agents, of reviewers or in total can be given as."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How much is drawn, with all that it takes to recompute it.

    `value` is a number of conversations, a share of the frame (0 to 1) or, for `precision`, the points +-
    to which an agent's mean shall be known. `part` (k, n): the k-th of n parts of a number. `weights`: the
    sum of the weights of the allowed reviewers, where the quota is one reviewer's of weight 1. `sds`: the
    standard deviation of a score in points by agent, for `precision`. Raises ValueError for what no quota is.
    """

    of: QuotaOf = "agent"
    kind: QuotaKind = "number"
    value: Decimal
    part: tuple[int, int] = (1, 1)
    weights: Decimal | Fraction = Decimal(0)
    sds: Mapping[int, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        k, n = self.part
        if self.kind not in KINDS.get(self.of, ()) or not 1 <= k <= n:
            raise ValueError(f"no quota of {self.of} is a {self.kind}, part {k} of {n}")
        if not self.value.is_finite() or self.value < 0 or (self.kind == "share" and self.value > 1):
            raise ValueError(f"no {self.kind} is {self.value}")
        if self.kind == "precision" and self.value == 0:
            raise ValueError("the half width must be positive")

    def as_json(self) -> dict[str, Any]:
        """As the ledger's head keeps it: exact numbers as strings."""
        return {
            "of": self.of,
            "kind": self.kind,
            "value": _exact(self.value),
            "part": list(self.part),
            "weights": _exact(self.weights),
            "sds": {str(agent): _exact(sd) for agent, sd in sorted(self.sds.items())},
        }

    @classmethod
    def stored(cls, kept: Mapping[str, Any]) -> "Quota":
        """From what `as_json` wrote. Raises ValueError, KeyError or TypeError where it did not."""
        k, n = kept["part"]
        return cls(
            of=kept["of"],
            kind=kept["kind"],
            value=_decimal(kept["value"]),
            part=(int(k), int(n)),
            weights=Fraction(kept["weights"]),
            sds={int(agent): _decimal(sd) for agent, sd in kept["sds"].items()},
        )

    @classmethod
    def per_agent(cls, number: int) -> "Quota":
        """So many conversations of each agent."""
        return cls(value=Decimal(number))


def _exact(number: Decimal | Fraction) -> str:
    return str(number) if isinstance(number, Fraction) else f"{number.normalize():f}"


def _decimal(text: Any) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ValueError(f"not a number: {text!r}") from None


def quotas(quota: Quota, frames: Mapping[int, int], seed: str) -> dict[int, int]:
    """How many conversations of each agent are drawn, by agent id; never more than his frame.

    `frames` maps each agent to the size of his frame. A share of a frame that is not empty is at least one.
    A total is given out in rounds, one conversation to every agent who has one left; those of the last
    round who go without stand last by md5(`{seed}:quota:{agent}`). A bigger value of the same quota never
    gives an agent less, but for parts of a number, which round.
    """
    if quota.of != "agent":
        return _filled(_total(quota, sum(frames.values())), frames, seed)
    if quota.kind == "number":
        number = _part(quota, half_up(Fraction(quota.value)))
        return {agent: min(number, n) for agent, n in frames.items()}
    return {agent: min(_of_agent(quota, agent, n), n) for agent, n in frames.items()}


def quotas_held(stages: Sequence[Quota], frames: Mapping[int, int], seed: str) -> dict[int, int]:
    """How many conversations of each agent are drawn once a quota was raised, oldest quota first: what was
    drawn before stays, even where the newer quota would give an agent less."""
    held = dict.fromkeys(frames, 0)
    for quota in stages:
        given = quotas(quota, frames, seed)
        held = {agent: max(held[agent], given[agent]) for agent in frames}
    return held


def allocations(
    stages: Sequence[Quota], share: Decimal | Fraction, frames: Mapping[int, FrameSize], seed: str
) -> dict[int, Allocation]:
    """How many of each agent are drawn from each band, after quotas that were raised one by one."""
    given = quotas_held(stages, {agent: frame.all for agent, frame in frames.items()}, seed)
    return {agent: allocate(given[agent], share, *frame) for agent, frame in frames.items()}


def _of_agent(quota: Quota, agent: int, n: int) -> int:
    if quota.kind == "share":
        return max(1, half_up(n * Fraction(quota.value)))
    return needed_reviews(float(quota.sds[agent]), float(quota.value), n)


def _total(quota: Quota, frame: int) -> int:
    if quota.kind == "share":
        return half_up(frame * Fraction(quota.value))
    weights = Fraction(quota.weights) if quota.of == "reviewer" else 1
    return _part(quota, half_up(Fraction(quota.value) * weights))


def _part(quota: Quota, whole: int) -> int:
    """The k-th of the n parts of a number, which add up to it."""
    k, n = quota.part
    return half_up(Fraction(whole * k, n)) - half_up(Fraction(whole * (k - 1), n))


def _filled(total: int, frames: Mapping[int, int], seed: str) -> dict[int, int]:
    """The total in rounds. After the last full round everybody has `level` or his whole frame."""
    level = _level(total, sorted(frames.values()))
    given = {agent: min(n, level) for agent, n in frames.items()}
    left = total - sum(given.values())
    asking = [agent for agent, n in frames.items() if n > level]
    for agent in shuffled(seed, "quota", asking)[:left]:
        given[agent] += 1
    return given


def _level(total: int, sizes: list[int]) -> int:
    """The most full rounds that the total is enough for; `sizes` ascending."""
    level, left = 0, total
    for place, size in enumerate(sizes):
        asking = len(sizes) - place
        rounds = min(size - level, left // asking)
        level, left = level + rounds, left - rounds * asking
        if level < size:
            break
    return level
