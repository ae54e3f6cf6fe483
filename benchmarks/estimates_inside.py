"""What benchmarks/estimates.py measures, run inside Django against the scratch database."""

from __future__ import annotations

import os
import sys
import time
from datetime import date

import psycopg

from accounts.access import Actor
from accounts.models import Workspace
from benchmarks.iqs_inside import median
from benchmarks.iqs_rows import Size, seed
from common.periods import Period
from insights import selectors
from insights.query import Query

BAR = 1_000.0  # milliseconds
YEAR = Period(date(2025, 1, 6), date(2026, 1, 4))
SIZE = Size(
    agents=500,
    teams=25,
    reviews=int(os.environ.get("REVIEWS", "34000")),
    conversations=int(os.environ.get("FRAME", "1000000")),
)

# Every review rates eight categories.
RATED = """
insert into qa_reviews_grading (workspace_id, review_id, number, version_id, groups, failed_by, tags, answers)
    select workspace_id, id, 1, version_id, '[]', '{}', '[]', '{}' from qa_reviews_review;

insert into qa_reviews_rating (workspace_id, grading_id, category, state, option, score)
    select workspace_id, id, 'category-' || c, 'rated', '1', id * (c + 7) % 5 * 25
    from qa_reviews_grading, generate_series(1, 8) c;

vacuum analyze
"""


def main() -> None:
    started = time.perf_counter()
    owner = os.environ["DATABASE_OWNER_URL"]
    seed(owner, SIZE)
    with psycopg.connect(owner, autocommit=True) as connection:
        for statement in RATED.split(";\n\n"):
            connection.execute(statement)
    print(f"seeded in {time.perf_counter() - started:.0f} s")
    actor = Actor.system(Workspace.objects.get())
    by_agent = median(lambda: selectors.iqs(actor, Query(YEAR).by("agent")))
    by_category = median(lambda: selectors.iqs(actor, Query(YEAR).by("agent", "category")))
    found = selectors.iqs(actor, Query(YEAR).by("agent"))
    print(f"{len(found)} agents, {sum(row.estimate.low is not None for row in found)} with a range")
    print(f"by agent {by_agent:.0f} ms (bar {BAR:.0f}), by agent and category {by_category:.0f} ms")
    sys.exit(0 if by_agent <= BAR else 1)
