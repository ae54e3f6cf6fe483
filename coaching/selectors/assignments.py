"""Reads of assignments, and what of one its reader is shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor, Capability
from accounts.models import Agent, Team
from accounts.selectors import agents, teams
from coaching.lifecycle import OPEN
from coaching.models import Assignment, CoachingRule
from common.errors import Missing
from conversations.models import Conversation
from qa_reviews.models import Review
from qa_reviews.policies.basics import is_about

Kind = CoachingRule.Kind
SPEAKS_OF_CSAT = (Kind.CSAT_BELOW, Kind.QUADRANT)
AGENTS_EVIDENCE = frozenset({"iqs", "csat", "category", "target", "conversations", "more_reviews"})


def assignments(actor: Actor) -> QuerySet[Assignment]:
    """The assignments the actor sees, with the people they name. One query."""
    rows = Assignment.objects.visible_to(actor)
    return rows.select_related("agent", "team", "rule", "coach", "assigned_by", "conversation")


def assignment(actor: Actor, pk: int) -> Assignment:
    """One of them, or Missing. One query."""
    found = assignments(actor).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def find(
    actor: Actor,
    *,
    agent_ids: Collection[int] = (),
    team_ids: Collection[int] = (),
    rule_ids: Collection[int] = (),
    states: Collection[str] = (),
) -> QuerySet[Assignment]:
    """Those of these agents, teams, rules and states (any of each). One query."""
    wanted = {"agent_id": agent_ids, "team_id": team_ids, "rule_id": rule_ids, "state": states}
    return assignments(actor).filter(**{f"{name}__in": values for name, values in wanted.items() if values})


def counts(rows: QuerySet[Assignment]) -> dict[str, int]:
    """How many of them are in each state. One query."""
    return dict(rows.order_by().values_list("state").annotate(Count("pk")))


def waiting_count(actor: Actor) -> int:
    """What waits for him: proposals where he manages coaching, else what is assigned to him. One query."""
    state = Assignment.State.PROPOSED
    if not actor.can(Capability.COACHING_MANAGE):
        state = Assignment.State.ASSIGNED
    return Assignment.objects.visible_to(actor).filter(state=state).count()


def open_for(actor: Actor, agent_id: int) -> QuerySet[Assignment]:
    """What an agent has open, as far as the actor sees it. One query."""
    return assignments(actor).filter(agent_id=agent_id, state__in=OPEN)


def reads_as_agent(actor: Actor, row: Assignment) -> bool:
    """Whether the reader is the agent it is about, and so is shown it with an agent's eyes."""
    return is_about(actor, row.agent_id)


def csat_hidden(actor: Actor, row: Assignment) -> bool:
    """Whether CSAT stays out of what this reader is shown."""
    return reads_as_agent(actor, row) and bool(actor.workspace.settings.hide_csat)


def reason_for(actor: Actor, row: Assignment) -> str:
    """Why it was proposed, in words this reader may read."""
    if csat_hidden(actor, row) and row.rule.kind in SPEAKS_OF_CSAT:
        return _("Your coach would like to talk with you about your work in this period.")
    return row.reason


def evidence_for(actor: Actor, row: Assignment) -> dict[str, Any]:
    """The evidence this reader may see: of his own an agent gets what speaks of himself."""
    found: dict[str, Any] = row.evidence
    if reads_as_agent(actor, row):
        found = {name: value for name, value in found.items() if name in AGENTS_EVIDENCE}
    if csat_hidden(actor, row):
        found = found | {"csat": None}
        if row.rule.kind in SPEAKS_OF_CSAT:
            found = found | {"target": None}
    return found


@dataclass(frozen=True, slots=True)
class Passage:
    """A conversation of the evidence with its reviews, as far as the reader sees them."""

    conversation: Conversation
    reviews: list[Review]


def passages(actor: Actor, row: Assignment) -> list[Passage]:
    """The conversations an assignment speaks of. Two queries."""
    found = Conversation.objects.visible_to(actor).in_bulk(row.conversation_ids)
    reviews = Review.objects.visible_to(actor).counted()
    about = list(reviews.filter(conversation_id__in=found, agent_id=row.agent_id).order_by("submitted_at"))
    return [
        Passage(found[pk], [review for review in about if review.conversation_id == pk])
        for pk in row.conversation_ids
        if pk in found
    ]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list can be filtered by."""

    agents: list[Agent]
    teams: list[Team]
    rules: list[CoachingRule]


def choices(actor: Actor) -> Choices:
    """Agents that have assignments, teams and rules, in the actor's sight. Three queries."""
    held = Assignment.objects.visible_to(actor).values("agent_id")
    own = actor.scope(Capability.COACHING_MANAGE)
    in_scope = teams(actor) if own is None else teams(actor).filter(pk__in=own)
    return Choices(
        agents=list(agents(actor).filter(pk__in=held).order_by("name", "external_id")),
        teams=list(in_scope.order_by("name")),
        rules=list(CoachingRule.objects.visible_to(actor).order_by("name", "pk")),
    )
