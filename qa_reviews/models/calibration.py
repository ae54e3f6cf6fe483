"""Calibration sessions: the same conversations graded by several, compared, talked over and decided on."""

from __future__ import annotations

from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Agent, Member, Team
from common.models import M, Owned, OwnedQuerySet, Stamped
from conversations.models import Conversation
from scorecards.models import Scorecard, ScorecardVersion


class CalibrationQuerySet(OwnedQuerySet["CalibrationSession"]):
    def visible_to(self, actor: Actor) -> Self:
        """Who takes part or leads it; whoever plans sees all in his scope, drafts only his own."""
        rows = self.in_workspace(actor.workspace_id)
        own = Q(facilitator_id=actor.member_id)
        begun = ~Q(state=CalibrationSession.State.DRAFT)
        parts = CalibrationParticipant.objects.filter(
            Q(member_id=actor.member_id), workspace_id=actor.workspace_id
        )
        seen = own | begun & Q(pk__in=parts.values("session_id"))
        if actor.can(Capability.PLAN_MANAGE):
            scope = actor.scope(Capability.PLAN_MANAGE)
            seen |= begun if scope is None else begun & Q(team_id__in=scope)
        return rows.filter(seen)


@pghistory.track()
class CalibrationSession(Owned, Stamped):
    """Who grades which conversations by which scorecard, until when. Nothing of it counts in the IQS.

    draft -> open (participants grade, blind to each other) -> discussing (all is shown) -> closed.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        DISCUSSING = "discussing"
        CLOSED = "closed"

    TOLD = (State.DISCUSSING, State.CLOSED)  # when everybody's grades are shown

    name = models.CharField(max_length=255)
    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="+")
    version = models.ForeignKey(  # fixed when it opens, so that all grade by the same
        ScorecardVersion, models.PROTECT, null=True, related_name="+"
    )
    facilitator = models.ForeignKey(Member, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")  # none = the workspace
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    due_on = models.DateField()
    baseline = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # whose grades are
    # the ones to compare with; none = the middle of all
    opened_at = models.DateTimeField(null=True)
    discussed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = CalibrationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="begun_has_version", condition=Q(state="draft") | Q(version__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.name


class OfSessionQuerySet(OwnedQuerySet[M]):
    """Rows that are seen by whoever sees their session."""

    path = "session_id"

    def visible_to(self, actor: Actor) -> Self:
        sessions = CalibrationSession.objects.visible_to(actor).values("pk")
        return self.in_workspace(actor.workspace_id).filter(**{f"{self.path}__in": sessions})


class OfCalibratedQuerySet(OfSessionQuerySet[M]):
    path = "conversation__session_id"


class CalibrationConversation(Owned):
    """One conversation of a session, and whose work in it is graded."""

    session = models.ForeignKey(CalibrationSession, models.CASCADE, related_name="conversations")
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField()

    objects = OfSessionQuerySet["CalibrationConversation"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("session", "conversation", "agent", name="calibrated_once"),
        ]


class CalibrationParticipant(Owned):
    """Who grades in a session."""

    session = models.ForeignKey(CalibrationSession, models.CASCADE, related_name="participants")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    reminded_at = models.DateTimeField(null=True)

    objects = OfSessionQuerySet["CalibrationParticipant"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("session", "member", name="participates_once")]


class CalibrationNote(Owned):
    """What was said about a conversation, or about one category in it, when it was talked over."""

    conversation = models.ForeignKey(CalibrationConversation, models.CASCADE, related_name="notes")
    category = models.CharField(max_length=100, blank=True)  # the key; empty = the whole
    author = models.ForeignKey(Member, models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(default=timezone.now)

    objects = OfCalibratedQuerySet["CalibrationNote"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["conversation", "id"], name="notes_of_calibrated")]


@pghistory.track()
class CalibrationDecision(Owned):
    """How a category is to be read from now on; shown with the scorecard wherever it is graded."""

    session = models.ForeignKey(CalibrationSession, models.CASCADE, related_name="decisions")
    category = models.CharField(max_length=100)  # the key
    text = models.TextField()
    decided_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    objects = OfSessionQuerySet["CalibrationDecision"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["session", "id"], name="decisions_of_session")]
