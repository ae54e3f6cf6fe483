"""Sample plans, draws and their ledger, the queue."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.access import Actor, Capability
from accounts.models import Agent, Member, Team, share
from common.models import M, Owned, OwnedQuerySet, Stamped
from conversations.models import Conversation
from scorecards.models import Scorecard


class PlanQuerySet(OwnedQuerySet[M]):
    def visible_to(self, actor: Actor) -> Self:
        """Planners see plans and their draws; blind reviewers do not (strata tell them too much)."""
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.PLAN_MANAGE) else rows.none()


class SamplePlan(Owned, Stamped):
    """The rule of a sample: what is eligible, how many per agent and period, who reviews."""

    class Period(models.TextChoices):
        WEEK = "week"
        MONTH = "month"

    class Reviewee(models.TextChoices):
        ASSIGNEE = "assignee"
        MOST_ACTIVE = "most_active"

    name = models.CharField(max_length=255)
    filter = models.JSONField(default=dict, blank=True)
    period = models.CharField(max_length=8, choices=Period, default=Period.WEEK)
    per_agent = models.PositiveIntegerField(default=5)
    risk_filter = models.JSONField(null=True, blank=True)  # a filter or a list of filters; null = no bands
    risk_share = share("0.2")
    second_review_share = share("0")
    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="+")
    reviewers = models.ManyToManyField(Member, through="PlanReviewer", related_name="+")
    reviewee = models.CharField(max_length=16, choices=Reviewee, default=Reviewee.ASSIGNEE)
    blind = models.BooleanField(default=True)
    seed = models.CharField(max_length=255)
    seed_given = models.BooleanField(default=False)
    seeded_at = models.DateTimeField(auto_now_add=True)  # the seed's time of birth
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    objects = PlanQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class PlanReviewer(Owned):
    """A member who may be given items of the plan."""

    plan = models.ForeignKey(SamplePlan, models.CASCADE, related_name="reviewer_rows")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("plan", "member", name="plan_reviewer_once")]


class Draw(Owned):
    """One execution of a plan for one period: the ledger's head. Never changed once written."""

    plan = models.ForeignKey(SamplePlan, models.PROTECT, related_name="draws")
    period_start = models.DateField()
    period_end = models.DateField()  # inclusive
    seed = models.CharField(max_length=400)
    rule = models.CharField(max_length=32)
    frame_at = models.DateTimeField()
    terms = models.JSONField()  # filter, risk filter, share, quota, reviewee, second share as they were
    closed_total = models.PositiveIntegerField()  # all closed conversations of the period
    frame_total = models.PositiveIntegerField()
    allowed_reviewers = models.JSONField()  # member ids that were allowed
    redraw_reason = models.TextField(blank=True)
    created_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("plan", "period_start", name="one_draw_per_period")]


class Band(models.TextChoices):
    RISK = "risk"
    NORMAL = "normal"


class Stratum(Owned):
    """(draw, agent, band): the frame's conversation ids, sorted, and how many were drawn."""

    draw = models.ForeignKey(Draw, models.CASCADE, related_name="strata")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")  # on the period's last day
    band = models.CharField(max_length=8, choices=Band)
    frame = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    frame_ids = ArrayField(models.BigIntegerField())

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("draw", "agent", "band", name="stratum_once")]


class QueueItemQuerySet(OwnedQuerySet["QueueItem"]):
    def visible_to(self, actor: Actor) -> Self:
        """Planners within their teams; a reviewer what is his or nobody's."""
        rows = self.in_workspace(actor.workspace_id)
        seen = Q(pk__in=[])
        if actor.can(Capability.PLAN_MANAGE):
            scope = actor.scope(Capability.PLAN_MANAGE)
            if scope is None:
                return rows
            seen |= Q(team_id__in=scope)
        if actor.can(Capability.GRADE):
            mine = Q(reviewer_id=actor.member_id) | Q(
                reviewer=None, draw__plan__reviewer_rows__member_id=actor.member_id
            )
            seen |= Q(pk__in=QueueItem.objects.filter(mine, workspace_id=actor.workspace_id).values("pk"))
        return rows.filter(seen)


class QueueItem(Owned, Stamped):
    """One conversation to review, with the probability it was drawn with."""

    class State(models.TextChoices):
        OPEN = "open"
        CLAIMED = "claimed"
        DONE = "done"
        SKIPPED = "skipped"
        EXPIRED = "expired"

    class SkipReason(models.TextChoices):
        NOT_REVIEWABLE = "not_reviewable"
        NO_TIME = "no_time"

    draw = models.ForeignKey(Draw, models.CASCADE, related_name="items")
    stratum = models.ForeignKey(Stratum, models.CASCADE, related_name="items")
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="queue_items")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    band = models.CharField(max_length=8, choices=Band)
    u = models.FloatField()
    probability = models.FloatField()
    order_hash = models.CharField(max_length=32)  # md5 of "{seed}:assign:{id}", the queue's order
    second_of = models.ForeignKey("self", models.CASCADE, null=True, related_name="seconds")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    reviewer = models.ForeignKey(Member, models.PROTECT, null=True, related_name="queue_items")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    claimed_at = models.DateTimeField(null=True)
    from_pool = models.BooleanField(default=False)  # taken from the unassigned: a lapsed claim puts it back
    declined_by = ArrayField(models.BigIntegerField(), default=list, blank=True)  # members without time
    skip_reason = models.CharField(max_length=16, choices=SkipReason, blank=True)
    skip_comment = models.TextField(blank=True)
    due_on = models.DateField()

    objects = QueueItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "draw", "conversation", condition=Q(second_of=None), name="conversation_once_per_draw"
            ),
            models.UniqueConstraint("second_of", name="one_second_per_item"),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "reviewer", "due_on", "order_hash"],
                name="queue_open",
                condition=Q(state__in=["open", "claimed"]),
            ),
            models.Index(  # the few items that estimates have to look at one by one
                fields=["stratum"],
                name="queue_exceptions",
                include=["replaces", "skip_reason"],
                condition=Q(second_of=None) & (Q(replaces__isnull=False) | Q(skip_reason="not_reviewable")),
            ),
        ]
