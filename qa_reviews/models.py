"""Sample plans, draws and their ledger, the queue, reviews with their gradings and ratings."""

from __future__ import annotations

from typing import Any, Self

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Agent, Member, Team, share
from common.models import M, Owned, OwnedQuerySet, Stamped
from conversations.models import Conversation, Message
from scorecards.models import Scorecard, ScorecardVersion


def score_field() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=7, decimal_places=4, null=True)


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
        ]


class ReviewQuerySet(OwnedQuerySet["Review"]):
    def counted(self) -> Self:
        """Reviews that count in numbers: submitted and not retracted, neither calibration nor self."""
        return self.filter(state__in=COUNTED_STATES, kind__in=COUNTED_KINDS)

    def visible_to(self, actor: Actor) -> Self:
        """All in scope; a reviewer his own, and others' of a conversation after his own; an agent his own
        once submitted and released."""
        rows = self.in_workspace(actor.workspace_id)
        seen = Q(pk__in=[])
        if actor.can(Capability.REVIEW_READ_ALL):
            scope = actor.scope(Capability.REVIEW_READ_ALL)
            everybodys = ~Q(state=Review.State.DRAFT) | Q(reviewer_id=actor.member_id)
            if scope is None:
                return rows.filter(everybodys)
            seen |= everybodys & Q(team_id__in=scope)
        if actor.can(Capability.GRADE):
            own = Review.objects.filter(workspace_id=actor.workspace_id, reviewer_id=actor.member_id)
            graded = own.exclude(state=Review.State.DRAFT).values("conversation_id")
            seen |= Q(reviewer_id=actor.member_id) | (
                ~Q(state=Review.State.DRAFT) & Q(conversation_id__in=graded)
            )
        if actor.agent_id:
            released = Q(release_at=None) | Q(release_at__lte=timezone.now())
            seen |= Q(agent_id=actor.agent_id) & ~Q(state=Review.State.DRAFT) & released
        return rows.filter(seen)


@pghistory.track(exclude=["draft"])
class Review(Owned, Stamped):
    """One reviewer's judgement of one agent in one conversation; the newest grading counts."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        DISPUTED = "disputed"
        RESOLVED = "resolved"
        RETRACTED = "retracted"

    class Kind(models.TextChoices):
        STANDARD = "standard"
        SELF = "self"
        PEER = "peer"
        CALIBRATION = "calibration"

    class Selection(models.TextChoices):
        RANDOM = "random"
        TARGETED = "targeted"
        MANUAL = "manual"

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="reviews")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="reviews")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    reviewer = models.ForeignKey(Member, models.PROTECT, related_name="reviews")
    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="+")
    version = models.ForeignKey(ScorecardVersion, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.STANDARD)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    selection = models.CharField(max_length=16, choices=Selection, default=Selection.MANUAL)
    declared_selection = models.CharField(max_length=16, blank=True)
    queue_item = models.OneToOneField(QueueItem, models.PROTECT, null=True, related_name="review")
    stratum = models.ForeignKey(Stratum, models.PROTECT, null=True, related_name="+")  # of its item
    score = score_field()
    unfailed_score = score_field()
    failed_by = ArrayField(models.CharField(max_length=100), default=list)
    gradings_count = models.PositiveIntegerField(default=0)
    draft = models.JSONField(default=dict)  # ratings and comment while a draft; empty afterwards
    draft_number = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True)
    submitted_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)  # the conversation's
    closed_on = models.DateField(null=True)
    release_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    retracted_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=64, blank=True)  # of an imported review
    external_id = models.CharField(max_length=255, blank=True)
    reported_score = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    import_fingerprint = models.CharField(max_length=64, blank=True)
    active_seconds = models.PositiveIntegerField(null=True)
    gradings: models.Manager[Grading]

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "conversation",
                "agent",
                "reviewer",
                name="one_standard_review",
                condition=Q(kind="standard") & ~Q(state="retracted"),
            ),
            models.UniqueConstraint(
                "workspace",
                "source",
                "external_id",
                name="imported_review_once",
                condition=~Q(external_id=""),
            ),
            models.CheckConstraint(
                name="submitted_has_date",
                condition=Q(state="draft") | Q(submitted_at__isnull=False, submitted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="selection_has_item",
                condition=Q(selection="manual") | Q(queue_item__isnull=False, stratum__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "submitted_on"],
                name="review_submitted",
                include=[
                    "agent",
                    "team",
                    "reviewer",
                    "scorecard",
                    "score",
                    "selection",
                    "kind",
                    "state",
                    "stratum",
                ],
                condition=Q(state__in=["submitted", "disputed", "resolved"], kind__in=["standard", "peer"]),
            ),
            models.Index(
                fields=["workspace", "closed_on"],
                name="review_closed",
                include=[
                    "agent",
                    "team",
                    "reviewer",
                    "scorecard",
                    "score",
                    "selection",
                    "kind",
                    "state",
                    "stratum",
                ],
                condition=Q(state__in=["submitted", "disputed", "resolved"], kind__in=["standard", "peer"]),
            ),
            models.Index(
                fields=["stratum"],
                name="review_stratum",
                include=["conversation", "reviewer", "score"],
                condition=Q(state__in=["submitted", "disputed", "resolved"], kind__in=["standard", "peer"])
                & Q(stratum__isnull=False),
            ),
            models.Index(fields=["workspace", "updated_at", "id"], name="review_changed"),
            models.Index(fields=["workspace", "agent", "-submitted_at"], name="review_of_agent"),
        ]


COUNTED_STATES = (Review.State.SUBMITTED, Review.State.DISPUTED, Review.State.RESOLVED)
COUNTED_KINDS = (Review.Kind.STANDARD, Review.Kind.PEER)


class OfReviewQuerySet(OwnedQuerySet[M]):
    """Rows that are seen by whoever sees their review."""

    path = "review_id"

    def visible_to(self, actor: Actor) -> Self:
        reviews = Review.objects.visible_to(actor).values("pk")
        return self.in_workspace(actor.workspace_id).filter(**{f"{self.path}__in": reviews})


class OfGradingQuerySet(OfReviewQuerySet[M]):
    path = "grading__review_id"


class OfRatingQuerySet(OfReviewQuerySet[M]):
    path = "rating__grading__review_id"


def immutable() -> list[pgtrigger.Trigger]:
    """Judgements are corrected by a new grading, never in place."""
    return [pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update)]


class Grading(Owned):
    """One scoring of a review: the first at submission, another for each correction. Never changed."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="gradings")
    number = models.PositiveIntegerField()
    version = models.ForeignKey(ScorecardVersion, models.PROTECT, related_name="+")
    grader = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    score = score_field()
    unfailed_score = score_field()
    failed_by = ArrayField(models.CharField(max_length=100), default=list)
    groups = models.JSONField(default=list)  # [{"key", "score"}], four decimals as strings
    tags = models.JSONField(default=list)
    comment = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # why it was corrected
    created_at = models.DateTimeField(default=timezone.now)
    ratings: models.Manager[Rating]

    objects = OfReviewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("review", "number", name="grading_number_once")]
        triggers = immutable()


class Rating(Owned):
    """The option (or N/A) of one category in one grading, with the suggestion that stood beside it."""

    class State(models.TextChoices):
        RATED = "rated"
        NA = "na"
        HIDDEN = "hidden"

    grading = models.ForeignKey(Grading, models.CASCADE, related_name="ratings")
    category = models.CharField(max_length=100)  # the key, stable across versions
    state = models.CharField(max_length=8, choices=State)
    option = models.CharField(max_length=100, blank=True)
    score = score_field()
    applied_weight = score_field()
    comment = models.TextField(blank=True)
    root_causes = ArrayField(models.CharField(max_length=255), default=list)
    suggested_option = models.CharField(max_length=100, blank=True)
    suggestion_source = models.CharField(max_length=64, blank=True)
    suggestion_version = models.CharField(max_length=64, blank=True)
    suggestion_passages = models.JSONField(default=list)

    objects = OfGradingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("grading", "category", name="category_once_per_grading"),
            models.CheckConstraint(
                name="rated_has_option",
                condition=~Q(state="rated") | (~Q(option="") & Q(score__isnull=False)),
            ),
        ]
        triggers = immutable()


class Evidence(Owned):
    """A passage of a message that shows why; code points of the message's text, the words kept with it."""

    rating = models.ForeignKey(Rating, models.CASCADE, related_name="evidence")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()

    objects = OfRatingQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="evidence_has_words", condition=Q(end__gt=F("start")))]
