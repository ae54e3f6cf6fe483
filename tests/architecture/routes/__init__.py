"""Who may call which route: one module an app, each with ROUTES. A route that no table names fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PEOPLE = ("admin", "manager", "lead", "other_lead", "reviewer", "second_reviewer", "agent", "other_agent")
EVERYBODY = " ".join(PEOPLE)
PLANNERS = "admin manager lead other_lead"
GRADERS = f"{PLANNERS} reviewer second_reviewer"


@dataclass(frozen=True)
class Route:
    """`allowed`: get through (no 401, 403, 404); `hidden`: 404, the row is invisible; everybody else: 403.

    `rows` names, per URL argument, the row of tests/world.py whose id stands there; `fixed` are arguments
    that are no rows; `body` is sent with methods that write (a body that is refused with 422 or 409 still
    got through)."""

    allowed: str
    hidden: str = ""
    rows: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    fixed: Mapping[str, str] = field(default_factory=dict)

    def expected(self, person: str) -> str:
        if person in self.allowed.split():
            return "through"
        return "404" if person in self.hidden.split() else "403"


Routes = dict[tuple[str, str], Route]
"""(route name, method) -> Route."""
