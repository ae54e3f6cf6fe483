"""Shape of the planner's answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.serializers import Fixed4, RefOut
from qa_reviews.selectors.planner import Planning, TeamLine

TIMED = [("scorecard", "scorecard"), ("workspace", "workspace")]
"""Whose reviews were timed."""


class SdOut(serializers.Serializer[Any]):
    """A standard deviation in points, and whose reviews told it; assumed while too few did."""

    points = Fixed4()
    whose = serializers.ChoiceField(["team", "workspace", "assumed"])


class UsualTimeOut(serializers.Serializer[Any]):
    """The median minutes of a review, of how many, and whether they are of the plan's scorecard."""

    minutes = Fixed4(allow_null=True)
    reviews = serializers.IntegerField()
    of = serializers.ChoiceField(TIMED, allow_null=True)


class PlannerLineOut(serializers.Serializer[Any]):
    """All of one period. `needed`: reviews to know this line's own mean to the half width asked for; `each`:
    what all its agents need for their own; `reviews` of today's quota, and to +- how many points they tell
    the mean (`known_to`). Hours are null while nobody measured a review."""

    agents = serializers.IntegerField(source="line.agents")
    frame = serializers.IntegerField(source="line.frame")
    sd = SdOut(source="line.sd")
    needed = serializers.IntegerField(source="line.needed")
    each = serializers.IntegerField(source="line.each")
    reviews = serializers.IntegerField(source="line.reviews")
    known_to = Fixed4(source="line.known_to", allow_null=True)
    hours_needed = serializers.SerializerMethodField()
    hours_each = serializers.SerializerMethodField()
    hours = serializers.SerializerMethodField()

    def get_hours_needed(self, row: Any) -> str | None:
        return self._hours(row.line.needed)

    def get_hours_each(self, row: Any) -> str | None:
        return self._hours(row.line.each)

    def get_hours(self, row: Any) -> str | None:
        return self._hours(row.line.reviews)

    def _hours(self, reviews: int) -> str | None:
        hours = self.context["time"].hours(reviews)
        return None if hours is None else f"{hours:.4f}"


class PlannerTeamOut(PlannerLineOut):
    team = RefOut(allow_null=True)


class PlannerAgentOut(PlannerLineOut):
    agent = RefOut()
    team = RefOut(allow_null=True)


class PlannerPeriodOut(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()


class PlannerOut(serializers.Serializer[Any]):
    """How many reviews a period make +- so many points, and what they cost."""

    plan = RefOut()
    half_width = Fixed4()
    periods = PlannerPeriodOut(many=True)
    time = UsualTimeOut()
    total = serializers.SerializerMethodField()
    teams = PlannerTeamOut(many=True)
    agents = PlannerAgentOut(many=True)

    @extend_schema_field(PlannerLineOut)
    def get_total(self, row: Planning) -> Any:
        return PlannerLineOut(TeamLine(None, row.whole), context=self.context).data
