"""Sample plans, draws and their ledger, the queue."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.access import GRANTS, Actor, Capability
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

    class Kind(models.TextChoices):
        STANDARD = "standard"
        PEER = "peer"  # agents grade each other's work

    class Period(models.TextChoices):
        WEEK = "week"
        MONTH = "month"
        DAYS = "days"  # `period_days` each, counted from `starts_on`

    class QuotaOf(models.TextChoices):
        AGENT = "agent"
        REVIEWER = "reviewer"
        TOTAL = "total"

    class QuotaKind(models.TextChoices):
        NUMBER = "number"
        SHARE = "share"  # of the frame, 0 to 1
        PRECISION = "precision"  # as many as make the agent's mean known to +- so many points

    class Assignment(models.TextChoices):
        ASSIGNED = "assigned"
        POOL = "pool"

    class Reviewee(models.TextChoices):
        ASSIGNEE = "assignee"
        MOST_ACTIVE = "most_active"

    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.STANDARD)
    filter = models.JSONField(default=dict, blank=True)
    period = models.CharField(max_length=8, choices=Period, default=Period.WEEK)
    period_days = models.PositiveSmallIntegerField(null=True, blank=True)
    weekly_parts = models.BooleanField(default=False)  # a month's quota, drawn week by week
    starts_on = models.DateField(null=True, blank=True)  # nothing closed earlier is drawn
    ends_on = models.DateField(null=True, blank=True)  # nothing closed later is drawn
    automatic = models.BooleanField(default=False)  # drawn by the clock once a period has ended
    automatic_from = models.DateField(null=True, blank=True)  # periods from here on; moves on with a pause
    timezone = models.CharField(max_length=64, blank=True)  # of `draw_time`; "" = the workspace's
    draw_time = models.TimeField(default=time(6))
    quota_of = models.CharField(max_length=8, choices=QuotaOf, default=QuotaOf.AGENT)
    quota_kind = models.CharField(max_length=16, choices=QuotaKind, default=QuotaKind.NUMBER)
    quota = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(5))
    risk_filter = models.JSONField(null=True, blank=True)  # a filter or a list of filters; null = no bands
    risk_share = share("0.2")
    second_review_share = share("0")
    scorecard = models.ForeignKey(  # null: the one that is offered for the conversation
        Scorecard, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewers = models.ManyToManyField(Member, through="PlanReviewer", related_name="+")
    reviewer_teams = models.ManyToManyField(Team, through="PlanReviewerTeam", related_name="+")
    own_team = models.BooleanField(default=True)  # peers may grade their own team
    assignment = models.CharField(max_length=8, choices=Assignment, default=Assignment.ASSIGNED)
    due_days = models.PositiveSmallIntegerField(
        null=True, blank=True
    )  # after the draw; null: 7, a month's 28
    reviewee = models.CharField(max_length=16, choices=Reviewee, default=Reviewee.ASSIGNEE)
    blind = models.BooleanField(default=True)
    seed = models.CharField(max_length=255)
    seed_given = models.BooleanField(default=False)
    seeded_at = models.DateTimeField(auto_now_add=True)  # the seed's time of birth
    active = models.BooleanField(default=True)
    ended_at = models.DateTimeField(null=True)  # for good
    created_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    objects = PlanQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class PlanReviewer(Owned):
    """A member who may be given items of the plan, with his share of them beside the others'."""

    plan = models.ForeignKey(SamplePlan, models.CASCADE, related_name="reviewer_rows")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=Decimal(1))

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("plan", "member", name="plan_reviewer_once"),
            models.CheckConstraint(name="reviewer_has_weight", condition=Q(weight__gt=0)),
        ]


class PlanReviewerTeam(Owned):
    """A team whose graders (of a peer plan: whose agents) may be given items of the plan."""

    plan = models.ForeignKey(SamplePlan, models.CASCADE, related_name="reviewer_team_rows")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("plan", "team", name="plan_reviewer_team_once")]


class Draw(Owned):
    """One execution of a plan for one period: the ledger's head. What it says never changes; a bigger quota
    later is told in `raises`, a redraw leaves it standing and supersedes it."""

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
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    superseded_at = models.DateTimeField(null=True)
    raises = models.JSONField(default=list)  # at, by, reason, terms before, digest before; oldest first
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of what the ledger says
    automatic = models.BooleanField(default=False)
    created_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "plan", "period_start", condition=Q(superseded_at=None), name="one_draw_per_period"
            )
        ]


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


def plans_naming(actor: Actor) -> models.QuerySet[SamplePlan]:
    """The standard plans whose unassigned items the actor may take: they name him, or a team that he grades
    by a role for it. A peer is given what he grades, and takes nothing himself."""
    if actor.member_id is None or not actor.can(Capability.GRADE):
        return SamplePlan.objects.none()
    named = Q(pk__in=PlanReviewer.objects.filter(member_id=actor.member_id).values("plan_id"))
    teams = [grant.team_id for grant in actor.grants if Capability.GRADE in GRANTS[grant.role]]
    if any(teams):
        named |= Q(pk__in=PlanReviewerTeam.objects.filter(team_id__in=filter(None, teams)).values("plan_id"))
    return SamplePlan.objects.in_workspace(actor.workspace_id).filter(named, kind=SamplePlan.Kind.STANDARD)


class QueueItemQuerySet(OwnedQuerySet["QueueItem"]):
    def visible_to(self, actor: Actor) -> Self:
        """Planners within their teams; a reviewer what is his or nobody's; a peer what is his."""
        rows = self.in_workspace(actor.workspace_id)
        seen = Q(pk__in=[])
        if actor.can(Capability.PLAN_MANAGE):
            scope = actor.scope(Capability.PLAN_MANAGE)
            if scope is None:
                return rows
            seen |= Q(team_id__in=scope)
        if actor.can(Capability.GRADE_ASSIGNED) and actor.member_id is not None:
            seen |= Q(reviewer_id=actor.member_id)
        if actor.can(Capability.GRADE):
            seen |= Q(reviewer=None, draw__in=Draw.objects.filter(plan__in=plans_naming(actor)).values("pk"))
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
            models.Index(  # the unassigned in the order in which they are taken
                fields=["workspace", "due_on", "order_hash", "id"],
                name="queue_pool",
                condition=Q(state="open", reviewer=None),
            ),
            models.Index(fields=["claimed_at"], name="queue_claimed", condition=Q(state="claimed")),
            models.Index(  # the few items that estimates have to look at one by one
                fields=["stratum"],
                name="queue_exceptions",
                include=["replaces", "skip_reason"],
                condition=Q(second_of=None) & (Q(replaces__isnull=False) | Q(skip_reason="not_reviewable")),
            ),
        ]


class QuestionQuerySet(OwnedQuerySet["QueueQuestion"]):
    def visible_to(self, actor: Actor) -> Self:
        items = QueueItem.objects.visible_to(actor)
        return self.in_workspace(actor.workspace_id).filter(item__in=items)


class QueueQuestion(Owned):
    """What a reviewer asks a lead about an item before he grades it; it waits with him for the answer."""

    item = models.ForeignKey(QueueItem, models.CASCADE, related_name="questions")
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()
    answered_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("item", condition=Q(answered_at=None), name="one_open_question")
        ]
