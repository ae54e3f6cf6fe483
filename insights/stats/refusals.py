"""Why a number is not given, in words, and the minimums from which on numbers are given."""

from dataclasses import dataclass
from datetime import date

from insights.stats.numbers import percent
from qa_reviews.sampling import Band


@dataclass(frozen=True)
class Refusal:
    """Why a number is not given: a code for programs, a sentence for people."""

    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True)
class Minimums:
    """From when on numbers are given; workspaces may set their own."""

    min_reviews: int = 5
    min_team_reviews: int = 10
    min_team_range_reviews: int = 30
    min_team_range_agents: int = 3
    min_completion: float = 0.8
    max_uncovered: float = 0.2
    max_half_width: float = 20.0


NO_WHOLE_DRAW = Refusal("no_whole_draw", "No draw of this plan lies wholly inside these dates.")
SPREAD_UNKNOWN = Refusal(
    "spread_unknown", "Too few reviews in the last 26 weeks to tell how much scores vary."
)
NO_RANGE_WITHOUT_SPREAD = Refusal(
    "no_spread", "All reviewed conversations scored the same, so nothing tells how far off this may be."
)
NOT_DEFINED_BY_REVIEWER = Refusal(
    "not_defined",
    "An IQS speaks of the work of agents; what a reviewer gave is shown as the average of reviewed.",
)


def not_yet(grouping: str) -> Refusal:
    """The refusal for a grouping, such as "category", that has no estimate so far."""
    return Refusal("not_yet", f"The IQS by {grouping} is not calculated yet; see the average of reviewed.")


def too_few(found: int, needed: int, of: str, wanted: str) -> Refusal:
    """Not enough `of` something ("reviews", "agents") to give what is `wanted` ("a number", "a range")."""
    return Refusal("too_few", f"Too few {of} so far to give {wanted}: {found} of {needed} {of}.")


def band_unreviewed(band: Band, period_start: date) -> Refusal:
    """A part of an agent's work of which nothing is known yet."""
    kind = "that need attention" if band == "risk" else "of the normal band"
    message = f"None of the conversations {kind} in the period from {period_start} on is reviewed yet."
    return Refusal("band_unreviewed", message)


def not_covered(share: float) -> Refusal:
    """A team of which too large a share 0..1 of the work is unknown."""
    message = f"{percent(share)} of the conversations belong to parts of the work without a single review."
    return Refusal("not_covered", message)


def incomplete(done: int, expected: int, needed: float) -> Refusal:
    """Too many drawn items are open for an honest range; `needed` is the share 0..1 that must be done."""
    seen = f"{done} of {expected} drawn conversations are reviewed so far"
    return Refusal("incomplete", f"Only {seen}; a range needs {percent(needed)} of them.")
