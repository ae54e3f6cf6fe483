"""What the planner is asked, from the parameters of an address."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from common import params
from common.periods import Period

PARAMETERS = frozenset({"half_width", "plan", "from", "to"})
HALF_WIDTH = 5.0
NARROWEST, WIDEST = 0.5, 50.0


@dataclass(frozen=True, slots=True)
class Asked:
    """To +- how many points, of which plan (None: the headline's), in which dates (None: the last ones)."""

    half_width: float = HALF_WIDTH
    plan_id: int | None = None
    period: Period | None = None


def asked(query: QueryDict) -> Asked:
    """Raises Invalid for a value that is none of these."""
    plan = query.get("plan")
    half_width = params.number(query, "half_width", NARROWEST, WIDEST)
    return Asked(
        HALF_WIDTH if half_width is None else half_width,
        params.whole(plan, "plan") if plan else None,
        params.period(query),
    )
