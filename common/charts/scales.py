"""Axes: round ends and ticks, and the plane that turns values into places."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Limits = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Plane:
    """Maps positions and values into a drawing of `width` by `height` with the given margins.

    `low` and `high` are the ends of the value axis, `count` is the number of positions across.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    count: int = 1

    @property
    def edge(self) -> float:
        """Where the plot ends and the right margin starts."""
        return self.width - self.right

    @property
    def floor(self) -> float:
        return self.height - self.bottom

    def x(self, index: int) -> float:
        """Horizontal place of a position; a lone one stands in the middle."""
        return self.left + (self.edge - self.left) * (index / (self.count - 1) if self.count > 1 else 0.5)

    def y(self, value: float) -> float:
        """Vertical place of a value."""
        return self.floor - (self.floor - self.top) * self._share(value)

    def across(self, value: float) -> float:
        """Horizontal place of a value, where the value axis lies flat."""
        return self.left + (self.edge - self.left) * self._share(value)

    def _share(self, value: float) -> float:
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def bounds(values: Iterable[float | None], limits: Limits) -> tuple[float, float]:
    """Round ends of an axis around the known values, inside the limits (None: free).

    At least a tenth of the limits is shown, so that small movements do not look large.
    """
    known = [value for value in values if value is not None]
    if not known:
        return limits or (0.0, 1.0)
    scale = limits[1] - limits[0] if limits else abs(max(known, key=abs)) or 1.0
    room = max((max(known) - min(known)) * 0.06, scale * 0.05)
    low, high = min(known) - room, max(known) + room
    step = round_step(high - low, 5)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    if limits is None:
        return low, high
    low, high = max(low, limits[0]), min(high, limits[1])
    return (low, high) if low < high else limits


def round_step(span: float, count: int) -> float:
    """The smallest step of 1, 2, 2.5 or 5 times a power of ten that gives at most `count` parts."""
    power: float = 10.0 ** math.floor(math.log10(span / count))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10, 20) if span / (power * factor) <= count)


def ticks(low: float, high: float, count: int) -> Iterator[float]:
    """Round values from low to high, at most `count` steps apart."""
    step = round_step(high - low, count)
    tick = math.ceil(low / step - 1e-9)
    while tick * step <= high + step * 1e-9:
        yield round(tick * step, 9)
        tick += 1


def runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Unbroken stretches of known values, as (position, value)."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate(values):
        if value is not None:
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run
