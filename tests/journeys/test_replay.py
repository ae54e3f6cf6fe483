"""A replay over chats with a human's labels: every number is computed here again, from the files alone."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.data_readers import CHAT_SOURCE, ChatLabels, chat_labels, chat_payloads
from tests.journeys.test_real_data import SCORECARD, on_scale, published_scorecard, ratings_of, score_of, send
from tests.journeys.test_real_data import client as client  # a fixture
from tests.world import ApiClient

PASS_MARK = 80
PERIOD = {"from": "2021-03-01", "to": "2021-03-31"}
Scores = dict[str, Decimal | None]
"""Chat -> its score."""


def draft() -> dict[str, Any]:
    """Politeness weighs half and is critical; the interaction is asked where the task was no full success."""
    made: dict[str, Any] = copy.deepcopy(SCORECARD)
    task, interaction, politeness = made["groups"][0]["categories"]
    task["weight"] = "20"
    interaction["show_when"] = {"answers": {"task": ["1", "2", "3", "4"]}}
    politeness |= {"weight": "50", "critical": "review"}
    return made


def stored(score: Decimal | None) -> Decimal | None:
    return None if score is None else score.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def score_by_draft(labels: ChatLabels) -> Decimal | None:
    """The draft's rules by hand."""
    task = labels.task_success
    last = labels.interaction[-1] if labels.interaction and task is not None and task < 5 else None
    polite = [value for value in labels.politeness if value is not None]
    parts = [(20, None if task is None else (task - 1) * 25), (30, None if last is None else (last - 1) * 25)]
    parts.append((50, min(polite) * 100 if polite else None))
    rated = [(weight, Decimal(str(value))) for weight, value in parts if value is not None]
    if not rated:
        return None
    if polite and min(polite) == 0:
        return Decimal(0)
    return sum((weight * value for weight, value in rated), Decimal(0)) / sum(weight for weight, _ in rated)


def review_rows(scorecard: int, agents: dict[str, str], labels: list[ChatLabels]) -> Iterator[dict[str, Any]]:
    for each in labels:
        yield {
            "source": "grader",
            "external_id": f"label {each.external_id}",
            "conversation": {"source": CHAT_SOURCE, "external_id": each.external_id},
            "agent": {"external_id": agents[each.external_id], "source": "surveys"},
            "reviewer": {"email": "grader@walk.example", "name": "The grader"},
            "scorecard": scorecard,
            "submitted_at": "2021-03-05T10:00:00+00:00",
            "ratings": ratings_of(each),
            "comment": "",
            "kind": "standard",
        }


def mean(scores: Scores, chats: list[str]) -> str | None:
    known = [score for chat in chats if (score := scores[chat]) is not None]
    return f"{sum(known, Decimal(0)) / len(known):.4f}" if known else None


def passes(scores: Scores, chat: str) -> bool | None:
    score = scores[chat]
    return None if score is None else score >= PASS_MARK


def all_by(labels: list[ChatLabels], rule: Callable[[ChatLabels], Decimal | None]) -> Scores:
    return {each.external_id: stored(rule(each)) for each in labels}


def test_a_draft_over_the_graded_chats(client: ApiClient) -> None:
    chats = list(chat_payloads())
    agents = {payload["external_id"]: payload["agent"]["external_id"] for payload in chats}
    labels = [each for each in chat_labels() if on_scale(each)]
    assert len(labels) > 200
    send(client, "conversations/import", iter(chats))
    scorecard = published_scorecard(client)
    brought = send(client, "reviews/import", review_rows(scorecard, agents, labels))
    assert (brought["created"], brought["rejected_total"]) == (len(labels), 0)
    assert client.post(f"scorecards/{scorecard}/versions/", {"definition": draft()}).status_code == 201

    answer = client.post(f"scorecards/{scorecard}/versions/2/replay", PERIOD).json()
    before, after = all_by(labels, score_of), all_by(labels, score_by_draft)
    everywhere = sorted(before)
    assert (answer["before"]["mean"], answer["after"]["mean"]) == (
        mean(before, everywhere),
        mean(after, everywhere),
    )
    assert answer["moved"] == sum(before[chat] != after[chat] for chat in everywhere) > 100
    assert answer["lost"] == sum(before[chat] is not None and after[chat] is None for chat in everywhere)
    for name, crossed in (("now_failing", (True, False)), ("now_passing", (False, True))):
        found = [(passes(before, chat), passes(after, chat)) for chat in everywhere]
        assert answer[name] == found.count(crossed)
    check_agents(answer, agents, before, after)
    check_why(answer, labels)


def check_agents(answer: dict[str, Any], agents: dict[str, str], before: Scores, after: Scores) -> None:
    by_agent: dict[str, list[str]] = defaultdict(list)
    for chat in before:
        by_agent[agents[chat]].append(chat)
    assert {row["agent"]["external_id"] for row in answer["agents"]} == set(by_agent)
    for row in answer["agents"]:
        mine = by_agent[row["agent"]["external_id"]]
        assert row["reviews"] == len(mine)
        assert (row["before"]["mean"], row["after"]["mean"]) == (mean(before, mine), mean(after, mine))


def check_why(answer: dict[str, Any], labels: list[ChatLabels]) -> None:
    """Rude chats fail now; the interaction is hidden where the task was a full success; all adds up."""
    why = answer["why"]
    categories = {each["category"]: each for each in why["categories"]}
    rude = [each for each in labels if 0 in each.politeness]
    hidden = [each for each in labels if each.task_success == 5 and each.interaction[-1] is not None]
    unasked = [each for each in labels if each.task_success is None and each.interaction[-1] is not None]
    assert categories["politeness"]["newly_failed"] == len(rude) > 0
    assert categories["interaction"]["hidden"] == len(hidden) + len(unasked) > 0
    told = sum((Decimal(each["points"]) for each in why["categories"]), Decimal(0))
    told += sum(Decimal(why[name]) for name in ("bounds", "failures", "lost_or_gained", "rest"))
    assert abs(told - Decimal(answer["change"])) < Decimal("0.001")
    assert abs(Decimal(why["rest"])) < Decimal("0.001")
