"""Whose work is reviewed: agents, their teams, and what happens when two turn out to be one."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from accounts.access import Actor, Capability
from common.models import M, Owned, OwnedQuerySet, Stamped


class TeamQuerySet(OwnedQuerySet["Team"]):
    def visible_to(self, actor: Actor) -> Self:
        """Everybody who reads people sees the names of all teams of the workspace."""
        return self.in_workspace(actor.workspace_id)


class Team(Owned, Stamped):
    """A group of agents. Names match trimmed, ignoring case."""

    name = models.CharField(max_length=255)

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class AgentQuerySet(OwnedQuerySet["Agent"]):
    def visible_to(self, actor: Actor) -> Self:
        """All for who sees all numbers or grades; a scoped role those now in its teams; an agent himself."""
        rows = self.in_workspace(actor.workspace_id)
        seeing = [c for c in (Capability.NUMBERS_READ_ALL, Capability.GRADE) if actor.can(c)]
        scopes = [actor.scope(c) for c in seeing]
        if None in scopes:
            return rows
        teams = frozenset[int]().union(*(s for s in scopes if s is not None))
        now_in = Q(pk__in=TeamMembership.objects.filter(team_id__in=teams, ends_on=None).values("agent_id"))
        return rows.filter(now_in | Q(pk=actor.agent_id))


class Agent(Owned, Stamped):
    """Someone whose work is reviewed; known by (source, external id)."""

    class Kind(models.TextChoices):
        HUMAN = "human"
        BOT = "bot"

    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=254, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.HUMAN)
    starts_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    memberships: models.Manager[TeamMembership]

    objects = AgentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", "source", "external_id", name="agent_key_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def person(self) -> Agent:
        """Himself, or the one he turned out to be."""
        return self.merged_into or self

    @classmethod
    def gone(cls, named: Q) -> list[tuple[int, str, str, int]]:
        """Merged agents of this condition: id, external id, source, and the id of the one they went into."""
        rows = cls.objects.filter(named).values_list("pk", "external_id", "source", "merged_into")
        gone = rows.filter(merged_into__isnull=False)
        return [(pk, external_id, source, into) for pk, external_id, source, into in gone if into]


class TeamMembershipQuerySet(OwnedQuerySet["TeamMembership"]):
    def visible_to(self, actor: Actor) -> Self:
        agents = Agent.objects.visible_to(actor).values("pk")
        return self.in_workspace(actor.workspace_id).filter(agent_id__in=agents)


class TeamMembership(Owned):
    """An agent's days in a team: starts_on inclusive, ends_on exclusive; null starts_on means since ever."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    objects = TeamMembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            # int8range stands in for "=" so that no btree_gist extension is needed
            ExclusionConstraint(
                name="one_team_a_day",
                expressions=[
                    (Func(F("agent_id"), F("agent_id"), Value("[]"), function="int8range"), "&&"),
                    (
                        Func(
                            F("starts_on"), F("ends_on"), function="daterange", output_field=DateRangeField()
                        ),
                        "&&",
                    ),
                ],
            ),
            models.CheckConstraint(
                name="membership_has_days",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
            ),
        ]


class AgentMergeQuerySet(OwnedQuerySet[M]):
    def visible_to(self, actor: Actor) -> Self:
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.PEOPLE_WRITE) else rows.none()


class AgentMerge(Owned):
    """Two agents turned out to be one person: the facts of `merged` follow `into`, until it is undone."""

    merged = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    into = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    made_by = models.ForeignKey("accounts.Member", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey("accounts.Member", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = AgentMergeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("merged", condition=Q(undone_at=None), name="merged_once"),
        ]


class MergedRows(Owned):
    """The rows of one column that followed in a merge, so that they can go back."""

    merge = models.ForeignKey(AgentMerge, models.CASCADE, related_name="moved")
    column = models.CharField(max_length=120)  # "conversations.Message.agent"
    ids = ArrayField(models.BigIntegerField())

    objects = AgentMergeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("merge", "column", name="merged_column_once")]
