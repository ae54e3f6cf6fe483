"""Whose numbers somebody may see: all, his teams', what he gave, or his own."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.access import Actor, Capability
from common.errors import Refused
from insights.query import Bucket, Query, Slice


@dataclass(frozen=True, slots=True)
class Sight:
    """What of the numbers an actor sees; nothing set means all of the workspace."""

    teams: frozenset[int] | None = None
    reviewer: int | None = None
    agent: int | None = None

    def agents_of(self, query: Query) -> tuple[int, ...] | None:
        """The agents to count; None means all."""
        return (self.agent,) if self.agent is not None else query.agents or None

    def teams_of(self, query: Query) -> tuple[int, ...] | None:
        """The teams to count; None means all. A team outside the scope was refused with the parameters."""
        return query.teams or (None if self.teams is None else tuple(sorted(self.teams)))

    def slice(self, actor: Actor, query: Query, buckets: list[Bucket]) -> Slice:
        """The rows of the query that are in sight."""
        return Slice(
            workspace_id=actor.workspace_id,
            period=query.period,
            starts=tuple(bucket.period.first for bucket in buckets),
            dims=query.group_by,
            axis=query.axis,
            agents=self.agents_of(query),
            teams=self.teams_of(query),
            reviewer=self.reviewer,
            selections=query.selections,
            kinds=query.kinds,
            released_only=self.agent is not None,
            peers=actor.workspace.settings.peer_in_iqs,
        )


def sight(actor: Actor, query: Query) -> Sight:
    """Whose reviews the actor may count for this question. Refused (403) with the reason in words."""
    actor.require(Capability.NUMBERS_READ)
    asks_for_himself = actor.agent_id is not None and query.agents == (actor.agent_id,) and not query.teams
    if actor.can(Capability.NUMBERS_READ_ALL):
        scope = actor.scope(Capability.NUMBERS_READ_ALL)
        if scope is None or not asks_for_himself:
            return Sight(teams=scope)
    elif actor.can(Capability.GRADE) and not asks_for_himself:
        return Sight(reviewer=actor.member_id)
    return _own(actor, query)


def customer_sight(actor: Actor, query: Query) -> Sight:
    """As `sight`, for what customers said and waited for: never a reviewer's to see."""
    found = sight(actor, query)
    if found.reviewer is not None:
        if actor.workspace.settings.blind:
            raise Refused(
                "Reviewers grade without knowing what the customer said, so this is not shown to you.",
                code="blind",
            )
        raise Refused("Reviewers see the numbers of what they gave; this is not one of them.", code="role")
    if found.agent is not None and actor.workspace.settings.hide_csat:
        raise Refused("This workspace does not show CSAT to agents.", code="csat_hidden")
    return found


def time_sight(actor: Actor, query: Query) -> Sight:
    """As `sight`, for response and resolution times."""
    found = sight(actor, query)
    if found.reviewer is not None:
        raise Refused("Reviewers see the numbers of what they gave; times are not among them.", code="role")
    return found


def _own(actor: Actor, query: Query) -> Sight:
    if actor.agent_id is None:
        raise Refused(
            "You are not linked to an agent yet, so there are no numbers of yours.", code="no_agent"
        )
    if query.teams or "team" in query.group_by:
        raise Refused("Agents see their own numbers, not those of teams.", code="own_only")
    if "reviewer" in query.group_by and actor.workspace.settings.hide_reviewer:
        raise Refused("This workspace does not show agents who reviewed them.", code="reviewer_hidden")
    return Sight(agent=actor.agent_id)
