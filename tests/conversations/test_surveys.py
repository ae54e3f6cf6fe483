"""Answers that arrive after their conversation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from accounts.models import TeamMembership, WorkspaceSettings
from conversations.models import Conversation, SurveyResponse
from tests.conversations.rows import bring_surveys, counts, reasons, survey
from tests.world import World


@pytest.fixture
def us(world: World) -> Actor:
    return world["ours"].system


def answer(external_id: str = "s2", score: float | None = 5, **changes: Any) -> dict[str, Any]:
    """An answer of conversation 1001, whose agent is Ana of "Chat EU", closed on the third of March."""
    return {"source": "helpdesk", "conversation": "1001"} | survey(external_id, score) | changes


def latest(us: Actor) -> dict[str, Decimal | None]:
    rows = SurveyResponse.objects.in_workspace(us.workspace_id).filter(is_latest=True)
    return dict(rows.values_list("external_id", "score"))


def test_a_later_answer_counts_instead_of_the_earlier(us: Actor) -> None:
    assert counts(bring_surveys(us, answer(responded_at="2026-03-05T23:30:00+00:00"))) == {"created": 1}
    assert latest(us) == {"s2": 5}
    found = SurveyResponse.objects.get(external_id="s2")
    assert (found.responded_on, found.closed_on) == (date(2026, 3, 6), date(2026, 3, 3))
    conversation = found.conversation
    assert (found.agent_id, found.team_id) == (conversation.agent_id, conversation.team_id)


def test_an_earlier_answer_does_not(us: Actor) -> None:
    bring_surveys(us, answer(responded_at="2026-03-01T10:00:00+00:00"))
    assert latest(us) == {"s1": 4}


def test_a_question_that_was_asked_does_not(us: Actor) -> None:
    bring_surveys(us, answer(score=None, responded_at=None, asked_at="2026-04-01T10:00:00+00:00"))
    assert latest(us) == {"s1": 4}


def test_an_answer_takes_the_place_of_its_question(us: Actor) -> None:
    asked = {"external_id": "", "kind": "ces", "scale_min": 1, "scale_max": 7}
    asked |= {"source": "helpdesk", "conversation": "1001", "asked_at": "2026-04-01T10:00:00+00:00"}
    bring_surveys(us, asked)
    run = bring_surveys(us, asked | {"score": 6, "responded_at": "2026-04-02T10:00:00+00:00"})
    assert counts(run) == {"updated": 1}
    assert latest(us) == {"s1": 4, "": 6}


def test_sending_again_changes_nothing(us: Actor) -> None:
    bring_surveys(us, answer())
    before = list(SurveyResponse.objects.order_by("pk").values())
    assert counts(bring_surveys(us, answer(), answer())) == {"unchanged": 2}
    assert list(SurveyResponse.objects.order_by("pk").values()) == before


def test_the_conversation_counts_as_changed(us: Actor) -> None:
    rows = Conversation.objects.filter(workspace=us.workspace, external_id="1001")
    rows.update(updated_at=datetime(2026, 3, 4, tzinfo=UTC))
    bring_surveys(us, answer())
    assert rows.get().updated_at.year > 2025
    assert rows.get().updated_at != datetime(2026, 3, 4, tzinfo=UTC)


def test_a_conversation_may_be_named_by_id(us: Actor) -> None:
    pk = Conversation.objects.get(workspace=us.workspace, external_id="1001").pk
    assert counts(bring_surveys(us, answer(conversation=pk))) == {"created": 1}


def test_other_content_of_the_same_answer_is_a_conflict(us: Actor) -> None:
    run = bring_surveys(us, answer(score=5), answer(score=1))
    assert counts(run) == {"created": 1, "rejected": 1, "conflicts": 1}
    assert reasons(run) == [(2, "/external_id", "duplicate")]
    assert SurveyResponse.objects.get(external_id="s2").score == 5


def test_one_answer_by_id_and_by_key_in_one_chunk(us: Actor) -> None:
    pk = Conversation.objects.get(workspace=us.workspace, external_id="1001").pk
    run = bring_surveys(us, answer(score=5), answer(score=1, conversation=pk))
    assert counts(run) == {"created": 1, "updated": 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"score": 6}, ("/score", "out_of_scale")),
        ({"score": "NA"}, ("/score", "invalid_number")),
        ({"score": 0}, ("/score", "out_of_scale")),
        ({"responded_at": None}, ("/responded_at", "required")),
        ({"responded_at": "2026-03-05T10:00:00"}, ("/responded_at", "invalid_datetime")),
        ({"conversation": {"external_id": "nobody"}}, ("/conversation", "not_found")),
        ({"conversation": 999_999_999}, ("/conversation", "not_found")),
        ({"source": "elsewhere"}, ("/conversation", "not_found")),
        ({"kind": "smile"}, ("/kind", "invalid_choice")),
    ],
)
def test_rejected(us: Actor, changes: dict[str, Any], reason: tuple[str, str]) -> None:
    run = bring_surveys(us, answer(**changes), answer("s3"))
    assert reasons(run) == [(1, *reason)]
    assert counts(run) == {"created": 1, "rejected": 1}


def test_the_neighbours_conversation_is_not_found(world: World, us: Actor) -> None:
    theirs = world["theirs"].rows["conversation"].pk
    assert reasons(bring_surveys(us, answer(conversation=theirs))) == [(1, "/conversation", "not_found")]


def test_the_rule_of_the_workspace_says_for_whom_it_counts(world: World, us: Actor) -> None:
    rows = world["ours"].rows
    Conversation.objects.filter(pk=rows["conversation"].pk).update(most_active_agent=rows["other_agent"])
    WorkspaceSettings.objects.filter(workspace=us.workspace).update(csat_agent="most_active")
    us.workspace.settings.refresh_from_db()
    bring_surveys(us, answer())
    found = SurveyResponse.objects.get(external_id="s2")
    assert (found.agent_id, found.team_id) == (rows["other_agent"].pk, rows["other_team"].pk)


def test_the_team_is_that_of_the_closing_day(world: World, us: Actor) -> None:
    rows = world["ours"].rows
    Conversation.objects.filter(pk=rows["conversation"].pk).update(most_active_agent=rows["other_agent"])
    WorkspaceSettings.objects.filter(workspace=us.workspace).update(csat_agent="most_active")
    us.workspace.settings.refresh_from_db()
    TeamMembership.objects.filter(agent=rows["other_agent"]).update(ends_on=date(2026, 3, 4))
    TeamMembership.objects.create(
        workspace=us.workspace, agent=rows["other_agent"], team=rows["team"], starts_on=date(2026, 3, 4)
    )
    bring_surveys(us, answer())
    assert SurveyResponse.objects.get(external_id="s2").team_id == rows["other_team"].pk
