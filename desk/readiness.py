"""Whether this instance can do its work: what /readyz asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from jobs.registry import schedules
from jobs.services import last_tick

LATE = timedelta(minutes=2)  # a tick may be that late, on top of the shortest schedule
TROUBLE = (DatabaseError, RedisError, BrokerError, OSError)


def checks() -> dict[str, dict[str, Any]]:
    """Each part by name with `ok`, and `detail` where it is not."""
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "database": _database,
        "cache": _cache,
        "broker": _broker,
        "migrations": _migrations,
        "scheduler": _scheduler,
    }
    return {name: _asked(check) for name, check in parts.items()}


def _asked(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return check()
    except TROUBLE as error:
        return {"ok": False, "detail": type(error).__name__}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return {"ok": True}


def _cache() -> dict[str, Any]:
    cache.set("readyz", 1, timeout=10)
    return {"ok": cache.get("readyz") == 1}


def _broker() -> dict[str, Any]:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=1)
    return {"ok": True}


def _migrations() -> dict[str, Any]:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return {"ok": True} if not waiting else {"ok": False, "detail": f"{waiting} migrations wait"}


def _scheduler() -> dict[str, Any]:
    last = last_tick()
    if last is None:
        return {"ok": False, "age_seconds": None, "detail": "No schedule has rung yet"}
    age = timezone.now() - last
    longest = min((schedule.every for schedule in schedules), default=timedelta()) + LATE
    return {"ok": age <= longest, "age_seconds": int(age.total_seconds())}
