"""Grading the grader: how well a review was made, by a scorecard of its own."""

from __future__ import annotations

from typing import Self

import pghistory
from django.db import models
from django.db.models import Q

from accounts.access import Actor, Capability
from accounts.models import Member
from common.models import Owned, OwnedQuerySet, Stamped
from qa_reviews.models.reviews import Review, score_field
from scorecards.models import ScorecardVersion


class ReviewCheckQuerySet(OwnedQuerySet["ReviewCheck"]):
    def visible_to(self, actor: Actor) -> Self:
        """Who leads the team of the review, and the reviewer whose review it is, once it is submitted."""
        rows = self.in_workspace(actor.workspace_id)
        seen = Q(checker_id=actor.member_id)
        submitted = Q(submitted_at__isnull=False)
        if actor.can(Capability.REVIEW_MANAGE):
            scope = actor.scope(Capability.REVIEW_MANAGE)
            seen |= submitted if scope is None else submitted & Q(review__team_id__in=scope)
        seen |= submitted & Q(review__reviewer_id=actor.member_id)
        return rows.filter(seen)


@pghistory.track(exclude=["draft"])
class ReviewCheck(Owned, Stamped):
    """One lead's judgement of one review. It is no review: no number of an agent ever sees it."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="checks")
    grading_number = models.PositiveIntegerField()  # which grading was looked at
    version = models.ForeignKey(ScorecardVersion, models.PROTECT, related_name="+")
    checker = models.ForeignKey(Member, models.PROTECT, related_name="+")
    draft = models.JSONField(default=dict)  # ratings and comment until it is submitted; empty afterwards
    ratings = models.JSONField(default=list)  # [{"category", "state", "option", "score", "comment"}]
    score = score_field()
    comment = models.TextField(blank=True)
    submitted_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)  # the reviewer's
    answered_at = models.DateTimeField(null=True)

    objects = ReviewCheckQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("review", "checker", name="checked_once_each")]
        indexes = [models.Index(fields=["workspace", "submitted_at"], name="checks_submitted")]
