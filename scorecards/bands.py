"""Words for scores: bands of a scorecard, highest first. Pure: no Django."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

Band = Mapping[str, str]
"""{"from": the lowest score of the band as decimal text, "label": its word}."""


def band_of(bands: Sequence[Band], score: Decimal | None) -> str:
    """The word for a stored score: that of the first band it reaches, empty where there is none."""
    if score is None:
        return ""
    return next((band["label"] for band in bands if score >= Decimal(band["from"])), "")
