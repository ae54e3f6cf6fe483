"""CSAT from sums: what the customers who answered said."""

from dataclasses import dataclass, replace
from decimal import Decimal

from insights.stats.numbers import wilson
from insights.stats.refusals import Refusal, too_few


@dataclass(frozen=True)
class CsatSums:
    """Sums over the answers that count; `asked` is None where nothing says who was asked."""

    answers: int
    score: Decimal
    scale_max: Decimal
    satisfied: int
    asked: int | None = None


@dataclass(frozen=True)
class Csat:
    """Satisfaction of those who answered: `percent_of_max` 0..100, the shares 0..1; None when refused."""

    answers: int
    asked: int | None
    response_rate: float | None
    percent_of_max: float | None = None
    satisfied: int = 0
    satisfied_share: float | None = None
    satisfied_low: float | None = None
    satisfied_high: float | None = None
    refused: Refusal | None = None


def csat(sums: CsatSums, min_answers: int = 10) -> Csat:
    """CSAT from sums; under `min_answers` answers only the counts are given."""
    rate = sums.answers / sums.asked if sums.asked else None
    counts = Csat(sums.answers, sums.asked, rate, satisfied=sums.satisfied)
    if sums.answers < max(1, min_answers):
        return replace(counts, refused=too_few(sums.answers, min_answers, "answers", "a number"))
    share = sums.satisfied / sums.answers
    low, high = wilson(share, sums.answers)
    percent = float(sums.score) / float(sums.scale_max) * 100
    return replace(
        counts, percent_of_max=percent, satisfied_share=share, satisfied_low=low, satisfied_high=high
    )
