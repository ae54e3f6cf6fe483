"""How numbers are written: four decimals as strings, counts as numbers, unknown as null."""

from __future__ import annotations

from typing import Any, get_args

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from common.periods import INTERVALS
from common.refs import ref_json
from common.serializers import Fixed4, RefOut
from insights.facts import Times
from insights.query import AXES, DIMS
from insights.ramp import Cohort, Point
from insights.selectors import CsatRow, IqsRow, Ramp, TimesRow
from insights.stats import fixed4


def _parameter(name: str, of: Any, description: str, many: bool = False, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, of, description=description, many=many, **more)


PARAMETERS = [
    _parameter("from", OpenApiTypes.DATE, "First local date; without from and to the last 13 weeks."),
    _parameter("to", OpenApiTypes.DATE, "Last local date, inclusive."),
    _parameter(
        "plan", OpenApiTypes.INT, "The plan of the estimates; the workspace's headline plan if absent."
    ),
    _parameter("group_by", str, "One or two of these; none gives one row for all.", many=True, enum=DIMS),
    _parameter("interval", str, "Calendar buckets; none gives one for the whole period.", enum=INTERVALS),
    _parameter("agent", str, "An id or external:<id>, repeated for any of them.", many=True),
    _parameter("team", OpenApiTypes.INT, "An id, repeated for any of them.", many=True),
    _parameter("selection", str, "How the reviewed conversations were chosen.", many=True),
    _parameter("kind", str, "Kinds of reviews; standard and peer if absent.", many=True),
    _parameter("date_axis", str, "The date that counts; never acts on estimates.", enum=AXES),
]

RAMP_PARAMETERS = [
    _parameter("cohort", str, "Who is looked at together: all who started in one.", enum=get_args(Cohort)),
    *(each for each in PARAMETERS if each.name in ("plan", "team")),
]


class RefusalOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class EstimateOut(serializers.Serializer[Any]):
    """A number over all work; a refused one is null, with its reason."""

    value = Fixed4(allow_null=True)
    low = Fixed4(allow_null=True)
    high = Fixed4(allow_null=True)
    reviews = serializers.IntegerField()
    effective_reviews = serializers.FloatField(allow_null=True)
    frame = serializers.IntegerField()
    covered = Fixed4(allow_null=True)
    wide = serializers.BooleanField()
    pooled_over = serializers.ChoiceField(choices=["team", "workspace"], allow_null=True)
    drawn_from = serializers.DateField(allow_null=True)
    drawn_to = serializers.DateField(allow_null=True)
    refused = RefusalOut(allow_null=True)
    range_refused = RefusalOut(allow_null=True)


class NumbersKey(serializers.Serializer[Any]):
    """Who or what a row speaks of (the grouped dimensions only), and the first day of its interval."""

    agent = RefOut(required=False, allow_null=True)
    team = RefOut(required=False, allow_null=True)
    reviewer = RefOut(required=False)
    scorecard = RefOut(required=False)
    group = serializers.CharField(required=False)
    group_name = serializers.CharField(required=False)
    category = serializers.CharField(required=False)
    category_name = serializers.CharField(required=False)
    channel = serializers.CharField(required=False)
    topic = serializers.CharField(required=False)
    period_start = serializers.DateField(allow_null=True)


class IqsOut(NumbersKey):
    """`pass_rate` is the share 0..1 of the reviews; `pass_estimate` that of all the work in per cent, 0..100,
    null for parts of the work (scorecard, group, category, channel, topic)."""

    reviews = serializers.IntegerField()
    mean = Fixed4(allow_null=True)
    pass_rate = Fixed4(allow_null=True)
    estimate = EstimateOut()
    pass_estimate = EstimateOut(allow_null=True)


class CsatOut(NumbersKey):
    answers = serializers.IntegerField()
    asked = serializers.IntegerField(allow_null=True)
    response_rate = Fixed4(allow_null=True)
    percent_of_max = Fixed4(allow_null=True)
    satisfied_share = Fixed4(allow_null=True)
    satisfied_low = Fixed4(allow_null=True)
    satisfied_high = Fixed4(allow_null=True)
    refused = RefusalOut(allow_null=True)


class TimesOut(serializers.Serializer[Any]):
    """Seconds; `answered` conversations count, `excluded` ones had a time of zero or less."""

    median = Fixed4(allow_null=True)
    p90 = Fixed4(allow_null=True)
    answered = serializers.IntegerField()
    excluded = serializers.IntegerField()


class BothTimesOut(NumbersKey, TimesOut):
    """Our own figures, and under `reported` those of the source."""

    reported = TimesOut()


class NumbersAnswer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField()


class IqsAnswer(NumbersAnswer):
    results = IqsOut(many=True)


class CsatAnswer(NumbersAnswer):
    results = CsatOut(many=True)


class TimesAnswer(NumbersAnswer):
    results = BothTimesOut(many=True)


class RampPointOut(serializers.Serializer[Any]):
    """One step; `first_day` and `last_day` count the day of the start as 1."""

    first_day = serializers.IntegerField()
    last_day = serializers.IntegerField()
    agents = serializers.IntegerField()
    estimate = EstimateOut()


class RampLineOut(serializers.Serializer[Any]):
    """Those who started from `cohort_start` to `cohort_end`; without points when refused."""

    cohort_start = serializers.DateField()
    cohort_end = serializers.DateField()
    agents = serializers.IntegerField()
    refused = RefusalOut(allow_null=True)
    points = RampPointOut(many=True)


class RampAnswer(NumbersAnswer):
    """Newest cohort first; `together` is all of them as one. `unknown_start`: agents without a start date."""

    cohort = serializers.ChoiceField(choices=get_args(Cohort))
    plan = RefOut(allow_null=True)
    results = RampLineOut(many=True)
    together = RampPointOut(many=True)
    unknown_start = serializers.IntegerField()


def ramp_json(found: Ramp) -> dict[str, Any]:
    """The answer of ramp/."""
    return {
        "cohort": found.cohort,
        "plan": ref_json(found.sample and found.sample.plan),
        "results": [
            {
                "cohort_start": line.started.first,
                "cohort_end": line.started.last,
                "agents": line.agents,
                "refused": line.refused and line.refused.as_json(),
                "points": list(map(_ramp_point, line.points)),
            }
            for line in found.lines
        ],
        "together": list(map(_ramp_point, found.together)),
        "unknown_start": found.unknown,
    }


def _ramp_point(point: Point) -> dict[str, Any]:
    return {
        "first_day": point.first_day,
        "last_day": point.last_day,
        "agents": point.agents,
        "estimate": point.estimate.as_json(),
    }


def iqs_json(row: IqsRow) -> dict[str, Any]:
    """The numbers of one row of iqs/."""
    return {
        "reviews": row.reviews,
        "mean": fixed4(row.mean),
        "pass_rate": fixed4(row.pass_rate),
        "estimate": row.estimate.as_json(),
        "pass_estimate": row.pass_estimate and row.pass_estimate.as_json(),
    }


def csat_json(row: CsatRow) -> dict[str, Any]:
    """The numbers of one row of csat/."""
    found = row.csat
    return {
        "answers": found.answers,
        "asked": found.asked,
        "response_rate": fixed4(found.response_rate),
        "percent_of_max": fixed4(found.percent_of_max),
        "satisfied_share": fixed4(found.satisfied_share),
        "satisfied_low": fixed4(found.satisfied_low),
        "satisfied_high": fixed4(found.satisfied_high),
        "refused": found.refused and found.refused.as_json(),
    }


def times_json(row: TimesRow) -> dict[str, Any]:
    """The numbers of one row of first-response/ and resolution/."""
    return _times(row.times.computed) | {"reported": _times(row.times.reported)}


def _times(times: Times) -> dict[str, Any]:
    return {
        "median": fixed4(times.median),
        "p90": fixed4(times.p90),
        "answered": times.answered,
        "excluded": times.excluded,
    }
