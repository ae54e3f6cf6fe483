"""The arithmetic of one number as the API writes it: plain numbers here, so that they can be added up."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from common.refs import ref_json
from common.serializers import RefOut
from insights.query import WORK_DIMS
from insights.selectors import Drawn, Explained
from insights.selectors.estimates import NUMBERS
from insights.serializers import PARAMETERS, EstimateOut, NumbersAnswer, NumbersKey
from qa_reviews.models import Band

ABOUT = "The row's value, where it is grouped by; of a group or category <scorecard id>:<key>."
WORKINGS_PARAMETERS = [
    *(each for each in PARAMETERS if each.name not in ("selection", "kind", "date_axis")),
    *(OpenApiParameter(dim, str, description=ABOUT) for dim in WORK_DIMS),
    OpenApiParameter("period_start", OpenApiTypes.DATE, description="The row's interval."),
    OpenApiParameter("number", str, enum=NUMBERS, description="The IQS if absent."),
]


class WorkingsPart(serializers.Serializer[Any]):
    """One band of one drawn period. `weight` W is its share of all the work, `belonging` that of what the
    number speaks of (the same but for scorecards, groups, categories, channels and topics); `mean` and `s2`
    in points. belonging x mean = `adds`; the sums of `adds` and `adds_variance` are value and variance."""

    period_start = serializers.DateField()
    period_end = serializers.DateField()
    band = serializers.ChoiceField(Band.choices)
    frame = serializers.IntegerField()
    drawn = serializers.IntegerField()
    not_reviewable = serializers.IntegerField()
    reviews = serializers.IntegerField()
    rated = serializers.IntegerField()
    stands_for = serializers.FloatField()
    weight = serializers.FloatField()
    belonging = serializers.FloatField()
    mean = serializers.FloatField(allow_null=True)
    s2 = serializers.FloatField(allow_null=True)
    adds = serializers.FloatField()
    adds_variance = serializers.FloatField()


class WorkingsAnswer(NumbersAnswer):
    """`level` is p, 0..1; `sampling_variance` and `reviewer_variance` add up to `variance`; null where the
    number or its range is refused."""

    row = NumbersKey()
    number = serializers.ChoiceField(choices=NUMBERS)
    plan = RefOut(allow_null=True)
    estimate = EstimateOut()
    parts = WorkingsPart(many=True)
    level = serializers.FloatField(allow_null=True)
    sampling_variance = serializers.FloatField(allow_null=True)
    reviewer_variance = serializers.FloatField(allow_null=True)
    variance = serializers.FloatField(allow_null=True)


def workings_json(found: Explained, names: dict[str, Any]) -> dict[str, Any]:
    """The answer of iqs/workings/; `names` is the row's key as iqs/ writes it."""
    worked = found.working
    return {
        "row": names | {"period_start": found.place.start},
        "number": found.place.number,
        "plan": ref_json(found.sample and found.sample.plan),
        "estimate": found.estimate.as_json(),
        "parts": [_part(part) for part in found.parts],
        "level": worked.level,
        "sampling_variance": worked.sampling_variance,
        "reviewer_variance": worked.reviewer_variance,
        "variance": worked.variance,
    }


def _part(part: Drawn) -> dict[str, Any]:
    return {
        "period_start": part.period.first,
        "period_end": part.period.last,
        "band": part.band,
        "frame": part.frame,
        "drawn": part.drawn,
        "not_reviewable": part.not_reviewable,
        "reviews": part.reviews,
        "rated": part.rated,
        "stands_for": part.stands_for,
        "weight": part.weight,
        "belonging": part.belonging,
        "mean": part.mean,
        "s2": part.s2,
        "adds": part.adds,
        "adds_variance": part.adds_variance,
    }
