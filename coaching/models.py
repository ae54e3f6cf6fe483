"""Coaching rules, the runs that apply them, and the assignments they propose."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.access import Actor, Capability
from accounts.models import Agent, Member, Team
from common.models import M, Owned, OwnedQuerySet, Stamped
from conversations.models import Conversation


class CoachingPeriod(models.TextChoices):
    WEEK = "week"
    MONTH = "month"


class RuleQuerySet(OwnedQuerySet[M]):
    def visible_to(self, actor: Actor) -> Self:
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.COACHING_MANAGE) else rows.none()


class CoachingRule(Owned, Stamped):
    """When to coach: what is looked at, how sure one must be, and below which target."""

    class Kind(models.TextChoices):
        IQS_BELOW = "iqs_below"
        CSAT_BELOW = "csat_below"
        CATEGORY_BELOW = "category_below"
        CRITICAL_FAILURES = "critical_failures"
        QUADRANT = "quadrant"

    class Strength(models.TextChoices):
        CLEAR = "clear"
        WORTH_A_LOOK = "worth_a_look"
        EVENT = "event"

    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=32, choices=Kind)
    strength = models.CharField(max_length=16, choices=Strength)
    target = models.DecimalField(max_digits=7, decimal_places=4, null=True)  # points, or per cent satisfied
    category = models.CharField(max_length=100, blank=True)
    min_reviews = models.PositiveIntegerField(default=5)
    min_answers = models.PositiveIntegerField(default=10)
    period = models.CharField(max_length=8, choices=CoachingPeriod, default=CoachingPeriod.WEEK)
    cooldown_days = models.PositiveIntegerField(default=28)
    coach = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    active = models.BooleanField(default=True)

    objects = RuleQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class CoachingRun(Owned):
    """One pass of the rules over one period: what was proposed, and what was not and why."""

    class State(models.TextChoices):
        QUEUED = "queued"
        DONE = "done"
        FAILED = "failed"

    period = models.CharField(max_length=8, choices=CoachingPeriod)
    period_start = models.DateField()
    period_end = models.DateField()  # inclusive
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    job_id = models.BigIntegerField(null=True)  # jobs are operator tables: a plain number
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    agents = models.PositiveIntegerField(default=0)
    proposed = models.PositiveIntegerField(default=0)
    not_proposed = models.JSONField(default=list)  # [{"agent", "rule", "code", "why"}]
    requested_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RuleQuerySet.as_manager()


class AssignmentQuerySet(OwnedQuerySet["Assignment"]):
    def visible_to(self, actor: Actor) -> Self:
        """Leads in scope; an agent his own once assigned."""
        rows = self.in_workspace(actor.workspace_id)
        seen = Q(pk__in=[])
        if actor.can(Capability.COACHING_MANAGE):
            scope = actor.scope(Capability.COACHING_MANAGE)
            if scope is None:
                return rows
            seen |= Q(team_id__in=scope)
        if actor.agent_id:
            hidden = [Assignment.State.PROPOSED, Assignment.State.DISMISSED]
            seen |= Q(agent_id=actor.agent_id) & ~Q(state__in=hidden)
        return rows.filter(seen)


class Assignment(Owned, Stamped):
    """One agent's coaching task with its evidence as it was when proposed."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ASSIGNED = "assigned"
        ACKNOWLEDGED = "acknowledged"
        IN_PROGRESS = "in_progress"
        DONE = "done"
        DISMISSED = "dismissed"

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="assignments")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    rule = models.ForeignKey(CoachingRule, models.PROTECT, related_name="assignments")
    run = models.ForeignKey(CoachingRun, models.PROTECT, null=True, related_name="assignments")
    period = models.CharField(max_length=8, choices=CoachingPeriod)
    period_start = models.DateField()
    period_end = models.DateField()
    state = models.CharField(max_length=16, choices=State, default=State.PROPOSED)
    strength = models.CharField(max_length=16, choices=CoachingRule.Strength)
    reason = models.TextField()
    evidence = models.JSONField(default=dict)
    conversation = models.ForeignKey(Conversation, models.PROTECT, null=True, related_name="+")
    conversation_ids = ArrayField(models.BigIntegerField(), default=list)
    coach = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    assigned_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    assigned_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    dismiss_reason = models.TextField(blank=True)
    outcome = models.TextField(blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            # an event speaks of one conversation, the other rules of the whole period
            models.UniqueConstraint(
                "workspace",
                "agent",
                "rule",
                "period_start",
                "conversation",
                name="assignment_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["workspace", "state", "-id"], name="assignment_board")]
