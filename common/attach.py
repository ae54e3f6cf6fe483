"""Rows just written, kept as if they had been read: whoever shows them next asks the database nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model

_CACHE = "_prefetched_objects_cache"  # where Django itself keeps what prefetch_related has read


def attach(row: Model, name: str, related: Sequence[Model]) -> None:
    """`row.<name>.all()` gives these rows from now on, as after prefetch_related."""
    manager: Any = getattr(row, name)
    queryset = manager.get_queryset()
    queryset._result_cache, queryset._prefetch_done = list(related), True
    vars(row).setdefault(_CACHE, {})[name] = queryset


def is_attached(row: Model, name: str) -> bool:
    """Whether `row.<name>.all()` needs no query."""
    return name in vars(row).get(_CACHE, {})
