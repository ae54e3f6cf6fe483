"""What benchmarks/iqs.py measures, run inside Django against the scratch database."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from accounts.access import Capability
from accounts.models import WorkspaceSettings
from accounts.views_base import WorkspaceAPIView
from benchmarks.iqs_rows import KEY, Size, seed
from insights.api import IqsView

BAR, ROUNDS = 1.5, 15
QUESTIONS = {
    "agent x week, 12 weeks": {
        "group_by": "agent", "interval": "week", "from": "2025-10-06", "to": "2025-12-28",
    },
    "team x week, all time": {
        "group_by": "team", "interval": "week", "from": "2025-01-06", "to": "2026-01-04",
    },
}  # fmt: skip
MOST_STATEMENTS = 3  # that read facts; who asks, and by which plan, is found out before

Statement = tuple[str, Mapping[str, Any]]


class EmptyView(WorkspaceAPIView):
    """An API request that only finds out who asks."""

    capabilities = {"GET": Capability.NUMBERS_READ}

    def get(self, request: Request, slug: str) -> Response:
        return Response({})


def ask(view: type[WorkspaceAPIView], asked: Mapping[str, str]) -> Response:
    request = APIRequestFactory().get("/", asked, headers={"Authorization": f"Bearer {KEY}"})
    response: Response = view.as_view()(request, slug="bench").render()
    assert response.status_code == 200, response.content
    return response


def median(work: Callable[[], Any]) -> float:
    """Milliseconds, once warm."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def statements(asked: Mapping[str, str]) -> list[Statement]:
    """The facts that one request asks for; they alone arrive composed."""
    found: list[Statement] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not isinstance(sql, str):
            found.append((sql.as_string(connection.connection), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ask(IqsView, asked)
    return found


def bare(cursor: psycopg.Cursor[Any], asked: list[Statement]) -> int:
    """Runs the statements and fetches their rows."""
    return sum(len(cursor.execute(sql, params).fetchall()) for sql, params in asked)


def review_scans(cursor: psycopg.Cursor[Any], asked: list[Statement]) -> list[str]:
    """How PostgreSQL reads reviews."""
    plans = [cursor.execute("explain " + sql, params).fetchall() for sql, params in asked]
    lines = [line.strip(" ->") for plan in plans for (line,) in plan]
    return [line.split("  (")[0] for line in lines if "Scan" in line and "qa_reviews_review " in line]


def measured(name: str, asked: Mapping[str, str]) -> bool:
    """Prints what one question takes; whether it keeps the bars."""
    WorkspaceSettings.objects.update(peer_in_iqs=False)
    without_peers = statements(asked)
    WorkspaceSettings.objects.update(peer_in_iqs=True)
    sql = statements(asked)
    with psycopg.connect(os.environ["DATABASE_URL"], cursor_factory=psycopg.ClientCursor) as own:
        cursor = own.cursor()
        scans = review_scans(cursor, sql) + review_scans(cursor, without_peers)
        plain = median(lambda: bare(cursor, sql))
    request, empty = median(lambda: ask(IqsView, asked)), median(lambda: ask(EmptyView, asked))
    ratio = request / (plain + empty)
    print(name, *scans, sep="\n")
    print(f"request {request:.1f} ms, bare SQL {plain:.1f} ms, empty request {empty:.1f} ms")
    print(f"ratio {ratio:.2f} (bar {BAR}), {len(sql)} statements (bar {MOST_STATEMENTS})")
    covered = bool(scans) and all("Index Only Scan" in scan for scan in scans)
    ratings = any("qa_reviews_rating" in each for each, _ in sql)
    return ratio <= BAR and len(sql) <= MOST_STATEMENTS and covered and not ratings


def main() -> None:
    started = time.perf_counter()
    seed(os.environ["DATABASE_OWNER_URL"], Size(reviews=int(os.environ.get("REVIEWS", "520000"))))
    print(f"seeded in {time.perf_counter() - started:.0f} s")
    kept = [measured(name, asked) for name, asked in QUESTIONS.items()]
    sys.exit(0 if all(kept) else 1)
