"""What a chart is made of: marks, series, and the words around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What a chart says around the numbers; pages give translated ones."""

    table: str = "Show the numbers"
    period: str = "Period"
    name: str = "Name"
    value: str = "Value"
    range: str = "95% range"
    count: str = "Reviews"
    counted: str = "{share} reviews"
    span: str = "{low} to {high}"
    share: str = "{n} of {frame}"
    target: str = "Target {value}"
    rough: str = "only roughly known"
    unknown: str = "no number"
    empty: str = "No numbers in this period yet"
    decimal: str = "."

    def number(self, value: float, decimals: int = 1) -> str:
        """The value with that many decimals, so that columns line up."""
        return f"{value:.{decimals}f}".replace(".", self.decimal)

    def short(self, value: float) -> str:
        """A round value, as on an axis, without needless decimals."""
        return f"{value:g}".replace(".", self.decimal)


ENGLISH = Words()


def known(value: float | None) -> float | None:
    """The value, or None where it is missing, not a number or infinite."""
    return float(value) if value is not None and math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Mark:
    """One number: of a period in a line, or of a row in an interval chart.

    `low` and `high` are its range, `n` the reviews behind it, `frame` the conversations it speaks of.
    `refused` holds the words shown in place of a number; `wide` says that the range is too wide to be sure
    and draws it in grey.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    frame: int | None = None
    wide: bool = False
    refused: str = ""
    url: str = ""

    @property
    def drawn(self) -> float | None:
        """The value to draw: None where it is unknown or refused."""
        return None if self.refused else known(self.value)

    @property
    def range(self) -> tuple[float, float] | None:
        low, high = known(self.low), known(self.high)
        return (low, high) if low is not None and high is not None and self.drawn is not None else None

    @property
    def extent(self) -> list[float | None]:
        """The numbers that an axis has to hold."""
        return [self.drawn, *(self.range or ())]

    def value_words(self, words: Words) -> str:
        if self.drawn is None:
            return self.refused or words.unknown
        return words.number(self.drawn)

    def range_words(self, words: Words, decimals: int = 1) -> str:
        if self.range is None:
            return ""
        low, high = (words.number(end, decimals) for end in self.range)
        return words.span.format(low=low, high=high)

    def count_words(self, words: Words) -> str:
        if self.n is None:
            return ""
        return str(self.n) if self.frame is None else words.share.format(n=self.n, frame=self.frame)

    def exact(self, words: Words, name: str = "") -> str:
        """Everything known about the mark in one line, as hover, focus and screen readers give it."""
        title = ", ".join(filter(None, (name, self.label)))
        span, share = self.range_words(words), self.count_words(words)
        parts = [f"{self.value_words(words)} ({span})" if span else self.value_words(words)]
        if self.wide and self.drawn is not None:
            parts.append(words.rough)
        if share and not self.refused:
            parts.append(words.counted.format(share=share))
        return f"{title}: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Series:
    """A named line; all series of a chart have the same periods."""

    name: str
    marks: Sequence[Mark]
    dashed: bool = False
