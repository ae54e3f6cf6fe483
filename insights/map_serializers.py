"""How the quality map is written."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers

from common.refs import ref_json
from common.serializers import Fixed4, RefOut
from insights.selectors.quality_map import Driver, MapLine, Mix, QualityMap
from insights.serializers import EstimateOut, NumbersAnswer, RefusalOut
from insights.stats import Csat, fixed4
from insights.stats.association import QUADRANTS, Adjusted, Association


class MapCsatOut(serializers.Serializer[Any]):
    """Shares 0..1 of the answers."""

    answers = serializers.IntegerField()
    satisfied_share = Fixed4(allow_null=True)
    satisfied_low = Fixed4(allow_null=True)
    satisfied_high = Fixed4(allow_null=True)
    refused = RefusalOut(allow_null=True)


class AdjustedOut(serializers.Serializer[Any]):
    """Points 0..100 as they are and with everybody's mix of work, and what it moved; `uncovered` 0..1."""

    raw = Fixed4()
    value = Fixed4(allow_null=True)
    low = Fixed4(allow_null=True)
    high = Fixed4(allow_null=True)
    moved = Fixed4(allow_null=True)
    uncovered = Fixed4()
    refused = RefusalOut(allow_null=True)


class AssociationOut(serializers.Serializer[Any]):
    """Spearman's rank correlation, -1 to 1."""

    pairs = serializers.IntegerField()
    value = Fixed4(allow_null=True)
    low = Fixed4(allow_null=True)
    high = Fixed4(allow_null=True)
    refused = RefusalOut(allow_null=True)


class MapAgentOut(serializers.Serializer[Any]):
    agent = RefOut()
    iqs = EstimateOut(allow_null=True)
    csat = MapCsatOut(allow_null=True)
    quadrant = serializers.ChoiceField(choices=[*QUADRANTS.values(), "unclear"])
    adjusted_iqs = AdjustedOut(allow_null=True)
    adjusted_csat = AdjustedOut(allow_null=True)


class MapDriverOut(serializers.Serializer[Any]):
    """How closely a category's score goes together with what the customer said."""

    scorecard = RefOut(allow_null=True)
    category = serializers.CharField()
    category_name = serializers.CharField()
    association = AssociationOut()


class QualityMapAnswer(NumbersAnswer):
    """Of conversations closed in the period. `conversations`: score and answer of the same conversation;
    `pairs_cut`: there were more of them, and these are the latest; `between_agents`: their IQS and CSAT."""

    plan = RefOut(allow_null=True)
    mix = serializers.ChoiceField(choices=get_args(Mix))
    iqs = EstimateOut(allow_null=True)
    csat = MapCsatOut()
    iqs_cut = Fixed4(allow_null=True)
    csat_cut = Fixed4(allow_null=True)
    conversations = AssociationOut()
    pairs_cut = serializers.BooleanField()
    between_agents = AssociationOut()
    results = MapAgentOut(many=True)
    drivers = MapDriverOut(many=True)


def map_json(found: QualityMap) -> dict[str, Any]:
    """The answer of quality-map/."""
    return {
        "plan": ref_json(found.sample and found.sample.plan),
        "mix": found.asked.mix,
        "iqs": found.iqs and found.iqs.as_json(),
        "csat": _csat(found.csat),
        "iqs_cut": fixed4(found.cuts.iqs),
        "csat_cut": fixed4(found.cuts.csat),
        "conversations": _association(found.conversations),
        "pairs_cut": found.cut,
        "between_agents": _association(found.between),
        "results": list(map(_line, found.lines)),
        "drivers": list(map(_driver, found.drivers)),
    }


def _line(line: MapLine) -> dict[str, Any]:
    return {
        "agent": ref_json(line.agent),
        "iqs": line.iqs and line.iqs.as_json(),
        "csat": line.csat and _csat(line.csat),
        "quadrant": line.reading,
        "adjusted_iqs": _adjusted(line.adjusted_iqs),
        "adjusted_csat": _adjusted(line.adjusted_csat),
    }


def _csat(found: Csat) -> dict[str, Any]:
    return {
        "answers": found.answers,
        "satisfied_share": fixed4(found.satisfied_share),
        "satisfied_low": fixed4(found.satisfied_low),
        "satisfied_high": fixed4(found.satisfied_high),
        "refused": found.refused and found.refused.as_json(),
    }


def _adjusted(found: Adjusted | None) -> dict[str, Any] | None:
    if found is None:
        return None
    numbers = {name: fixed4(getattr(found, name)) for name in ("raw", "value", "low", "high", "moved")}
    return numbers | {
        "uncovered": fixed4(found.uncovered),
        "refused": found.refused and found.refused.as_json(),
    }


def _association(found: Association) -> dict[str, Any]:
    return {
        "pairs": found.pairs,
        "value": fixed4(found.value),
        "low": fixed4(found.low),
        "high": fixed4(found.high),
        "refused": found.refused and found.refused.as_json(),
    }


def _driver(driver: Driver) -> dict[str, Any]:
    return {
        "scorecard": driver.scorecard,
        "category": driver.key.partition(":")[2],
        "category_name": driver.name,
        "association": _association(driver.association),
    }
