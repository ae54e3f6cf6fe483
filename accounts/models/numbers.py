"""What numbers are set against: the workspace's hours, its targets for times, and published figures."""

from __future__ import annotations

from typing import Self

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.access import Actor
from common.models import M, Owned, OwnedQuerySet, Stamped


class EverybodysQuerySet(OwnedQuerySet[M]):
    """Rows that every member of the workspace may know."""

    def visible_to(self, actor: Actor) -> Self:
        return self.in_workspace(actor.workspace_id)


@pghistory.track()
class BusinessHours(Owned):
    """One span of a weekday in local time. A workspace without any is always open."""

    weekday = models.PositiveSmallIntegerField(  # 1 = Monday
        validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    opens = models.TimeField()
    closes = models.TimeField()  # 00:00 is the end of the day

    objects = EverybodysQuerySet["BusinessHours"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", "weekday", "opens", name="span_once"),
            models.CheckConstraint(
                name="closes_after_it_opens", condition=Q(closes="00:00") | Q(closes__gt=F("opens"))
            ),
        ]


@pghistory.track()
class Holiday(Owned):
    """A local day on which nobody answers, whatever its weekday."""

    day = models.DateField()
    name = models.CharField(max_length=120, blank=True)

    objects = EverybodysQuerySet["Holiday"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("workspace", "day", name="holiday_once")]


@pghistory.track()
class TimeTarget(Owned, Stamped):
    """How fast customers shall be answered. An empty condition holds for anything; of those that hold for a
    conversation the one with the most conditions counts, else the older."""

    class Measure(models.TextChoices):
        FIRST_RESPONSE = "first_response"
        RESOLUTION = "resolution"

    class Clock(models.TextChoices):
        CALENDAR = "calendar"
        BUSINESS = "business"  # only the workspace's hours count

    measure = models.CharField(max_length=16, choices=Measure)
    seconds = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    clock = models.CharField(max_length=8, choices=Clock, default=Clock.CALENDAR)
    channel = models.CharField(max_length=64, blank=True)
    topic = models.CharField(max_length=255, blank=True)
    priority = models.CharField(max_length=64, blank=True)  # of the conversation's attribute of that name

    objects = EverybodysQuerySet["TimeTarget"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "workspace", "measure", "channel", "topic", "priority", name="time_target_once"
            )
        ]


@pghistory.track()
class ReferenceFigure(Owned, Stamped):
    """A published figure of the field, drawn as a line to compare with, never as a target."""

    class Metric(models.TextChoices):
        CSAT = "csat"  # satisfied, in per cent
        IQS = "iqs"
        TRACKS_IQS = "tracks_iqs"  # companies that know their IQS, in per cent

    metric = models.CharField(max_length=16, choices=Metric)
    value = models.DecimalField(
        max_digits=7, decimal_places=4, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    year = models.PositiveSmallIntegerField(validators=[MinValueValidator(1990), MaxValueValidator(2200)])
    source = models.CharField(max_length=255)
    url = models.URLField(blank=True)
    shown = models.BooleanField(default=True)  # as a line in charts

    objects = EverybodysQuerySet["ReferenceFigure"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", "metric", "year", "source", name="reference_figure_once")
        ]
