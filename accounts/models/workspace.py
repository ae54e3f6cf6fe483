"""A workspace and its settings."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any, Self

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.access import Actor
from common.models import Owned, OwnedQuerySet, Stamped


class Workspace(Stamped):
    """One organisation's walled-off space."""

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=255)
    timezone = models.CharField(max_length=64, default="UTC")

    def __str__(self) -> str:
        return self.name


def share(default: str) -> models.DecimalField[Any, Any]:
    return models.DecimalField(
        max_digits=5,
        decimal_places=4,
        default=Decimal(default),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )


class SettingsQuerySet(OwnedQuerySet["WorkspaceSettings"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.in_workspace(actor.workspace_id)


@pghistory.track()
class WorkspaceSettings(Owned, Stamped):
    """The one typed row of settings (domain.md section 4); readers take values, never this model."""

    class WeekStart(models.TextChoices):
        MONDAY = "monday"
        SUNDAY = "sunday"
        SATURDAY = "saturday"

    class Headline(models.TextChoices):
        IQS_ALL_WORK = "iqs_all_work"
        AVERAGE_OF_REVIEWED = "average_of_reviewed"

    class Resolver(models.TextChoices):
        REVIEWER = "reviewer"
        LEAD = "lead"

    class Release(models.TextChoices):
        AT_ONCE = "at_once"
        SCHEDULED = "scheduled"
        BY_LEAD = "by_lead"

    class Responsible(models.TextChoices):
        ASSIGNEE = "assignee"
        MOST_ACTIVE = "most_active"

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="settings")
    pass_mark = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        default=Decimal(80),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    week_start = models.CharField(max_length=8, choices=WeekStart, default=WeekStart.MONDAY)
    headline = models.CharField(max_length=32, choices=Headline, default=Headline.IQS_ALL_WORK)
    headline_plan_id = models.BigIntegerField(null=True, blank=True)  # qa_reviews is above: a plain number
    dispute_days = models.PositiveSmallIntegerField(default=14)
    dispute_rounds = models.PositiveSmallIntegerField(default=1)
    dispute_resolver = models.CharField(max_length=16, choices=Resolver, default=Resolver.REVIEWER)
    dispute_answer_days = models.PositiveSmallIntegerField(default=7)
    blind = models.BooleanField(default=True)
    hide_csat = models.BooleanField(default=False)
    hide_reviewer = models.BooleanField(default=False)
    self_reviews = models.BooleanField(default=False)
    reviewers_revise = models.BooleanField(default=True)
    reviewers_pick = models.BooleanField(default=True)
    peer_in_iqs = models.BooleanField(default=True)  # peers' reviews count like reviewers'
    claim_hours = models.PositiveSmallIntegerField(  # a conversation that was taken and forgotten returns
        default=4, validators=[MinValueValidator(1), MaxValueValidator(168)]
    )
    release = models.CharField(max_length=16, choices=Release, default=Release.AT_ONCE)
    release_time = models.TimeField(default=time(9))  # local; of every day, or of `release_weekday`
    release_weekday = models.PositiveSmallIntegerField(  # 1 = Monday; none = every day
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    reviewee = models.CharField(max_length=16, choices=Responsible, default=Responsible.ASSIGNEE)
    csat_agent = models.CharField(max_length=16, choices=Responsible, default=Responsible.ASSIGNEE)
    min_reviews = models.PositiveSmallIntegerField(default=5)
    min_team_reviews = models.PositiveSmallIntegerField(default=10)
    min_team_range_reviews = models.PositiveSmallIntegerField(default=30)
    min_team_range_agents = models.PositiveSmallIntegerField(default=3)
    min_answers = models.PositiveSmallIntegerField(default=10)
    wide_half_width = models.PositiveSmallIntegerField(default=20)
    min_completion = share("0.8")
    max_uncovered = share("0.2")
    open_assignment_cap = models.PositiveSmallIntegerField(default=3)
    retention_days = models.JSONField(default=dict, blank=True)  # days by kind of data; absent = kept

    objects = SettingsQuerySet.as_manager()
