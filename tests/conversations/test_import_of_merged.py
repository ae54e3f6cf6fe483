"""Imports that go on naming a merged agent, and messages of agents that a row does not name."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.access import Actor
from accounts.models import Agent, Workspace, WorkspaceSettings
from accounts.services.merging import merge_agent
from conversations.models import Conversation, Message
from conversations.services.imports import import_conversations
from conversations.streams import Row


@pytest.fixture
def us(db: None) -> Actor:
    workspace = Workspace.objects.create(slug="us", name="Us", timezone="Europe/Berlin")
    WorkspaceSettings.objects.create(workspace=workspace)
    return Actor.system(workspace)


def said(number: int, agent: str) -> dict[str, Any]:
    return {
        "external_id": f"m{number}",
        "author": {"type": "agent", "external_id": agent},
        "sent_at": f"2026-03-02T08:{number:02}:00+00:00",
        "body": "Hello",
    }


def bring(us: Actor, *messages: dict[str, Any], agent: str = "a-7", topic: str = "") -> Conversation:
    row = {
        "source": "helpdesk",
        "external_id": "2001",
        "status": "open",
        "topic": topic,
        "agent": {"external_id": agent},
        "messages": list(messages),
    }
    run = import_conversations(actor=us, rows=[Row(1, b"", row)], origin="test")
    assert run.rejected_total == 0
    return Conversation.objects.get(external_id="2001")


def agent(us: Actor, external_id: str) -> Agent:
    return Agent.objects.get(workspace=us.workspace, external_id=external_id)


def merge(us: Actor, merged: str, into: str) -> None:
    merge_agent(actor=us, agent_id=agent(us, merged).pk, into_id=agent(us, into).pk)


def test_the_old_key_lands_on_who_stayed(us: Actor) -> None:
    bring(us, said(1, "a-7"), said(2, "b-1"))
    merge(us, "a-7", "b-1")
    found = bring(us, said(1, "a-7"), said(2, "b-1"), said(3, "a-7"), topic="other")
    stayed = agent(us, "b-1")
    assert found.agent == found.most_active_agent == stayed
    assert set(Message.objects.values_list("agent", flat=True)) == {stayed.pk}


def test_both_keys_count_as_one_for_who_wrote_the_most(us: Actor) -> None:
    bring(us, said(1, "a-7"), said(2, "a-7"), said(3, "c-1"), said(4, "c-1"), said(5, "c-1"), said(6, "b-1"))
    merge(us, "a-7", "b-1")
    # stored under the one key, sent again under the other: 2 and 2 against 3
    found = bring(us, said(2, "a-7"), said(7, "a-7"), topic="other")
    assert found.most_active_agent == agent(us, "b-1")


def test_who_is_only_in_stored_messages_may_have_written_the_most(us: Actor) -> None:
    bring(us, said(1, "c-1"), said(2, "c-1"), said(3, "c-1"))
    assert bring(us, said(4, "a-7"), topic="other").most_active_agent == agent(us, "c-1")
