"""Which function does a job, and which jobs the clock asks for. Filled when apps import their `tasks`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jobs.names import JobName


@dataclass(frozen=True, slots=True)
class More:
    """What a long job answers after one chunk: where it stands. It is called again until it answers None."""

    cursor: dict[str, Any]
    rows_done: int
    rows_total: int | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What a handler is told: its arguments and, for long jobs, where the last chunk ended."""

    job_id: int
    args: dict[str, Any]
    cursor: dict[str, Any]


Handler = Callable[[Work], More | None]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job without arguments that the clock asks for once in every slot of `every`."""

    name: JobName
    every: timedelta


handlers: dict[JobName, Handler] = {}
schedules: list[Schedule] = []


def handles(name: JobName, every: timedelta | None = None) -> Callable[[Handler], Handler]:
    """Register the one handler of a job; with `every`, the clock asks for it."""

    def register(handler: Handler) -> Handler:
        if handlers.setdefault(name, handler) is not handler:
            raise RuntimeError(f"{name} has two handlers")
        if every is not None:
            schedules.append(Schedule(name, every))
        return handler

    return register
