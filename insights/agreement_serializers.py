"""How reviewers and their agreement are written: four decimals as strings, unknown as null."""

from __future__ import annotations

from typing import Any, get_args

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from common.refs import ref_json
from common.serializers import Fixed4, RefOut
from insights.selectors.agreement import Agreement, AgreementRow
from insights.selectors.reviewers import ReviewerLine, Reviewers
from insights.serializers import PARAMETERS, NumbersAnswer, RefusalOut
from insights.stats import fixed4
from insights.stats.graders import Against, Distance, Finding
from insights.stats.readings import Ranged
from insights.stats.severity import Severity

KEPT = ("from", "to", "team")
REVIEWER_PARAMETERS = [each for each in PARAMETERS if each.name in KEPT]
AGREEMENT_PARAMETERS = [
    *REVIEWER_PARAMETERS,
    OpenApiParameter("scorecard", int, description="An id, repeated for any of them.", many=True),
]


class ExpectedOut(serializers.Serializer[Any]):
    """Over `reviews` of agents whom others graded, too: the mean given, and what the others gave the same
    agents in the same proportions; the difference with its 95 % range, below zero where he gives less."""

    reviews = serializers.IntegerField()
    given = Fixed4()
    expected = Fixed4()
    difference = Fixed4()
    low = Fixed4(allow_null=True)
    high = Fixed4(allow_null=True)


class PaceOut(serializers.Serializer[Any]):
    """The median time that reviews were worked on; imported ones have none."""

    reviews = serializers.IntegerField()
    median_seconds = Fixed4()


class SeverityOut(serializers.Serializer[Any]):
    """How many points he gives below the others in the same conversations; below zero: above them."""

    value = Fixed4(allow_null=True)
    low = Fixed4(allow_null=True)
    high = Fixed4(allow_null=True)
    pairs = serializers.IntegerField()
    refused = RefusalOut(allow_null=True)


class DistanceOut(serializers.Serializer[Any]):
    """The mean distance in points from the others in the conversations that others graded, too."""

    conversations = serializers.IntegerField()
    mean_difference = Fixed4()


class DisputedOut(serializers.Serializer[Any]):
    raised = serializers.IntegerField()
    answered = serializers.IntegerField()
    overturned = serializers.IntegerField()


class ReviewerOut(serializers.Serializer[Any]):
    """One reviewer. `stands_out`: what is unlike the other reviewers, the farthest first."""

    reviewer = RefOut()
    reviews = serializers.IntegerField()
    mean = Fixed4(allow_null=True)
    spread = Fixed4(allow_null=True)
    hundreds_share = Fixed4(allow_null=True)
    expected = ExpectedOut(allow_null=True)
    pace = PaceOut(allow_null=True)
    waiting = serializers.IntegerField()
    overdue = serializers.IntegerField()
    severity = SeverityOut()
    agreement = DistanceOut(allow_null=True)
    disputes = DisputedOut()
    stands_out = serializers.ListField(child=serializers.ChoiceField(choices=get_args(Finding)))


class ReviewersAnswer(NumbersAnswer):
    """Who stands out first, the others by name. `cut`: of conversations graded by several, only the latest
    are looked at."""

    results = ReviewerOut(many=True)
    cut = serializers.BooleanField()


def reviewers_json(found: Reviewers) -> dict[str, Any]:
    """The answer of reviewers/."""
    return {"results": [_reviewer(line) for line in found.lines], "cut": found.cut}


def _reviewer(line: ReviewerLine) -> dict[str, Any]:
    level, pace = line.level, line.pace
    return {
        "reviewer": ref_json(line.reviewer),
        "reviews": level.reviews,
        "mean": fixed4(level.mean),
        "spread": fixed4(level.spread),
        "hundreds_share": fixed4(level.hundreds),
        "expected": line.against and _expected(line.against),
        "pace": pace and {"reviews": pace.reviews, "median_seconds": fixed4(pace.median)},
        "waiting": line.waiting.items,
        "overdue": line.waiting.overdue,
        "severity": _severity(line.severity),
        "agreement": line.distance and _distance(line.distance),
        "disputes": line.disputes._asdict(),
        "stands_out": list(line.stands_out),
    }


def _expected(found: Against) -> dict[str, Any]:
    low, high = found.range
    return {
        "reviews": found.reviews,
        "given": fixed4(found.given),
        "expected": fixed4(found.expected),
        "difference": fixed4(found.by),
        "low": fixed4(low),
        "high": fixed4(high),
    }


def _severity(found: Severity) -> dict[str, Any]:
    return {
        "value": fixed4(found.value),
        "low": fixed4(found.low),
        "high": fixed4(found.high),
        "pairs": found.pairs,
        "refused": found.refused and found.refused.as_json(),
    }


def _distance(found: Distance) -> dict[str, Any]:
    return {"conversations": found.conversations, "mean_difference": fixed4(found.points)}


class RangedOut(serializers.Serializer[Any]):
    """A coefficient with its 95 % range; null where the ratings do not vary."""

    value = Fixed4(allow_null=True)
    low = Fixed4(allow_null=True)
    high = Fixed4(allow_null=True)


class AgreementOut(serializers.Serializer[Any]):
    """One category of a scorecard, or with `category` null the score. `exact` is the share of pairs of
    reviewers that chose the same, `within_one_step` of those at most one option apart. `ac` is AC1 where
    `level` is nominal, else AC2."""

    scorecard = RefOut()
    category = serializers.CharField(allow_null=True)
    category_name = serializers.CharField(allow_null=True)
    doubly = serializers.IntegerField()
    level = serializers.ChoiceField(choices=["nominal", "ordinal", "interval"])
    exact = Fixed4(allow_null=True)
    within_one_step = Fixed4(allow_null=True)
    mean_difference = Fixed4(allow_null=True)
    alpha = RangedOut(allow_null=True)
    ac = RangedOut(allow_null=True)
    kappa = Fixed4(allow_null=True)
    icc = Fixed4(allow_null=True)
    refused = RefusalOut(allow_null=True)
    coefficients_refused = RefusalOut(allow_null=True)


class AlignmentOut(serializers.Serializer[Any]):
    """Of all ratings of a scorecard, the shares that are equal, and at most one option apart."""

    scorecard = RefOut()
    equal = Fixed4()
    within_one_step = Fixed4()


class AgreementAnswer(NumbersAnswer):
    """`cut`: only the latest conversations are looked at."""

    results = AgreementOut(many=True)
    alignment = AlignmentOut(many=True)
    cut = serializers.BooleanField()


def agreement_json(found: Agreement) -> dict[str, Any]:
    """The answer of agreement/."""
    return {
        "results": [_agreement(row) for row in found.rows],
        "alignment": [
            {
                "scorecard": ref_json(each.scorecard),
                "equal": fixed4(each.equal),
                "within_one_step": fixed4(each.within),
            }
            for each in found.alignments
        ],
        "cut": found.cut,
    }


def _agreement(row: AgreementRow) -> dict[str, Any]:
    found = row.reading
    return {
        "scorecard": ref_json(row.scorecard),
        "category": row.category,
        "category_name": row.name or None,
        "doubly": found.doubly,
        "level": found.level,
        "exact": fixed4(found.exact),
        "within_one_step": fixed4(found.within),
        "mean_difference": fixed4(found.difference),
        "alpha": found.alpha and _ranged(found.alpha),
        "ac": found.ac and _ranged(found.ac),
        "kappa": fixed4(found.kappa),
        "icc": fixed4(found.icc),
        "refused": found.refused and found.refused.as_json(),
        "coefficients_refused": found.coefficients_refused and found.coefficients_refused.as_json(),
    }


def _ranged(found: Ranged) -> dict[str, Any]:
    return {part: fixed4(value) for part, value in found._asdict().items()}
