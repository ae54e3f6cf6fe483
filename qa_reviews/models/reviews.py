"""Reviews with their gradings, ratings and evidence."""

from __future__ import annotations

from typing import Any, Self

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Agent, Member, Team
from common.models import M, Owned, OwnedQuerySet, Stamped
from conversations.models import Conversation, Message
from qa_reviews.models.calibration import CalibrationConversation, CalibrationSession
from qa_reviews.models.sampling import QueueItem, Stratum
from scorecards.models import Scorecard, ScorecardVersion


def score_field() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=7, decimal_places=4, null=True)


def is_released() -> Q:
    """Neither held for a lead nor waiting for its time."""
    return Q(held=False) & (Q(release_at=None) | Q(release_at__lte=timezone.now()))


def _told_to(actor: Actor) -> models.QuerySet[CalibrationConversation, Any]:
    """The ids of what was calibrated in sessions that the actor sees, and that are talked over by now."""
    told = CalibrationSession.objects.visible_to(actor).filter(state__in=CalibrationSession.TOLD)
    rows = CalibrationConversation.objects.in_workspace(actor.workspace_id)
    return rows.filter(session_id__in=told.values("pk")).values("pk")


def _is_told(actor: Actor) -> Q:
    """Calibration reviews that others may read by now; imported ones belong to no session of ours."""
    if not (actor.can(Capability.GRADE) or actor.can(Capability.REVIEW_READ_ALL)):
        return Q(pk__in=[])
    told = Q(calibrated=None) | Q(calibrated_id__in=_told_to(actor))
    himself = actor.member.agent_id if actor.member else None
    return told & ~Q(agent_id=himself) if himself else told


class ReviewQuerySet(OwnedQuerySet["Review"]):
    def counted(self) -> Self:
        """Reviews that count in numbers: submitted and not retracted, neither calibration nor self."""
        return self.filter(state__in=COUNTED_STATES, kind__in=COUNTED_KINDS)

    def visible_to(self, actor: Actor) -> Self:
        """All in scope; a reviewer his own, and others' of a conversation after his own; an agent his own
        once submitted and released, whatever other roles he has. Others' of a calibration session only who
        sees the session, once it is talked over, and never whom they are about."""
        rows = self.in_workspace(actor.workspace_id)
        seen = Q(reviewer_id=actor.member_id)  # also an agent's, of himself
        himself = actor.member.agent_id if actor.member else None
        if himself and actor.can(Capability.GRADE):
            rows = rows.filter(~Q(agent_id=himself) | seen | is_released())
        if actor.member is not None:
            rows = rows.filter(seen | ~Q(kind=Review.Kind.CALIBRATION) | _is_told(actor))
        if actor.can(Capability.REVIEW_READ_ALL):
            scope = actor.scope(Capability.REVIEW_READ_ALL)
            everybodys = ~Q(state=Review.State.DRAFT) | Q(reviewer_id=actor.member_id)
            if scope is None:
                return rows.filter(everybodys)
            seen |= everybodys & Q(team_id__in=scope)
        if actor.can(Capability.GRADE):
            own = Review.objects.filter(workspace_id=actor.workspace_id, reviewer_id=actor.member_id)
            own = own.exclude(kind=Review.Kind.CALIBRATION)
            graded = own.exclude(state=Review.State.DRAFT).values("conversation_id")
            seen |= ~Q(state=Review.State.DRAFT) & Q(conversation_id__in=graded)
            seen |= ~Q(state=Review.State.DRAFT) & Q(calibrated_id__in=_told_to(actor))
        if actor.agent_id:
            his = Q(agent_id=actor.agent_id) & ~Q(kind=Review.Kind.CALIBRATION)
            seen |= his & ~Q(state=Review.State.DRAFT) & is_released()
        return rows.filter(seen)

    def released(self) -> Self:
        """Reviews that their agents may see by now."""
        return self.filter(is_released())


@pghistory.track(exclude=["draft", "reported"])
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
    calibrated = models.ForeignKey(  # of a calibration review; none where it was imported
        CalibrationConversation, models.PROTECT, null=True, related_name="reviews"
    )
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
    blind = models.BooleanField(default=True)  # graded without CSAT, others' gradings and suggestions
    revealed_at = models.DateTimeField(null=True)  # the reviewer looked before he submitted
    started_from = models.CharField(max_length=8, blank=True)  # what the form began with: best, na or nothing
    hashtags = ArrayField(models.CharField(max_length=64), default=list)  # of all its comments, casefolded
    held = models.BooleanField(default=False)  # until a lead releases it
    release_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)  # its agent was told
    seen_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    retracted_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=64, blank=True)  # of an imported review
    external_id = models.CharField(max_length=255, blank=True)
    reported_score = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    reported = models.JSONField(
        default=dict
    )  # what an imported review's source said of it, for the parity report
    import_fingerprint = models.CharField(max_length=64, blank=True)
    active_seconds = models.PositiveIntegerField(null=True)

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
                "conversation",
                "agent",
                "reviewer",
                name="one_peer_review",
                condition=Q(kind="peer", external_id="") & ~Q(state="retracted"),
            ),
            models.UniqueConstraint(
                "workspace",
                "source",
                "external_id",
                name="imported_review_once",
                condition=~Q(external_id=""),
            ),
            models.UniqueConstraint(
                "calibrated",
                "reviewer",
                name="one_calibration_review",
                condition=Q(calibrated__isnull=False) & ~Q(state="retracted"),
            ),
            models.CheckConstraint(
                name="calibrated_is_calibration",
                condition=Q(calibrated__isnull=True) | Q(kind="calibration"),
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
                fields=["stratum", "conversation"],
                name="review_stratum",
                include=["reviewer", "score", "kind", "scorecard"],
                condition=Q(state__in=["submitted", "disputed", "resolved"], kind__in=["standard", "peer"])
                & Q(stratum__isnull=False),
            ),
            models.Index(fields=["workspace", "updated_at", "id"], name="review_changed"),
            models.Index(fields=["workspace", "agent", "-submitted_at"], name="review_of_agent"),
            GinIndex(fields=["hashtags"], name="review_hashtags"),
            models.Index(
                fields=["release_at"],
                name="review_to_announce",
                condition=Q(announced_at=None, held=False) & ~Q(state="draft"),
            ),
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
    uncapped_score = models.DecimalField(
        max_digits=9, decimal_places=4, null=True
    )  # with bonus and deduction
    answers = models.JSONField(default=dict)  # to unscored questions, by their key
    comment = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # why it was corrected
    amends = models.BooleanField(default=False)  # only mends words of the grading before it
    created_at = models.DateTimeField(default=timezone.now)

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
