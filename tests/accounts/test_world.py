"""The cast itself: each person acts with his own role and scope."""

from __future__ import annotations

import pytest

from accounts import selectors
from accounts.access import Capability, Role
from accounts.models import Agent
from common.errors import Missing, Refused
from qa_reviews.models import Review
from tests.world import World


def test_scope_limits_a_lead_to_his_team(world: World) -> None:
    lead = world["ours"].actor("lead")
    team = world["ours"].rows["team"]
    assert lead.roles == {Role.LEAD}
    assert lead.scope(Capability.REVIEW_READ_ALL) == frozenset({team.pk})
    assert lead.covers(Capability.REVIEW_READ_ALL, team.pk)
    assert not lead.covers(Capability.REVIEW_READ_ALL, None)
    with pytest.raises(Refused, match="change settings"):
        lead.require(Capability.ADMINISTER)


def test_rows_are_seen_by_role_and_scope(world: World) -> None:
    ours = world["ours"]
    seen = {person: set(Review.objects.visible_to(ours.actor(person))) for person in ours.people}
    assert seen["manager"] == seen["lead"] == {ours.rows["review"]}
    assert seen["other_lead"] == set()
    assert seen["reviewer"] == seen["agent"] == {ours.rows["review"]}
    assert seen["second_reviewer"] == {ours.rows["draft"]}  # blind until his own is submitted
    assert seen["other_agent"] == set()
    assert set(Agent.objects.visible_to(ours.actor("lead"))) == {ours.rows["agent"]}


def test_a_stranger_finds_no_workspace(world: World) -> None:
    with pytest.raises(Missing):
        selectors.actor_for("theirs", user=world["ours"].people["admin"].user)
