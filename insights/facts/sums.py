"""One grouped statement over a slice, composed from fixed pieces; values always travel as parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from django.db import connection
from psycopg.sql import SQL, Composable

from insights.query import Dim, Key, Slice

Sums = dict[tuple[Key, int], tuple[Any, ...]]
"""(key, place of the bucket) -> measures."""

ALL = SQL("true")


def rows(statement: Composable, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the statement answers. One query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def grouped(
    asked: Slice,
    *,
    measures: Composable,
    source: Composable,
    columns: Mapping[Dim, Composable],
    day: Composable,
    where: Sequence[Composable],
    **params: Any,
) -> Sums:
    """`measures` of `source` by bucket and by the columns of the asked dimensions. One query."""
    keys = [
        SQL("width_bucket({}, %(starts)s::date[]) - 1").format(day),
        *(columns[dim] for dim in asked.dims),
    ]
    statement = SQL("select {keys}, {measures} from {source} where {where} group by {places}").format(
        keys=SQL(", ").join(keys),
        measures=measures,
        source=source,
        where=SQL(" and ").join(where),
        places=SQL(", ").join(SQL(place) for place in ("1", "2", "3")[: len(keys)]),
    )
    width = len(keys)
    found = rows(statement, _params(asked) | params)
    return {(tuple(row[1:width]), row[0]): tuple(row[width:]) for row in found}


def _params(asked: Slice) -> dict[str, Any]:
    return {
        "workspace": asked.workspace_id,
        "first": asked.period.first,
        "last": asked.period.last,
        "starts": list(asked.starts),
        "agents": list(asked.agents or ()),
        "teams": list(asked.teams or ()),
        "reviewer": asked.reviewer,
        "selections": list(asked.selections),
        "kinds": list(asked.kinds),
    }


def within(asked: Slice, table: LiteralString, day: Composable) -> list[Composable]:
    """The conditions on workspace, dates, agents and teams that every table of facts shares."""
    name = SQL(table) + SQL(".")
    found: list[Composable] = [
        name + SQL("workspace_id = %(workspace)s"),
        day + SQL(" between %(first)s and %(last)s"),
    ]
    if asked.agents is not None:
        found.append(name + SQL("agent_id = any(%(agents)s)"))
    if asked.teams is not None:
        found.append(name + SQL("team_id = any(%(teams)s)"))
    return found
