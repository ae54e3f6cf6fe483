"""Rows that most tests begin with, built once and put back by one statement: building them anew each time
took a third of the suite's time.

The rows come back with the ids they were built with. Sequences never turn back, so rows of a test's own come
after them.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Max, Model

T = TypeVar("T")
NOT_OURS = {"auth", "contenttypes", "sessions", "admin", "pghistory"}


@dataclass
class Kept(Generic[T]):
    """What `build` made, as SQL and as the objects that name the rows."""

    build: Callable[[], T]
    sql: str = ""
    objects: bytes = b""

    def again(self) -> T:
        """The rows are in the database; the objects are a test's own."""
        if not self.objects:
            return self._first()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(self.sql)
        found: T = pickle.loads(self.objects)
        return found

    def _first(self) -> T:
        before = {model: _newest(model) for model in _models()}
        built = self.build()
        with connection.cursor() as cursor:
            self.sql = "".join(_insert(cursor, model, newest) for model, newest in before.items())
        self.objects = pickle.dumps(built)
        return built


def _models() -> list[type[Model]]:
    """Ours, but for the tables of events, which triggers fill."""
    found = apps.get_models(include_auto_created=True)
    ours = [model for model in found if model._meta.app_label not in NOT_OURS and not model._meta.proxy]
    return [model for model in ours if not hasattr(model, "pgh_tracked_model")]


def _newest(model: type[Model]) -> Any:
    return model._base_manager.aggregate(newest=Max("pk"))["newest"]


def _insert(cursor: Any, model: type[Model], newest: Any) -> str:
    """The statement that brings back the model's rows since `newest`; empty when there are none."""
    table, key = model._meta.db_table, model._meta.pk.column
    after = f'where "{key}" > {newest}' if isinstance(newest, int) else ""
    cursor.execute(f'select jsonb_agg(t)::text from (select * from "{table}" {after}) t')
    (rows,) = cursor.fetchone()
    if rows is None:
        return ""
    literal = rows.replace("'", "''")
    return f'insert into "{table}" select * from jsonb_populate_recordset(null::"{table}", \'{literal}\');\n'
