"""What benchmarks/claims.py measures, run inside Django against the scratch database."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing.synchronize import Barrier

from django.db import connection, connections

from accounts.access import Actor, Role
from accounts.models import Agent, AuditEvent, Member, MemberRole, Team, Workspace, WorkspaceSettings
from accounts.selectors import actors_of
from conversations.models import Conversation
from qa_reviews import sampling
from qa_reviews.models import Draw, PlanReviewer, QueueItem, SamplePlan, Stratum
from qa_reviews.services.queue import next_item
from scorecards.models import Scorecard

BAR, CLIENTS, ITEMS, AGENTS = 150.0, 50, 5000, 100
DAY, AT = date(2026, 3, 2), datetime(2026, 3, 3, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one client took: item ids, and the seconds that each claim took."""

    items: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    workspace, members = _rows()
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    connections.close_all()
    processes = os.cpu_count() or 1
    context = multiprocessing.get_context("fork")
    together = context.Barrier(processes)
    queue: multiprocessing.Queue[tuple[float, float, float, list[Taken]]] = context.Queue()
    for n in range(processes):
        own = members[n::processes]
        context.Process(target=_process, args=(workspace.pk, own, together, queue)).start()
    found = [queue.get() for _ in range(processes)]
    started, ended = min(each[0] for each in found), max(each[1] for each in found)
    worked = sum(each[2] for each in found)
    _report([taken for each in found for taken in each[3]], ended - started, worked, processes)


def _process(workspace_id: int, members: list[int], together: Barrier, queue: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    workspace = Workspace.objects.select_related("settings").get(pk=workspace_id)
    actors = list(actors_of(workspace, members).values())
    connections.close_all()
    with ThreadPoolExecutor(len(actors)) as pool:
        list(pool.map(_connect, actors))
        together.wait()
        started, worked = time.perf_counter(), time.process_time()
        taken = list(pool.map(_client, actors))
        ended = time.perf_counter()
    queue.put((started, ended, time.process_time() - worked, taken))


def _connect(actor: Actor) -> None:
    connection.ensure_connection()
    time.sleep(0.2)  # so that each thread gets one of them


def _client(actor: Actor) -> Taken:
    taken = Taken()
    while True:
        began = time.perf_counter()
        item = next_item(actor=actor)
        if item is None:
            connections.close_all()
            return taken
        taken.seconds.append(time.perf_counter() - began)
        taken.items.append(item.pk)
        _reviewed(item)


def _reviewed(item: QueueItem) -> None:
    """As far as the queue is concerned, in one bare statement: submitting is measured elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("update qa_reviews_queueitem set state = 'done' where id = %s", [item.pk])


def _report(clients: list[Taken], seconds: float, worked: float, processes: int) -> None:
    items = [pk for client in clients for pk in client.items]
    times = sorted(each for client in clients for each in client.seconds)
    done = QueueItem.objects.filter(state="done").count()
    audited = AuditEvent.objects.filter(action="queue.claimed").values("subject_id").distinct().count()
    rate = len(items) / seconds
    twice, lost = len(items) - len(set(items)), ITEMS - done
    print(f"{len(clients)} clients in {processes} processes took {len(items):,} of {ITEMS:,} items")
    print(f"{rate:.0f} claims a second (bar: {BAR:.0f}), {seconds:.1f} s in all")
    print(f"{twice} taken twice, {lost} lost, {audited:,} audited")
    print(
        f"a claim took {statistics.median(times) * 1000:.0f} ms in the middle, "
        f"{times[int(len(times) * 0.95)] * 1000:.0f} ms at the 95th percentile"
    )
    print(f"our own processor time: {worked / len(items) * 1000:.1f} ms a claim")
    print(f"by client: {min(len(c.items) for c in clients)} to {max(len(c.items) for c in clients)} items")
    sys.exit(int(rate < BAR or bool(twice or lost or audited != ITEMS)))


def _rows() -> tuple[Workspace, list[int]]:
    workspace = Workspace.objects.create(slug="bench", name="Bench", timezone="Europe/Berlin")
    WorkspaceSettings.objects.create(workspace=workspace)
    own = {"workspace": workspace}
    team = Team.objects.create(**own, name="Chat")
    members = Member.objects.bulk_create(Member(**own, name=f"Reviewer {n}") for n in range(CLIENTS))
    MemberRole.objects.bulk_create(MemberRole(**own, member=each, role=Role.REVIEWER) for each in members)
    agents = Agent.objects.bulk_create(
        Agent(**own, source="bench", external_id=f"a{n}", name=f"Agent {n}") for n in range(AGENTS)
    )
    plan = SamplePlan.objects.create(
        **own,
        name="Pool",
        scorecard=Scorecard.objects.create(**own, name="Support"),
        seed="bench",
        assignment=SamplePlan.Assignment.POOL,
    )
    PlanReviewer.objects.bulk_create(PlanReviewer(**own, plan=plan, member=each) for each in members)
    draw = Draw.objects.create(
        **own,
        plan=plan,
        period_start=DAY,
        period_end=DAY + timedelta(days=6),
        seed=sampling.draw_seed(plan.seed, plan.pk, DAY),
        rule="bench",
        frame_at=AT,
        terms={"assignment": "pool"},
        closed_total=ITEMS,
        frame_total=ITEMS,
        allowed_reviewers=[each.pk for each in members],
    )
    QueueItem.objects.bulk_create(_items(workspace, team, agents, draw), batch_size=1000)
    return workspace, [each.pk for each in members]


def _items(workspace: Workspace, team: Team, agents: list[Agent], draw: Draw) -> Iterator[QueueItem]:
    each = ITEMS // len(agents)
    for agent in agents:
        conversations = Conversation.objects.bulk_create(
            Conversation(
                workspace=workspace, source="bench", external_id=f"{agent.external_id}-{n}", status="closed",
                closed_at=AT, closed_on=DAY, agent=agent, most_active_agent=agent, team=team,
            )
            for n in range(each)
        )  # fmt: skip
        ids = [row.pk for row in conversations]
        stratum = Stratum.objects.create(
            workspace=workspace, draw=draw, agent=agent, team=team, band="normal", frame=each, drawn=each,
            frame_ids=ids,
        )  # fmt: skip
        for pk in ids:
            yield QueueItem(
                workspace=workspace, draw=draw, stratum=stratum, conversation_id=pk, agent=agent, team=team,
                band="normal", u=sampling.unit_hash(draw.seed, pk), probability=1.0,
                order_hash=sampling.order_hash(draw.seed, pk), due_on=DAY + timedelta(days=14),
            )  # fmt: skip
