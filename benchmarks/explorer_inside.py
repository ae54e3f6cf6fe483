"""What benchmarks/explorer.py measures, run inside Django against the scratch database."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.test import Client

from accounts.models import User
from benchmarks.explorer_rows import seed
from conversations.models import Conversation

BAR, REQUESTS, WARM = 150.0, 40, 3
LIST = "/w/bench/conversations/"
# Who asks, and for what. Words: the r-th most frequent has the number r.
QUERIES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "first page": ("manager", {}),
    "an agent": ("manager", {"agent": "{agent}"}),
    "a team, unhappy customers": ("manager", {"team": "{team}", "csat_max": "2"}),
    "channel, language, a month": (
        "manager",
        {"channel": "phone", "language": "de", "closed_from": "2026-03-01", "closed_to": "2026-03-31"},
    ),
    "a rare tag": ("manager", {"tag": "tag 480"}),
    "topic, not reviewed": ("manager", {"topic": "topic 9", "reviewed": "false"}),
    "reviewed, a frequent tag": ("manager", {"reviewed": "true", "tag": "tag 2"}),
    "reviewed, a rare topic": ("manager", {"reviewed": "true", "topic": "topic 190"}),
    "long silence, waited at the end": ("manager", {"silence_min": "20000", "waited_at_end": "true"}),
    "an attribute, many messages": ("manager", {"attribute.plan": "enterprise", "messages_min": "30"}),
    "new agents": ("manager", {"tenure_max": "30"}),
    "a lead of three teams": ("lead", {}),
    "most messages first": ("manager", {"order": "-messages"}),
    "unhappiest first": ("manager", {"order": "csat"}),
    "slowest first, a channel": ("manager", {"order": "-first_response", "channel": "social"}),
    "nothing matches": ("manager", {"channel": "sms"}),
    "text: the most frequent word": ("manager", {"q": "word1"}),
    "text: a frequent word": ("manager", {"q": "word60"}),
    "text: a middling word": ("manager", {"q": "word900"}),
    "text: a rare word": ("manager", {"q": "word41235"}),
    "text: two words": ("manager", {"q": "word15 word170"}),
    "text: a frequent word, a lead": ("lead", {"q": "word60"}),
    "text: a rare word, unhappy customers": ("manager", {"q": "word12000", "csat_max": "2"}),
}


def main() -> None:
    started = time.perf_counter()
    people = dict(zip(("manager", "lead"), seed(os.environ["DATABASE_OWNER_URL"]), strict=True))
    print(f"{Conversation.objects.count():,} conversations in {time.perf_counter() - started:.0f} s")
    sys.exit(measure(people))


def measure(people: Mapping[str, User]) -> int:
    """Each query's p95; 1 when one is above the bar."""
    clients = {name: Client(SERVER_NAME="localhost") for name in people}
    for name, client in clients.items():
        client.force_login(people[name])
    worst = 0.0
    for label, (person, query) in QUERIES.items():
        asked = {name: value.format(**_ids()) for name, value in query.items()}
        times, rows = _times(lambda: clients[person].get(LIST, asked))  # noqa: B023
        p95 = times[int(len(times) * 0.95)]
        print(
            f"{label:<38} {rows:>3} rows  median {times[len(times) // 2]:6.1f}  p95 {p95:6.1f} ms", flush=True
        )
        worst = max(worst, p95)
    print(f"the slowest {worst:.1f} ms (bar {BAR:.0f} ms)")
    return int(worst > BAR)


def _ids() -> dict[str, int]:
    """An agent of middling fame, and a team."""
    found = Conversation.objects.filter(external_id="500123").values("agent_id", "team_id").get()
    return {"agent": found["agent_id"], "team": found["team_id"]}


def _times(request: Callable[[], Any]) -> tuple[list[float], int]:
    """Milliseconds of each request, in order of length, and how many rows it shows."""
    for _ in range(WARM):
        response = request()
        assert response.status_code == 200, response.content[:300]
    times = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        response = request()
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times), response.content.count(b"row-link")
