"""Shapes of the parity report."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.serializers import Fixed4, RefOut


class ParityReasonOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    categories = serializers.ListField(child=serializers.CharField())


class ParityLineOut(serializers.Serializer[Any]):
    """A review whose score is not the source's. `computed_score` is what was computed at its import, `score`
    today's; `revised` tells that it was graded here again since."""

    review = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    conversation = RefOut()
    agent = RefOut()
    submitted_at = serializers.DateTimeField()
    reported_score = Fixed4()
    computed_score = Fixed4(allow_null=True)
    difference = Fixed4(allow_null=True)
    score = Fixed4(allow_null=True)
    revised = serializers.BooleanField()
    reasons = ParityReasonOut(many=True)


class ParityCountOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    reviews = serializers.IntegerField()


class ParitySummaryOut(serializers.Serializer[Any]):
    reviews = serializers.IntegerField()
    equal = serializers.IntegerField()
    differing = serializers.IntegerField()
    reasons = serializers.SerializerMethodField()

    @extend_schema_field(ParityCountOut(many=True))
    def get_reasons(self, summary: Any) -> list[dict[str, Any]]:
        return [{"code": code, "reviews": reviews} for code, reviews in summary.reasons]


class ParityOut(serializers.Serializer[Any]):
    """One page of the reviews that differ, with the summary of all that were compared."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ParityLineOut(many=True)
    summary = ParitySummaryOut()
