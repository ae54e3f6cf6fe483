"""Published figures as the API reads and writes them."""

from __future__ import annotations

from rest_framework import serializers

from accounts.access import Capability
from accounts.models import ReferenceFigure
from common.etags import etag
from common.serializers import Fixed4, PlainText, Strict


class ReferencePatch(Strict):
    """`value` in per cent."""

    metric = serializers.ChoiceField(ReferenceFigure.Metric.choices, required=False)
    value = serializers.DecimalField(
        max_digits=7, decimal_places=4, min_value=0, max_value=100, required=False
    )
    year = serializers.IntegerField(min_value=1990, max_value=2200, required=False)
    source = PlainText(max_length=255, required=False)  # type: ignore[assignment]  # a field, not Field.source
    url = serializers.URLField(max_length=200, allow_blank=True, required=False)
    shown = serializers.BooleanField(required=False, help_text="Drawn as a line in charts.")


class ReferenceIn(ReferencePatch):
    metric = serializers.ChoiceField(ReferenceFigure.Metric.choices)
    value = serializers.DecimalField(max_digits=7, decimal_places=4, min_value=0, max_value=100)
    year = serializers.IntegerField(min_value=1990, max_value=2200)
    source = PlainText(max_length=255)


class ReferenceOut(serializers.Serializer[ReferenceFigure]):
    """A published figure of the field in per cent, and where it is from."""

    id = serializers.IntegerField()
    metric = serializers.ChoiceField(ReferenceFigure.Metric.choices)
    value = Fixed4()
    year = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field, not Field.source
    url = serializers.CharField()
    shown = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()

    authorized_actions = serializers.SerializerMethodField()

    def get_authorized_actions(self, row: ReferenceFigure) -> list[str]:
        return ["update", "delete"] if self.context["actor"].can(Capability.ADMINISTER) else []

    def get_etag(self, row: ReferenceFigure) -> str:
        return etag(row)
