"""Tables of a page that are sorted by their heads and shown in parts, where the rows are made at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.http import QueryDict

R = TypeVar("R")
SHOWN = 50
Keys = Mapping[str, Callable[[Any], Any]]


def address(query: QueryDict, **changes: str | int | None) -> str:
    """This page's address with other parameters; None takes one away."""
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = str(value)
    return f"?{changed.urlencode()}"


def ordered(rows: Sequence[R], sort: str, keys: Keys) -> list[R]:
    """By one column ("-" turns it round), unknown last in either direction; as they came without one."""
    value = keys.get(sort.lstrip("-"))
    if value is None:
        return list(rows)
    known = [row for row in rows if value(row) is not None]
    known.sort(key=value, reverse=sort.startswith("-"))
    return known + [row for row in rows if value(row) is None]


def heads(query: QueryDict, sort: str, labels: Mapping[str, Any], numbers: Keys) -> list[dict[str, Any]]:
    """The heads of the table, each with the address that sorts by it; numbers the largest first."""
    found = []
    for key, label in labels.items():
        first, other = (f"-{key}", key) if key in numbers else (key, f"-{key}")
        url = address(query, sort=other if sort == first else first, page=None)
        state = {key: "ascending", f"-{key}": "descending"}.get(sort)
        found.append({"label": label, "url": url, "state": state, "number": key in numbers})
    return found


def part(query: QueryDict, rows: Sequence[R], shown: int = SHOWN) -> dict[str, Any]:
    """The rows of the page that the address names, with the addresses of its neighbours."""
    asked = query.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    last = max(1, -(-len(rows) // shown))
    number = min(max(number, 1), last)
    return {
        "rows": rows[(number - 1) * shown : number * shown],
        "previous_url": address(query, page=number - 1) if number > 1 else None,
        "next_url": address(query, page=number + 1) if number < last else None,
        "number": number,
        "last": last,
    }
