"""Who reviews what is drawn: evenly, by weight, in an order that anybody can recompute."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from math import lcm

from qa_reviews.sampling.hashes import half_up, md5, shuffled


def assign(
    seed: str,
    allowed: Mapping[int, Collection[int]],
    loads: Mapping[int, int] | None = None,
    weights: Mapping[int, Decimal | Fraction] | None = None,
) -> dict[int, int | None]:
    """Give each item to one of its allowed reviewers, so that the loads stay even beside the weights.

    `allowed` maps a conversation id to the members who may review it; `loads` says how many items
    members hold already; a member without a weight has one of 1. The next item goes to whoever holds
    the fewest items per weight, then by hash. The answer is in the order of assignment; None where
    nobody is allowed. Raises ValueError for a weight that is not positive.
    """
    members = {member for each in allowed.values() for member in each}
    step, held = _steps(members, weights or {}), loads or {}
    turn = {
        member: (held.get(member, 0) * step[member], md5(f"{seed}:reviewer:{member}")) for member in members
    }
    assigned: dict[int, int | None] = {}
    for item in shuffled(seed, "assign", allowed):
        reviewer = min(allowed[item], key=turn.__getitem__, default=None)
        assigned[item] = reviewer
        if reviewer is not None:
            load, rank = turn[reviewer]
            turn[reviewer] = load + step[reviewer], rank
    return assigned


def _steps(members: Collection[int], weights: Mapping[int, Decimal | Fraction]) -> dict[int, int]:
    """What one item adds to a member's load: 1 / weight, in whole numbers, so that comparing is exact."""
    shares = {member: Fraction(weights.get(member, 1)) for member in members}
    if any(share <= 0 for share in shares.values()):
        raise ValueError("a reviewer's weight must be positive")
    common = lcm(*(share.numerator for share in shares.values()))
    return {member: common // share.numerator * share.denominator for member, share in shares.items()}


def second_items(
    seed: str, ids: Collection[int], share: Decimal | Fraction, kept: Collection[int] = ()
) -> list[int]:
    """The items that a second reviewer sees too: a `share` of them, a half rounded up, in hash order.

    `kept` are those that have a second reviewer since a smaller quota: they stay, first, and only as
    many join them as the share asks for.
    """
    wanted = half_up(len(ids) * Fraction(share))
    before = shuffled(seed, "second", kept)
    if wanted <= len(before):
        return before
    return before + shuffled(seed, "second", set(ids).difference(kept))[: wanted - len(before)]


def order_hash(seed: str, conversation_id: int) -> str:
    """Where the conversation stands in the order of assignment, which is the order of the queue too."""
    return md5(f"{seed}:assign:{conversation_id}")
