"""The range of a share, and how numbers are written."""

import math
from decimal import ROUND_HALF_UP, Decimal

from qa_reviews.sampling import Z95


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 95 % Wilson range of a share 0..1 seen in `n` (effective) answers. Raises ValueError for n <= 0."""
    if n <= 0:
        raise ValueError("a range needs answers")
    z2 = Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def fixed4(number: float | Decimal | None) -> str | None:
    """A number as the API writes it: four decimals, halves up, "67.8571"; None stays None."""
    if number is None:
        return None
    return str(Decimal(str(number)).quantize(Decimal("0.0001"), ROUND_HALF_UP) + 0)


def percent(share: float) -> str:
    """A share 0..1 in words: "62 %"."""
    return f"{share * 100:.0f} %"
