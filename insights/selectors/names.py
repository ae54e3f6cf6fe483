"""What the ids of an answer are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts import selectors as accounts
from accounts.access import Actor, Capability
from accounts.models import Agent, Member, Team
from common.refs import ref_json
from insights.query import Dim, Key
from scorecards.models import Scorecard, ScorecardVersion


@dataclass(frozen=True, slots=True)
class Names:
    """Rows by dimension and id; `categories` are names by "<scorecard id>:<category key>"."""

    dims: Sequence[Dim]
    rows: Mapping[Dim, Mapping[Any, Any]]
    categories: Mapping[str, str]

    def json(self, key: Key) -> dict[str, Any]:
        """The key as the API writes it, one entry a dimension; a category comes with its scorecard."""
        found: dict[str, Any] = {}
        for dim, value in zip(self.dims, key, strict=True):
            if dim == "category":
                scorecard, _, category = value.partition(":")
                found["scorecard"] = ref_json(self.rows["scorecard"].get(int(scorecard)))
                found |= {"category": category, "category_name": self.categories.get(value, category)}
            elif dim in ("channel", "topic"):
                found[dim] = value
            else:
                found[dim] = ref_json(self.rows[dim].get(value))
        return found

    def order(self, key: Key) -> tuple[str, ...]:
        """Sorts keys by what people read, nameless last."""
        return tuple(self._word(dim, value) for dim, value in zip(self.dims, key, strict=True))

    def _word(self, dim: Dim, value: Any) -> str:
        if dim == "category":
            return self.categories.get(value, str(value)).casefold()
        if dim in ("channel", "topic"):
            return str(value)
        row = self.rows[dim].get(value)
        return f"{row}".casefold() if row else "\U0010ffff"


def teams_in_scope(actor: Actor) -> QuerySet[Team]:
    """The teams whose numbers the actor may ask for, by name; those outside a lead's scope do not exist."""
    rows = accounts.teams(actor).order_by("name")
    scope = actor.scope(Capability.NUMBERS_READ_ALL)
    if scope is None or not actor.can(Capability.NUMBERS_READ_ALL):
        return rows
    return rows.filter(pk__in=scope)


def names_of(actor: Actor, dims: Sequence[Dim], keys: Iterable[Key]) -> Names:
    """The names behind the keys of an answer the actor may see. One query a dimension that has rows, two for
    categories.

    Rows that the actor could not list are named as well: an agent who left a lead's team keeps his name in
    that team's past.
    """
    columns = list(zip(*keys, strict=True)) or [()] * len(dims)
    ids = {
        dim: {value for value in column if value is not None}
        for dim, column in zip(dims, columns, strict=True)
    }
    if "category" in ids:
        ids["scorecard"] = {int(value.partition(":")[0]) for value in ids["category"]}
    sources: dict[Dim, QuerySet[Any]] = {
        "agent": Agent.objects.in_workspace(actor.workspace_id),
        "team": Team.objects.in_workspace(actor.workspace_id),
        "reviewer": Member.objects.in_workspace(actor.workspace_id),
        "scorecard": Scorecard.objects.in_workspace(actor.workspace_id),
    }
    rows = {dim: rows.in_bulk(sorted(ids[dim])) for dim, rows in sources.items() if dim in ids}
    return Names(dims, rows, _categories(actor, ids["scorecard"]) if "category" in ids else {})


def _categories(actor: Actor, scorecards: set[int]) -> dict[str, str]:
    """Names of categories as the newest version that has them calls them. One query."""
    versions = ScorecardVersion.objects.in_workspace(actor.workspace_id).filter(scorecard_id__in=scorecards)
    return {
        f"{version.scorecard_id}:{category['key']}": category["name"]
        for version in versions.order_by("number")
        for group in version.definition["groups"]
        for category in group["categories"]
    }
