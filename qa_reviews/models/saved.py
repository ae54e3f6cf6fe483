"""Filters of a list page that somebody keeps under a name."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.access import Actor
from accounts.models import Member
from common.models import Owned, OwnedQuerySet, Stamped


class SavedViewQuerySet(OwnedQuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> Self:
        """His own, and those that others share. What a view shows is decided when it is opened."""
        rows = self.in_workspace(actor.workspace_id)
        return rows.filter(Q(owner_id=actor.member_id) | Q(shared=True))


class SavedView(Owned, Stamped):
    """A page's query string under a name."""

    class Page(models.TextChoices):
        REVIEWS = "reviews"
        CONVERSATIONS = "conversations"
        OVERVIEW = "insights-overview"
        AGENTS = "insights-agents"
        CATEGORIES = "insights-categories"
        MAP = "insights-iqs-csat"
        REVIEWERS = "insights-reviewers"
        AGREEMENT = "insights-agreement"

    page = models.CharField(max_length=32, choices=Page)
    name = models.CharField(max_length=120)
    query = models.TextField(blank=True)
    owner = models.ForeignKey(Member, models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("workspace", "owner", "page", "name", name="view_name_once")]


class ViewScheduleQuerySet(OwnedQuerySet["ViewSchedule"]):
    def visible_to(self, actor: Actor) -> Self:
        """His own: what he is sent is what he may see."""
        return self.in_workspace(actor.workspace_id).filter(member_id=actor.member_id)


class ViewSchedule(Owned, Stamped):
    """A saved view that a member is sent by e-mail, on one weekday or one day of each month."""

    class Every(models.TextChoices):
        WEEK = "week"
        MONTH = "month"

    view = models.ForeignKey(SavedView, models.CASCADE, related_name="schedules")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    every = models.CharField(max_length=8, choices=Every, default=Every.WEEK)
    day = models.PositiveSmallIntegerField(default=1)  # 1 = Monday, or the day of the month up to 28
    sent_for = models.DateField(null=True)  # the newest local day on which it was sent

    objects = ViewScheduleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("view", "member", name="schedule_once"),
            models.CheckConstraint(
                name="schedule_day_exists",
                condition=Q(every="week", day__range=(1, 7)) | Q(every="month", day__range=(1, 28)),
            ),
        ]
