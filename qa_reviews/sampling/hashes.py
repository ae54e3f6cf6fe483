"""The hash that all order comes from: md5 of a seed and what is ordered."""

import hashlib
import math
from collections.abc import Iterable
from datetime import date
from fractions import Fraction


def draw_seed(plan_seed: int | str, plan_id: int, period_start: date) -> str:
    """The seed of one draw: `{plan seed}:{plan id}:{period start as YYYY-MM-DD}`."""
    return f"{plan_seed}:{plan_id}:{period_start.isoformat()}"


def unit_hash(seed: str, conversation_id: int) -> float:
    """The conversation's place in the draw, strictly between 0 and 1: 52 bits of md5, exact in a double."""
    return (int(md5(f"{seed}:{conversation_id}")[:13], 16) + 0.5) / 2**52


def md5(text: str) -> str:
    """The hex digits of md5 of the text's UTF-8."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def half_up(number: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return math.floor(number + Fraction(1, 2))


def shuffled(seed: str, purpose: str, ids: Iterable[int]) -> list[int]:
    """The ids in the order of md5(`{seed}:{purpose}:{id}`)."""
    return sorted(ids, key=lambda each: (md5(f"{seed}:{purpose}:{each}"), each))
