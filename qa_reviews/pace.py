"""How far a draw has come: what is done of it, what a range still needs, how fast it goes, when it ends.

Pure and exact. What cannot be known yet is None, never zero. Completion is that of the estimates
(`sampling.completion`), so that the lead's board and the numbers never disagree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from qa_reviews import sampling

PACE_DAYS = 7
"""Days, today included, over which the pace is taken."""
FORESEEN = timedelta(days=3660)
"""Nobody plans by an end that lies further ahead: it is unknown."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was drawn and what became of it, in conversations; a second look at one adds nothing.

    `drawn` counts replacements as well as the items they replace, `not_reviewable` what was set aside or was
    reviewed without a score, `done` what was reviewed with one. They add up.
    """

    frame: int = 0
    drawn: int = 0
    not_reviewable: int = 0
    done: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.frame + other.frame,
            self.drawn + other.drawn,
            self.not_reviewable + other.not_reviewable,
            self.done + other.done,
        )

    @property
    def expected(self) -> int:
        """How many there are to review in all."""
        return max(0, self.drawn - self.not_reviewable)

    @property
    def completion(self) -> float | None:
        """The done share of the expected, 0 to 1; None where nothing can be reviewed."""
        return sampling.completion(self.done, self.drawn, self.not_reviewable)

    def more(self, needed: Decimal) -> int | None:
        """How many more reviews until `needed` (0 to 1) of the expected are done, 0 from then on; None where
        nothing can be reviewed."""
        if not self.expected:
            return None
        return max(0, math.ceil(Fraction(needed) * self.expected) - self.done)

    def reaches(self, needed: Decimal) -> bool:
        """Whether what is done is enough for a range, as far as completion decides. Nothing to review stands
        in no range's way."""
        return not self.more(needed)


@dataclass(frozen=True, slots=True)
class Pace:
    """`reviews` submitted in the last `days` days."""

    reviews: int
    days: int

    @property
    def per_day(self) -> Fraction | None:
        """Reviews a day; None while there was none to tell by."""
        return Fraction(self.reviews, self.days) if self.reviews and self.days else None

    def finish(self, remaining: int, today: date) -> date | None:
        """The day on which the last of the remaining will be done at this pace; today for none. None without
        a pace, or further ahead than anybody plans."""
        if remaining <= 0:
            return today
        per_day = self.per_day
        if per_day is None:
            return None
        left = timedelta(days=min(math.ceil(remaining / per_day), FORESEEN.days + 1))
        return today + left if left <= FORESEEN else None


def pace_days(drawn_on: date, today: date) -> int:
    """Over how many days to take the pace: the last seven, or as many as there were since the draw."""
    return max(1, min(PACE_DAYS, (today - drawn_on).days + 1))


def pace_from(today: date, days: int) -> date:
    """The first of so many days up to today."""
    return today - timedelta(days=days - 1)
