"""One row among those that somebody sees."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from common.errors import Missing

T = TypeVar("T", bound=Model)


def row_or_missing(rows: QuerySet[T], pk: int) -> T:
    """The row of this id among those the actor sees, or Missing (404)."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Missing()
    return found
