"""Published figures to compare numbers with, as charts draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from accounts import selectors as accounts
from accounts.access import Actor

Compared = Literal["csat", "iqs"]


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    """A line at `value` (0..100); `source` names where the figure was published, and when."""

    value: float
    year: int
    source: str


def reference_lines(actor: Actor, metric: Compared) -> list[ReferenceLine]:
    """The lines that charts of a metric draw, oldest first; those of other companies, with other scorecards:
    something to compare with, never a target. One query."""
    rows = accounts.references(actor).filter(metric=metric, shown=True)
    return [ReferenceLine(float(row.value), row.year, row.source) for row in rows]
