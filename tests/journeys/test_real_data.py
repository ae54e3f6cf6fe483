"""The main job on data nobody here wrote: surveys by a mapping, graded chats, then IQS, CSAT and coaching.

docs/guides/first-import.md walks the same way by hand. Expected numbers are computed here from the files.
"""

from __future__ import annotations

import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from statistics import fmean
from typing import Any

import pytest
from django.core.management import call_command

from accounts.access import Actor, Role
from accounts.services.keys import create_key
from desk.services.workspaces import open_workspace
from jobs.services import work
from qa_reviews.sampling import unit_hash
from tests.data_readers import (
    CHAT_FILES,
    COPIED_CHAT_FILE,
    SURVEY_MAPPING,
    ChatLabels,
    chat_labels,
    chat_payloads,
    data_path,
    ndjson,
    survey_payloads,
)
from tests.world import ApiClient, Place

MONTHS = ("2020-12-01", "2021-01-01", "2021-02-01")
PER_AGENT = 6
SCORECARD = {
    "groups": [
        {
            "key": "chat",
            "name": "Chat",
            "categories": [
                {"key": "task", "name": "Task success", "weight": "50", "scale": "5-point"},
                {"key": "interaction", "name": "Interaction at the end", "weight": "30", "scale": "5-point"},
                {"key": "politeness", "name": "Politeness", "weight": "20", "scale": "binary"},
            ],
        }
    ]
}


@pytest.fixture
def client(db: None) -> ApiClient:
    """A manager's key of an empty workspace."""
    workspace = open_workspace(
        slug="walk", name="First import", timezone="Asia/Kolkata", admin_email="admin@walk.example"
    ).workspace
    _, secret = create_key(actor=Actor.system(workspace), name="walk", role=Role.MANAGER)
    return ApiClient(Place(workspace, keys={"manager": secret}), "manager")


def import_surveys() -> dict[str, Any]:
    printed = io.StringIO()
    call_command(
        "import_conversations",
        data_path("shopzilla_csat/test.csv.gz"),
        workspace="walk",
        mapping=SURVEY_MAPPING,
        stdout=printed,
        stderr=io.StringIO(),
    )
    return dict(json.loads(printed.getvalue()))


def send(client: ApiClient, path: str, rows: Iterator[dict[str, Any]]) -> dict[str, Any]:
    response = client.post(path, ndjson(rows), content_type="application/x-ndjson")
    assert response.status_code == 200, response.content
    return dict(response.json())


def ratings_of(labels: ChatLabels) -> list[dict[str, Any]]:
    """The grader's labels as they stand in the file: a value off its scale is sent as it is."""

    def choose(category: str, value: float | None, shift: int = 0) -> dict[str, Any]:
        if value is None:
            return {"category": category, "na": True}
        return {"category": category, "option": str(int(value) + shift)}

    polite = [value for value in labels.politeness if value is not None]
    return [
        choose("task", labels.task_success),
        choose("interaction", labels.interaction[-1] if labels.interaction else None),
        choose("politeness", min(polite) if polite else None, shift=1),
    ]


def score_of(labels: ChatLabels) -> Decimal | None:
    """The same score by hand: five points to 0..100, weights 50, 30, 20, what is missing left out."""
    last = labels.interaction[-1] if labels.interaction else None
    polite = [value for value in labels.politeness if value is not None]
    parts = [
        (50, (labels.task_success - 1) * 25 if labels.task_success is not None else None),
        (30, (last - 1) * 25 if last is not None else None),
        (20, min(polite) * 100 if polite else None),
    ]
    rated = [(weight, Decimal(str(value))) for weight, value in parts if value is not None]
    weight = sum(weight for weight, _ in rated)
    return sum((weight * value for weight, value in rated), Decimal(0)) / weight if weight else None


def on_scale(labels: ChatLabels) -> bool:
    last = labels.interaction[-1] if labels.interaction else None
    return all(value is None or 1 <= value <= 5 for value in (labels.task_success, last))


def published_scorecard(client: ApiClient) -> int:
    made = client.post("scorecards/", {"name": "Chat quality", "definition": SCORECARD})
    assert made.status_code == 201, made.content
    scorecard = int(made.json()["id"])
    assert client.post(f"scorecards/{scorecard}/versions/1/publish").status_code == 200
    return scorecard


def drawn_items(client: ApiClient, scorecard: int) -> list[dict[str, Any]]:
    """A monthly plan over the chats, drawn for its three months; every draw proves itself."""
    plan = client.post(
        "sample-plans/",
        {
            "name": "Chats",
            "filter": {"source": ["chats"]},
            "period": "month",
            "per_agent": PER_AGENT,
            "scorecard": scorecard,
        },
    )
    assert plan.status_code == 201, plan.content
    items = []
    for month in MONTHS:
        made = client.post(f"sample-plans/{plan.json()['id']}/draws", {"period_start": month})
        assert made.status_code == 201, made.content
        draw = client.get(f"draws/{made.json()['id']}/").json()
        proof = client.get(f"draws/{draw['id']}/verify").json()
        assert (proof["matches"], proof["differences"]) == (True, [])
        assert all(i["u"] == unit_hash(draw["seed"], i["conversation"]["id"]) for i in draw["items"])
        items += draw["items"]
    return items


def review_rows(
    items: list[dict[str, Any]], scorecard: int, labels: dict[str, ChatLabels]
) -> Iterator[dict[str, Any]]:
    for item in items:
        chat = item["conversation"]["external_id"]
        yield {
            "source": "grader",
            "external_id": f"label {chat}",
            "conversation": {"source": "chats", "external_id": chat},
            "agent": {"external_id": item["agent"]["external_id"], "source": "surveys"},
            "reviewer": {"email": "grader@walk.example", "name": "The grader"},
            "scorecard": scorecard,
            "submitted_at": "2021-03-05T10:00:00+00:00",
            "ratings": ratings_of(labels[chat]),
            "comment": "",
            "kind": "standard",
            "queue_item": item["id"],
        }


def expected_iqs(items: list[dict[str, Any]], labels: dict[str, ChatLabels]) -> dict[str, tuple[float, int]]:
    """Agent -> (sum over months of N_h / N x mean of the reviewed, reviews), by the formula on paper."""
    chats = {p["external_id"]: p for p in chat_payloads((*CHAT_FILES, COPIED_CHAT_FILE))}
    frames = Counter((p["agent"]["external_id"], p["closed_at"][:7]) for p in chats.values())
    scores: dict[tuple[str, str], list[float]] = defaultdict(list)
    months = {chat: p["closed_at"][:7] for chat, p in chats.items()}
    for item in items:
        chat = item["conversation"]["external_id"]
        score = score_of(labels[chat])
        if on_scale(labels[chat]) and score is not None:
            scores[item["agent"]["external_id"], months[chat]].append(float(score))
    found: dict[str, tuple[float, int]] = {}
    for agent in {agent for agent, _ in frames}:
        mine = {
            month: frames[agent, month] for month in ("2020-12", "2021-01", "2021-02") if frames[agent, month]
        }
        if all(scores[agent, month] for month in mine):
            total = sum(mine.values())
            value = sum(count / total * fmean(scores[agent, month]) for month, count in mine.items())
            found[agent] = value, sum(len(scores[agent, month]) for month in mine)
    return found


def run_coaching(client: ApiClient, period_start: str) -> dict[str, Any]:
    asked = client.post("coaching/proposals/run", {"period": "month", "period_start": period_start})
    assert asked.status_code == 202, asked.content
    work(job_id=asked.json()["job"]["id"])
    assert client.get(f"jobs/{asked.json()['job']['id']}/").json()["state"] == "done"
    return dict(client.get(f"coaching/runs/{asked.json()['run']['id']}/").json())


def test_from_files_to_coaching(client: ApiClient) -> None:
    labels = {one.external_id: one for one in chat_labels((*CHAT_FILES, COPIED_CHAT_FILE))}

    summary = import_surveys()
    assert (summary["created"], summary["rejected_total"], summary["conflicts_total"]) == (17_182, 0, 0)
    again = import_surveys()
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 17_182)
    first = send(client, "conversations/import", chat_payloads())
    assert (first["created"], first["rejected_total"]) == (242, 0)
    copied = send(client, "conversations/import", chat_payloads((COPIED_CHAT_FILE,)))
    assert (copied["created"], copied["unchanged"]) == (4, 43)

    scorecard = published_scorecard(client)
    items = drawn_items(client, scorecard)
    rows = list(review_rows(items, scorecard, labels))
    brought = send(client, "reviews/import", iter(rows))
    off_scale = [i for i in items if not on_scale(labels[i["conversation"]["external_id"]])]
    assert brought["rejected_total"] == len(off_scale) > 0
    assert all(
        error["code"] == "unknown_option" for rejected in brought["rejected"] for error in rejected["errors"]
    )
    assert brought["created"] == len(items) - len(off_scale)

    check_iqs(client, items, labels)
    check_csat(client)
    check_response_times(client)
    check_coaching(client)


def check_iqs(client: ApiClient, items: list[dict[str, Any]], labels: dict[str, ChatLabels]) -> None:
    expected = expected_iqs(items, labels)
    answer = client.get("iqs/", {"group_by": "agent", "from": "2020-12-01", "to": "2021-02-28"}).json()
    shown = {row["agent"]["external_id"]: row["estimate"] for row in answer["results"]}
    given = {agent: e for agent, e in shown.items() if e["value"] is not None}
    assert len(given) >= 10
    for agent, estimate in given.items():
        value, reviews = expected[agent]
        assert float(estimate["value"]) == pytest.approx(value, abs=0.0001)
        assert estimate["reviews"] == reviews
    refused = {agent: e["refused"]["code"] for agent, e in shown.items() if e["value"] is None}
    assert set(refused.values()) <= {"too_few", "band_unreviewed", "spread_unknown"}
    weeks = client.get(
        "iqs/",
        {
            "group_by": "agent",
            "interval": "week",
            "from": "2020-12-01",
            "to": "2021-02-28",
            "date_axis": "closed",
        },
    ).json()["results"]
    assert sum(row["reviews"] for row in weeks) == sum(row["reviews"] for row in answer_on_closed(client))
    assert all(date.fromisoformat(row["period_start"]).weekday() == 0 for row in weeks)


def answer_on_closed(client: ApiClient) -> list[dict[str, Any]]:
    query = {"group_by": "agent", "from": "2020-12-01", "to": "2021-02-28", "date_axis": "closed"}
    return list(client.get("iqs/", query).json()["results"])


def check_csat(client: ApiClient) -> None:
    everybody = client.get("csat/", {"from": "2023-07-01", "to": "2023-09-30"}).json()["results"]
    assert len(everybody) == 1
    row = everybody[0]
    assert row["answers"] == 17_182
    assert row["satisfied_share"] == f"{Decimal(2277 + 11934) / 17_182:.4f}"
    scores = Counter(payload["surveys"][0]["score"] for payload in survey_payloads())
    percent = Decimal(sum(score * count for score, count in scores.items())) * 100 / (5 * 17_182)
    assert row["percent_of_max"] == f"{percent:.4f}"
    weeks = client.get(
        "csat/", {"group_by": "agent", "interval": "week", "from": "2023-07-31", "to": "2023-09-03"}
    ).json()["results"]
    few = [row for row in weeks if row["answers"] < 10]
    assert few
    assert all(row["satisfied_share"] is None and row["refused"]["code"] for row in few)


def check_response_times(client: ApiClient) -> None:
    (row,) = client.get("first-response/", {"from": "2023-07-01", "to": "2023-09-30"}).json()["results"]
    reported = row["reported"]
    assert reported["excluded"] == 635 + 509
    assert reported["answered"] == 17_182 - 635 - 509


def check_coaching(client: ApiClient) -> None:
    for rule in (
        {"name": "Customers", "kind": "csat_below", "strength": "clear", "target": "80", "period": "month"},
        {"name": "IQS", "kind": "iqs_below", "strength": "worth_a_look", "target": "80", "period": "month"},
    ):
        made = client.post("coaching/rules/", rule)
        assert made.status_code == 201, made.content
    february, august = run_coaching(client, "2021-02-01"), run_coaching(client, "2023-08-01")
    assert february["proposed"]
    assert august["proposed"]
    found = client.get("coaching/assignments/", {"limit": 200}).json()["results"]
    assert len(found) == len({(a["agent"]["id"], a["rule"]["id"], a["period_start"]) for a in found})
    for assignment in found:
        csat = assignment["evidence"]["csat"]
        if assignment["rule"]["name"] == "Customers":
            assert csat["answers"] >= 10
            assert Decimal(csat["high"]) < Decimal("0.8")
        assert assignment["agent"]["name"].split()[0] in assignment["reason"]
    run_coaching(client, "2023-08-01")
    assert len(client.get("coaching/assignments/", {"limit": 200}).json()["results"]) == len(found)
