"""What benchmarks/workbench.py measures inside Django: rows, queries and server time of the page."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.access import Role
from accounts.models import Agent, Member, MemberRole, User, Workspace, WorkspaceSettings
from accounts.selectors import actor_for
from common.refs import Ref
from conversations.models import Conversation, Message
from qa_reviews.judgement import Judgement
from qa_reviews.services.opening import NewReview, create_review
from scorecards.models import Scorecard, ScorecardVersion

MESSAGES, CATEGORIES, ROUNDS = 200, 8, 30
QUERIES_BAR, TIME_BAR = 12, 60.0
STARTED = datetime(2026, 3, 2, 8, tzinfo=UTC)
SAID = (
    "Hello, I ordered a pair of boots last week and the parcel has still not arrived. Where is it?",
    "Thank you for writing to us. I am sorry for the wait; let me look into that for you right away.",
    "The order number is 4711-{n}, and I was promised delivery before the weekend.",
    "I have checked with the carrier: the parcel left the warehouse on Tuesday and waits at the depot {n}.",
)  # fmt: skip


def definition() -> dict[str, Any]:
    """Eight categories with rubrics and causes, in two groups."""
    options = [
        {
            "key": str(n),
            "label": label,
            "points": n,
            "description": f"{label}: what that means here.",
        }
        for n, label in enumerate(("Poor", "Fair", "Good", "Excellent"))
    ]
    causes = {
        "negative": ["Did not ask", "Wrong product", "Too slow"],
        "positive": ["Empathy"],
        "other": True,
    }
    rows = [
        {"key": f"c{n}", "name": f"Category {n}", "description": "Right, and complete?", "weight": "10",
         "options": options, "root_causes": causes}
        for n in range(CATEGORIES)
    ]  # fmt: skip
    half = CATEGORIES // 2
    return {
        "groups": [
            {"key": "customer", "name": "Customer facing", "categories": rows[:half]},
            {"key": "process", "name": "Process", "categories": rows[half:]},
        ]
    }


def rows() -> tuple[str, User]:
    """A reviewer, and the path of his draft about a conversation of 200 messages."""
    workspace = Workspace.objects.create(slug="bench", name="Bench", timezone="Europe/Berlin")
    WorkspaceSettings.objects.create(workspace=workspace)
    user = User.objects.create_user("reviewer@bench.example", "correct horse")
    member = Member.objects.create(workspace=workspace, user=user, name="Rita", email=user.email)
    MemberRole.objects.create(workspace=workspace, member=member, role=Role.REVIEWER)
    agent = Agent.objects.create(workspace=workspace, source="bench", external_id="a-1", name="Ana Silva")
    scorecard = Scorecard.objects.create(workspace=workspace, name="Support")
    ScorecardVersion.objects.create(
        workspace=workspace, scorecard=scorecard, number=1, state="published",
        published_at=STARTED, definition=definition(),
    )  # fmt: skip
    conversation = Conversation.objects.create(
        workspace=workspace, source="bench", external_id="1", subject="Where are my boots?", channel="chat",
        language="en", status="closed", closed_at=STARTED, closed_on=date(2026, 3, 2), agent=agent,
        most_active_agent=agent,
    )  # fmt: skip
    Message.objects.bulk_create(_message(conversation, agent, n) for n in range(MESSAGES))
    new = NewReview(conversation=Ref(id=conversation.pk), scorecard=Ref(id=scorecard.pk))
    review = create_review(actor=actor_for("bench", user=user), new=new, judgement=Judgement())
    return f"/w/bench/reviews/{review.pk}/edit/", user


def _message(conversation: Conversation, agent: Agent, n: int) -> Message:
    by_agent = n % 2 == 1
    text = SAID[n % 4].format(n=n)
    return Message(
        workspace_id=conversation.workspace_id, conversation=conversation, key=f"m{n}", position=n,
        author_type="agent" if by_agent else "customer", agent=agent if by_agent else None,
        author_name="Ana Silva" if by_agent else "Sam", text=text,
        html=f"<p>{text}</p>" if n % 3 == 0 else "", sent_at=STARTED + timedelta(minutes=n),
    )  # fmt: skip


def queries_of(work: Callable[[], Any]) -> int:
    """How many statements the work sends to the database."""
    sent = 0

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal sent
        sent += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    return sent


def main() -> None:
    path, user = rows()
    client = Client(SERVER_NAME="localhost", headers={"Accept-Encoding": "gzip"})
    client.force_login(user)
    assert client.get(path).status_code == 200
    sent = queries_of(lambda: client.get(path))
    times, busy = [], []
    for _ in range(ROUNDS):
        started, worked = time.perf_counter(), time.process_time()
        client.get(path)
        times.append((time.perf_counter() - started) * 1000)
        busy.append((time.process_time() - worked) * 1000)
    median = statistics.median(times)
    print(f"{sent} queries (bar: fewer than {QUERIES_BAR})")
    print(f"server time {median:.1f} ms at the median (bar {TIME_BAR:.0f} ms)", end=", ")
    print(f"{statistics.median(busy):.1f} ms of it the processor's")
    Path(os.environ["BENCH_OUT"]).write_text(f"{path} {client.cookies[settings.SESSION_COOKIE_NAME].value}")
    sys.exit(int(sent >= QUERIES_BAR or median >= TIME_BAR))
