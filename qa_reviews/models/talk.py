"""What people say about a review: remarks on messages, comments, disputes, and ready texts for them."""

from __future__ import annotations

from typing import Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Agent, Member
from common.models import Owned, OwnedQuerySet, Stamped
from conversations.models import Message
from qa_reviews.models.reviews import Grading, OfGradingQuerySet, OfReviewQuerySet, Review


class Remark(Owned):
    """A remark or praise on a message, or on words of it; it stands beside the ratings and counts nowhere."""

    class Kind(models.TextChoices):
        REMARK = "remark"
        PRAISE = "praise"

    grading = models.ForeignKey(Grading, models.CASCADE, related_name="remarks")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    start = models.PositiveIntegerField(null=True)  # code points of the message's text; none = all of it
    end = models.PositiveIntegerField(null=True)
    quote = models.TextField(blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.REMARK)
    body = models.TextField(blank=True)  # Markdown

    objects = OfGradingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="remark_passage_whole",
                condition=Q(start=None, end=None) | Q(start__isnull=False, end__gt=F("start")),
            )
        ]


class CommentQuerySet(OfReviewQuerySet["ReviewComment"]):
    def visible_to(self, actor: Actor) -> Self:
        """Private notes only to those who grade or read all reviews, never to the agent the review is of."""
        rows = super().visible_to(actor)
        himself = actor.member.agent_id if actor.member else None  # in whatever role he acts
        if not (actor.can(Capability.GRADE) or actor.can(Capability.REVIEW_READ_ALL)):
            rows = rows.filter(visibility=ReviewComment.Visibility.EVERYONE)
        elif himself:
            private = Q(visibility=ReviewComment.Visibility.REVIEWERS, review__agent_id=himself)
            rows = rows.exclude(private)
        return rows


@pghistory.track()
class ReviewComment(Owned, Stamped):
    """A line of the talk under a review; what it said before it was edited stays in its history."""

    class Visibility(models.TextChoices):
        EVERYONE = "everyone"
        REVIEWERS = "reviewers"

    review = models.ForeignKey(Review, models.CASCADE, related_name="comments")
    author = models.ForeignKey(Member, models.PROTECT, related_name="+")
    body = models.TextField()  # Markdown
    visibility = models.CharField(max_length=16, choices=Visibility, default=Visibility.EVERYONE)
    category = models.CharField(max_length=100, blank=True)  # the key; empty = the whole review
    edited_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["review", "id"], name="comments_of_review")]


@pghistory.track()
class Dispute(Owned, Stamped):
    """An agent's objection to a review, and its answer."""

    class Kind(models.TextChoices):
        RATINGS = "ratings"
        WRONG_AGENT = "wrong_agent"

    class State(models.TextChoices):
        OPEN = "open"
        RESOLVED = "resolved"
        CLOSED = "closed"  # its review was retracted

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted"
        PARTIALLY_ACCEPTED = "partially_accepted"
        REJECTED = "rejected"

    review = models.ForeignKey(Review, models.CASCADE, related_name="disputes")
    number = models.PositiveIntegerField()  # the round
    grading_number = models.PositiveIntegerField()  # what it objects to
    kind = models.CharField(max_length=16, choices=Kind)
    comment = models.TextField()
    proposed = models.JSONField(default=list)  # [{"category", "option" or "na", "comment"}]
    proposed_agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    raised_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()  # unanswered until then, it goes to the leads
    escalated_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # rerouted to
    outcome = models.CharField(max_length=24, choices=Outcome, blank=True)
    answer = models.TextField(blank=True)
    resolved_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    objects = OfReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("review", "number", name="dispute_number_once"),
            models.UniqueConstraint("review", name="one_open_dispute", condition=Q(state="open")),
            models.CheckConstraint(
                name="resolved_has_outcome",
                condition=~Q(state="resolved") | (~Q(outcome="") & Q(resolved_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="disputes_due", condition=Q(state="open", escalated_at=None))
        ]


class TemplateQuerySet(OwnedQuerySet["CommentTemplate"]):
    def visible_to(self, actor: Actor) -> Self:
        """Shared ones and his own, for those who grade."""
        rows = self.in_workspace(actor.workspace_id)
        if not actor.can(Capability.GRADE):
            return rows.none()
        return rows.filter(Q(owner=None) | Q(owner_id=actor.member_id))


class CommentTemplate(Owned, Stamped):
    """A ready text for comments: somebody's own, or shared by all."""

    name = models.CharField(max_length=120)
    body = models.TextField()
    category = models.CharField(max_length=100, blank=True)  # offered first there; empty = anywhere
    owner = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+")  # none = shared

    objects = TemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "workspace", "owner", "name", name="template_name_once", nulls_distinct=False
            )
        ]
