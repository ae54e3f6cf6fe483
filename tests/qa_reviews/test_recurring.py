"""Recurring draws: at the right time, once each, after downtime, by two schedulers and by a real worker."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from pathlib import Path
from threading import Barrier

import pytest
import time_machine
from django.db import connections
from django.test import Client

from jobs.models import Job
from jobs.names import JobName
from jobs.registry import schedules
from jobs.services import enqueue, ring, work
from notices.models import Notice
from qa_reviews.models import Draw, SamplePlan
from qa_reviews.selectors.cycles import workspaces_due
from qa_reviews.services.plans import change_plan, end_plan, pause_plan, resume_plan
from qa_reviews.services.recurring import announce_due, draw_due
from scorecards.models import ScorecardVersion
from tests.journeys.test_worker import COMMAND, ROOT, environment, kill, wait_for
from tests.qa_reviews.life import told
from tests.qa_reviews.samples import BERLIN, WEEK, conversations, plan
from tests.world import Place, World, build_place

MADE = "2026-04-08T12:00:00+02:00"  # a Wednesday
MONDAY_SIX = datetime(2026, 4, 13, 4, 0, tzinfo=UTC)  # six o'clock in Berlin


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def drawn(sample: SamplePlan) -> list[date]:
    return list(Draw.objects.filter(plan=sample).order_by("pk").values_list("period_start", flat=True))


def draw_at(place: Place, moment: datetime) -> int:
    with time_machine.travel(moment, tick=False):
        return draw_due(actor=place.system)


@pytest.fixture
def weekly(ours: Place) -> SamplePlan:
    conversations(ours, ours.rows["agent"], 8)
    with time_machine.travel(MADE, tick=False):
        return plan(ours, per_agent=3)


def test_a_plan_is_drawn_once_its_week_is_over_at_its_local_time(ours: Place, weekly: SamplePlan) -> None:
    assert weekly.automatic_from == WEEK
    assert draw_at(ours, MONDAY_SIX - timedelta(minutes=1)) == 0
    assert draw_at(ours, MONDAY_SIX) == 1
    assert draw_at(ours, MONDAY_SIX + timedelta(minutes=5)) == 0
    assert drawn(weekly) == [WEEK]
    draw = Draw.objects.get(plan=weekly)
    assert (draw.automatic, draw.created_by, draw.items.count()) == (True, None, 3)


def test_what_was_missed_is_caught_up_once_oldest_first(ours: Place, weekly: SamplePlan) -> None:
    weeks = [WEEK + timedelta(weeks=n) for n in range(12)]
    assert draw_at(ours, MONDAY_SIX + timedelta(weeks=11)) == 12
    assert drawn(weekly) == weeks
    assert draw_at(ours, MONDAY_SIX + timedelta(weeks=11, hours=1)) == 0


def test_a_period_drawn_by_hand_is_not_drawn_again(ours: Place, weekly: SamplePlan) -> None:
    SamplePlan.objects.filter(pk=weekly.pk).update(automatic=False)
    assert draw_at(ours, MONDAY_SIX) == 0
    SamplePlan.objects.filter(pk=weekly.pk).update(automatic=True)
    Draw.objects.create(
        workspace=ours.workspace,
        plan=weekly,
        period_start=WEEK,
        period_end=WEEK + timedelta(days=6),
        seed="",
        rule="",
        frame_at=MONDAY_SIX,
        terms={},
        closed_total=0,
        frame_total=0,
        allowed_reviewers=[],
    )
    assert draw_at(ours, MONDAY_SIX) == 0


def test_a_pause_is_not_caught_up(ours: Place, weekly: SamplePlan) -> None:
    manager = ours.actor("manager")
    pause_plan(actor=manager, plan_id=weekly.pk)
    assert draw_at(ours, MONDAY_SIX + timedelta(weeks=3)) == 0
    with time_machine.travel(MONDAY_SIX + timedelta(weeks=3, days=2), tick=False):
        resume_plan(actor=manager, plan_id=weekly.pk)
    assert draw_at(ours, MONDAY_SIX + timedelta(weeks=4)) == 1
    assert drawn(weekly) == [WEEK + timedelta(weeks=4)]


def test_an_ended_plan_is_never_drawn_again(ours: Place, weekly: SamplePlan) -> None:
    end_plan(actor=ours.actor("manager"), plan_id=weekly.pk)
    assert draw_at(ours, MONDAY_SIX + timedelta(weeks=3)) == 0


def test_a_new_rhythm_begins_with_the_period_that_runs(ours: Place, weekly: SamplePlan) -> None:
    with time_machine.travel(MONDAY_SIX + timedelta(weeks=1, days=2), tick=False):
        change_plan(actor=ours.actor("manager"), plan_id=weekly.pk, changes={"period": "month"})
    assert draw_at(ours, datetime(2026, 7, 1, 12, tzinfo=UTC)) == 3
    assert drawn(weekly) == [date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)]


def test_a_plan_that_cannot_be_drawn_stops_no_other(
    ours: Place, weekly: SamplePlan, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(MADE, tick=False):
        other = plan(ours, name="Other")
    SamplePlan.objects.filter(pk=weekly.pk).update(filter={"agent": "no list"})  # what no filter reads
    with caplog.at_level(logging.WARNING):
        assert draw_at(ours, MONDAY_SIX + timedelta(weeks=1)) == 2
    assert (drawn(weekly), drawn(other)) == ([], [WEEK, WEEK + timedelta(weeks=1)])
    said = [record.getMessage() for record in caplog.records]
    assert [line.startswith(f"plan {weekly.pk} is due") for line in said if "is due" in line] == [True]
    SamplePlan.objects.filter(pk=weekly.pk).update(filter={})
    assert draw_at(ours, MONDAY_SIX + timedelta(weeks=1)) == 2


def test_who_plans_is_told_once_why_a_plan_is_not_drawn(
    ours: Place, weekly: SamplePlan, browse: Callable[..., Client]
) -> None:
    ScorecardVersion.objects.filter(pk=ours.rows["version"].pk).update(
        state="archived", archived_at=MONDAY_SIX
    )
    for minutes in (0, 5):
        assert draw_at(ours, MONDAY_SIX + timedelta(minutes=minutes)) == 0
    assert told(ours, "plan.not_drawn") == {"admin", "manager"}  # a lead of one team does not plan it
    assert Notice.objects.filter(kind="plan.not_drawn").count() == 2
    inbox = browse("manager").get("/w/ours/inbox/").content.decode()
    assert "“Weekly sample” was due, and could not be drawn" in inbox
    assert "“Support” has no published version" in inbox
    with time_machine.travel(MONDAY_SIX + timedelta(minutes=9), tick=False):
        page = unescape(browse("manager").get(f"/w/ours/plans/{weekly.pk}/").content.decode())
    assert "change the plan's scorecard. Until then nothing is drawn." in page
    assert "is due since 13 Apr 2026, 06:00." in page
    assert "It will be drawn shortly." not in page
    SamplePlan.objects.filter(pk=weekly.pk).update(scorecard=None)
    assert draw_at(ours, MONDAY_SIX + timedelta(minutes=10)) == 1
    pause_plan(actor=ours.actor("manager"), plan_id=weekly.pk)
    assert Notice.objects.filter(kind="plan.not_drawn").count() == 2


def test_workspaces_are_asked_for_while_something_is_due(ours: Place, weekly: SamplePlan) -> None:
    asked = Job.objects.filter(name=JobName.DRAW_WORKSPACE)
    assert announce_due(job_id=1, now=MONDAY_SIX - timedelta(seconds=1)) == 0
    assert announce_due(job_id=1, now=MONDAY_SIX) == 1
    assert announce_due(job_id=1, now=MONDAY_SIX) == 1  # a doubled message
    assert [(each.args, each.workspace_id) for each in asked] == [({"workspace": "ours"}, ours.workspace.pk)]
    with time_machine.travel(MONDAY_SIX, tick=False):
        work(job_id=asked.get().pk)
    assert drawn(weekly) == [WEEK]
    assert asked.get().state == "done"
    assert announce_due(job_id=2, now=MONDAY_SIX) == 0


def test_looking_for_what_is_due_takes_two_queries(
    ours: Place, weekly: SamplePlan, django_assert_num_queries: Callable[[int], object]
) -> None:
    with time_machine.travel(MADE, tick=False):
        plan(ours, name="Other")
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        assert workspaces_due(MONDAY_SIX) == [ours.workspace]


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_draw_each_period_once() -> None:
    place = build_place("ours")
    conversations(place, place.rows["agent"], 8)
    with time_machine.travel(MADE, tick=False):
        samples = [plan(place, name=f"Plan {n}", per_agent=2) for n in range(3)]
    together = Barrier(4)

    def look(_n: int) -> int:
        together.wait()
        try:
            return draw_due(actor=place.system)
        finally:
            connections.close_all()

    with time_machine.travel(MONDAY_SIX + timedelta(weeks=2), tick=False), ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(look, range(4))) == 9
    for sample in samples:
        assert drawn(sample) == [WEEK + timedelta(weeks=n) for n in range(3)]
        assert sample.draws.get(period_start=WEEK).items.count() == 2


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts workers, and leaves none behind."""
    started: list[subprocess.Popen[bytes]] = []

    def one() -> subprocess.Popen[bytes]:
        with open(tmp_path / f"worker{len(started)}.log", "wb") as file:
            started.append(
                subprocess.Popen(
                    COMMAND, cwd=ROOT, env=environment(), stdout=file, stderr=file, start_new_session=True
                )
            )
        return started[-1]

    yield one
    for worker in started:
        kill(worker)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_draws_what_is_due(
    start: Callable[[], subprocess.Popen[bytes]],
) -> None:
    place = build_place("ours")
    sample = plan(place, draw_time=time(0))
    today = datetime.now(BERLIN).date()
    first = today - timedelta(days=today.weekday() + 14)
    conversations(place, place.rows["agent"], 8, day=first)
    SamplePlan.objects.filter(pk=sample.pk).update(automatic_from=first)
    start()
    for slot in range(2):  # the clock asks again while the first is still being worked on
        asked = enqueue(name=JobName.DRAW_DUE, key=f"draw due {slot}")

    def done() -> bool:
        """Rung for again, as the sweeper does."""
        waiting = Job.objects.filter(name__in=[JobName.DRAW_DUE, JobName.DRAW_WORKSPACE], state="queued")
        ring(waiting.values_list("pk", flat=True))
        asked.refresh_from_db()
        return asked.state == "done" and Draw.objects.filter(plan=sample).count() == 2

    wait_for(done, seconds=120)
    assert drawn(sample) == [first, first + timedelta(weeks=1)]
    assert Draw.objects.get(plan=sample, period_start=first).items.count() == 5
    assert not Job.objects.filter(name=JobName.DRAW_WORKSPACE, state="failed").exists()


def test_the_clock_looks_every_five_minutes() -> None:
    found = [schedule.every for schedule in schedules if schedule.name == JobName.DRAW_DUE]
    assert found == [timedelta(minutes=5)]
