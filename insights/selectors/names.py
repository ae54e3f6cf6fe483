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
from insights.query import PART_DIMS, Dim, Key
from scorecards.models import Scorecard, ScorecardVersion


@dataclass(frozen=True, slots=True)
class Names:
    """Rows by dimension and id; `categories` and `groups` are names by "<scorecard id>:<key>"."""

    dims: Sequence[Dim]
    rows: Mapping[Dim, Mapping[Any, Any]]
    categories: Mapping[str, str]
    groups: Mapping[str, str]

    def json(self, key: Key) -> dict[str, Any]:
        """The key as the API writes it, one entry a dimension; categories and groups come with their
        scorecard."""
        found: dict[str, Any] = {}
        for dim, value in zip(self.dims, key, strict=True):
            if dim in PART_DIMS:
                scorecard, _, part = value.partition(":")
                found["scorecard"] = ref_json(self.rows["scorecard"].get(int(scorecard)))
                found |= {dim: part, f"{dim}_name": self._part(dim, value)}
            elif dim in ("channel", "topic"):
                found[dim] = value
            else:
                found[dim] = ref_json(self.rows[dim].get(value))
        return found

    def order(self, key: Key) -> tuple[str, ...]:
        """Sorts keys by what people read, nameless last."""
        words = (self.word(dim, value) for dim, value in zip(self.dims, key, strict=True))
        return tuple(word.casefold() or "\U0010ffff" for word in words)

    def word(self, dim: Dim, value: Any) -> str:
        """What people read; empty for what has no name."""
        if dim in PART_DIMS:
            return self._part(dim, value)
        if dim in ("channel", "topic"):
            return str(value)
        row = self.rows[dim].get(value)
        return f"{row}" if row else ""

    def _part(self, dim: Dim, value: str) -> str:
        """The name of a category or group, else its key."""
        names = self.categories if dim == "category" else self.groups
        return names.get(value, value.partition(":")[2])


def teams_in_scope(actor: Actor) -> QuerySet[Team]:
    """The teams whose numbers the actor may ask for, by name; those outside a lead's scope do not exist."""
    rows = accounts.teams(actor).order_by("name")
    scope = actor.scope(Capability.NUMBERS_READ_ALL)
    if scope is None or not actor.can(Capability.NUMBERS_READ_ALL):
        return rows
    return rows.filter(pk__in=scope)


def names_of(actor: Actor, dims: Sequence[Dim], keys: Iterable[Key]) -> Names:
    """The names behind the keys of an answer the actor may see. One query a dimension that has rows, two for
    categories and groups.

    Rows that the actor could not list are named as well: an agent who left a lead's team keeps his name in
    that team's past.
    """
    columns = list(zip(*keys, strict=True)) or [()] * len(dims)
    ids = {
        dim: {value for value in column if value is not None}
        for dim, column in zip(dims, columns, strict=True)
    }
    parts = {value for dim in PART_DIMS for value in ids.get(dim, ())}
    if parts:
        split = {int(value.partition(":")[0]) for value in parts}
        ids["scorecard"] = ids.get("scorecard", set()) | split
    sources: dict[Dim, QuerySet[Any]] = {
        "agent": Agent.objects.in_workspace(actor.workspace_id),
        "team": Team.objects.in_workspace(actor.workspace_id),
        "reviewer": Member.objects.in_workspace(actor.workspace_id),
        "scorecard": Scorecard.objects.in_workspace(actor.workspace_id),
    }
    rows = {dim: rows.in_bulk(sorted(ids[dim])) for dim, rows in sources.items() if dim in ids}
    versions = _versions(actor, ids["scorecard"]) if parts else []
    return Names(dims, rows, _categories(versions), _groups(versions))


def _versions(actor: Actor, scorecards: set[int]) -> list[ScorecardVersion]:
    """Oldest first, so that what the newest calls something is what it is called. One query."""
    rows = ScorecardVersion.objects.in_workspace(actor.workspace_id).filter(scorecard_id__in=scorecards)
    return list(rows.order_by("number"))


def _categories(versions: Sequence[ScorecardVersion]) -> dict[str, str]:
    return {
        f"{version.scorecard_id}:{category['key']}": category["name"]
        for version in versions
        for group in version.definition["groups"]
        for category in group["categories"]
    }


def _groups(versions: Sequence[ScorecardVersion]) -> dict[str, str]:
    return {
        f"{version.scorecard_id}:{group['key']}": group["name"]
        for version in versions
        for group in version.definition["groups"]
    }
