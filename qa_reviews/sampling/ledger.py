"""The ledger of a draw and its proof: all of it recomputed from the stored frames, nothing trusted."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from qa_reviews.sampling.choice import Allocation, Band, pick, sizes_of
from qa_reviews.sampling.hashes import unit_hash
from qa_reviews.sampling.quotas import Quota, allocations

RULE = "stratified-md5-2"
"""Version of the whole rule of this package; a ledger names the one it was drawn by."""
RULES = ("stratified-md5-1", RULE)
"""What can be recomputed: the first knew no quota but a number per agent, and gave the same for it."""


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
    """All that is needed to recompute one draw (one plan, one period).

    `former`: the quotas it had before it was raised, oldest first.
    """

    seed: str
    rule: str
    quota: Quota
    share: Decimal | Fraction
    strata: Sequence[LedgerStratum]
    items: Sequence[LedgerItem]
    former: Sequence[Quota] = ()


def differences(ledger: Ledger) -> list[str]:
    """What in a stored ledger is not what the rule gives, one sentence each; empty when all matches.

    Recomputes each agent's quota and allocation, which conversations come first, and every item's hash
    and probability, all without tolerance: doubles survive storage unchanged.
    """
    if ledger.rule not in RULES:
        return [f"The draw was made by rule {ledger.rule}, this version recomputes {' and '.join(RULES)}."]
    if not 0 <= ledger.share <= 1:
        return [f"No draw has a risk share of {ledger.share}."]
    try:
        stages = (*ledger.former, ledger.quota)
        sizes = sizes_of((each.agent, each.band, len(each.frame)) for each in ledger.strata)
        first, now = (allocations(each, ledger.share, sizes, ledger.seed) for each in (stages[:1], stages))
    except (KeyError, ValueError) as wrong:
        return [f"No draw has the quota that is kept: {wrong}."]
    return [
        *_frame_differences(ledger),
        *_allocation_differences(ledger, first, now),
        *_choice_differences(ledger, first),
        *_item_differences(ledger),
    ]


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


def _allocation_differences(
    ledger: Ledger, first: Mapping[int, Allocation], now: Mapping[int, Allocation]
) -> Iterator[str]:
    """An agent whose first quota was under two has no bands, and keeps none when it is raised."""
    for stratum in ledger.strata:
        expected = now[stratum.agent].of(stratum.band)
        if stratum.band == "risk" and not first[stratum.agent].banded:
            yield f"{_where(stratum)}: a band of its own, where the rule makes no bands."
        elif stratum.drawn != expected:
            yield f"{_where(stratum)}: {stratum.drawn} drawn, the rule gives {expected}."


def _choice_differences(ledger: Ledger, first: Mapping[int, Allocation]) -> Iterator[str]:
    items: dict[tuple[int, Band, bool], Counter[int]] = defaultdict(Counter)
    for item in ledger.items:
        items[item.agent, item.band, item.replacement][item.conversation] += 1
    for stratum in ledger.strata:
        drawn = items[stratum.agent, stratum.band, False]
        replaced = items[stratum.agent, stratum.band, True]
        order = [each for each, _ in pick(ledger.seed, stratum.frame, stratum.drawn + replaced.total())]
        if ledger.former:
            at_first = order[: first[stratum.agent].of(stratum.band)]
            yield from _raised_differences(stratum, order, at_first, drawn, replaced)
        else:
            yield from _compare(_where(stratum), "draw", order[: stratum.drawn], drawn)
            yield from _compare(_where(stratum), "replacement", order[stratum.drawn :], replaced)


def _raised_differences(
    stratum: LedgerStratum,
    order: Sequence[int],
    at_first: Sequence[int],
    drawn: Counter[int],
    replaced: Counter[int],
) -> Iterator[str]:
    """A raise goes on behind the replacements that stood by then, so that these may lie anywhere after what
    was drawn at first."""
    yield from _compare(_where(stratum), "draw", order, drawn + replaced)
    for conversation in replaced.keys() & set(at_first):
        yield f"{_where(stratum)}: conversation {conversation} was drawn at first and replaces nothing."
    if drawn.total() != stratum.drawn:
        yield f"{_where(stratum)}: {drawn.total()} are listed that replace nothing, of {stratum.drawn} drawn."


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
