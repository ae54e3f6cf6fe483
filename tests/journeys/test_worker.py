"""A real Celery worker on the outbox: asked by API, killed in the middle, finished once by another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from coaching.models import Assignment, CoachingRule
from jobs.models import Job
from jobs.services import ring
from tests.insights.rows import Rows
from tests.world import ApiClient, Place, World

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (
    *(sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency=1", "--pool=prefork"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=warning"),
)
FIRST, SECOND = date(2026, 4, 6), date(2026, 4, 13)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def database_url() -> str:
    """The test database, as the tests reach it."""
    found = connection.settings_dict
    place = {"host": found["HOST"], "port": found["PORT"], **found["OPTIONS"]}
    query = urlencode({name: value for name, value in place.items() if isinstance(value, str) and value})
    return f"postgresql://{found['USER']}:{quote(found['PASSWORD'] or '')}@/{found['NAME']}?{query}"


def environment() -> dict[str, str]:
    """As in production, on the database and the broker of this test run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    urls = {
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "BROKER_URL": settings.BROKER_URL,
    }
    return kept | urls | {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": settings.SECRET_KEY}


def send(worker: subprocess.Popen[bytes], what: signal.Signals) -> None:
    """A signal to the worker and its child."""
    os.killpg(worker.pid, what)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """kill -9, as the kernel does it when memory is short."""
    if worker.poll() is None:
        send(worker, signal.SIGKILL)
        worker.wait(timeout=10)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts workers, and leaves none behind."""
    started: list[subprocess.Popen[bytes]] = []

    def one() -> subprocess.Popen[bytes]:
        with open(tmp_path / f"worker{len(started)}.log", "wb") as log:
            started.append(
                subprocess.Popen(
                    COMMAND, cwd=ROOT, env=environment(), stdout=log, stderr=log, start_new_session=True
                )
            )
        return started[-1]

    yield one
    for worker in started:
        kill(worker)


@pytest.fixture
def ours(world: World) -> Place:
    """Eva's and Bo's whole work of two weeks scored 10; an active rule finds that too low."""
    rows = Rows(world["ours"])
    Assignment.objects.all().delete()
    CoachingRule.objects.filter(workspace=world["theirs"].workspace).delete()
    CoachingRule.objects.update(cooldown_days=0)
    team = rows.place.rows["team"]
    for week, name in ((FIRST, "Eva"), (SECOND, "Bo")):
        draw = rows.draw(rows.place.rows["plan"], week)
        rows.stratum(draw, rows.agent(name, team), team, [10] * 5, frame=5)
    return rows.place


def wait_for(found: Callable[[], Any], seconds: float = 60) -> Any:
    """What the function answers, once it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.25)
    raise AssertionError(f"still waiting after {seconds} s")


def is_done(api: ApiClient, job_id: int) -> bool:
    """Asked as a client asks; the bell is rung again, as the sweeper does."""
    if api.get(f"jobs/{job_id}/").json()["state"] == "done":
        return True
    ring([job_id])
    return False


def ask(api: ApiClient, week: date) -> dict[str, Any]:
    body = {"period": "week", "period_start": week.isoformat()}
    accepted = api.post("coaching/proposals/run", body)
    assert accepted.status_code == 202
    return dict(accepted.json())


@contextmanager
def held_up() -> Iterator[None]:
    """While this lasts nobody can insert an assignment: a run gets as far as that, and waits."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("lock table coaching_assignment in share mode")
            yield
    finally:
        other.close()


def is_waiting(job_id: int) -> bool:
    """Whether the worker has got as far as inserting; if not, the bell is rung again."""
    ring([job_id])
    return is_held_up()


def is_held_up() -> bool:
    """Whether a statement on assignments stands before a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock' and query ilike '%%coaching_assignment%%'"
        )
        return bool(cursor.fetchone()[0])


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(
    ours: Place, start: Callable[[], subprocess.Popen[bytes]]
) -> None:
    api, one, other = ApiClient(ours, "manager"), start(), start()
    first = ask(api, FIRST)
    wait_for(lambda: is_done(api, first["job"]["id"]))
    assert api.get(f"coaching/runs/{first['run']['id']}/").json()["proposed_count"] == 1

    send(other, signal.SIGSTOP)
    with held_up():
        second = ask(api, SECOND)
        wait_for(lambda: is_waiting(second["job"]["id"]))
        kill(one)
    job = Job.objects.get(pk=second["job"]["id"])
    assert (job.state, job.attempts) == ("running", 1)
    wait_for(lambda: not is_held_up())

    lapsed = Now() - timedelta(seconds=1)
    wait_for(lambda: Job.objects.filter(pk=job.pk).update(lease_until=lapsed))
    send(other, signal.SIGCONT)
    wait_for(lambda: is_done(api, job.pk))
    run = api.get(f"coaching/runs/{second['run']['id']}/").json()
    assert (run["state"], run["proposed_count"]) == ("done", 1)
    assert Assignment.objects.filter(workspace=ours.workspace).count() == 2
    job.refresh_from_db()
    assert job.attempts == 2
