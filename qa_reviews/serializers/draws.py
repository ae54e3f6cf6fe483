"""Shape of draws, their strata and the proof (api.md, Sampling)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.serializers import RefOut, Strict
from qa_reviews.models import Band, Draw, Stratum
from qa_reviews.selectors.ledgers import Verdict
from qa_reviews.serializers.queue import QueueItemOut

EMPTY = "No closed conversation of the period matches the plan: nothing was drawn."


class DrawIn(Strict):
    period_start = serializers.DateField()


class DrawRowOut(serializers.Serializer[Draw]):
    """The head of a draw."""

    id = serializers.IntegerField()
    plan = RefOut()
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    seed = serializers.CharField()
    rule = serializers.CharField()
    frame_at = serializers.DateTimeField()
    terms = serializers.JSONField()
    closed_total = serializers.IntegerField()
    frame_total = serializers.IntegerField()
    redraw_reason = serializers.CharField()
    created_by = RefOut(allow_null=True)
    created_at = serializers.DateTimeField()
    warning = serializers.SerializerMethodField()

    def get_warning(self, row: Draw) -> str | None:
        """Words where nothing was drawn, else null."""
        return None if row.frame_total else EMPTY


class StratumOut(serializers.Serializer[Stratum]):
    """One agent's band: conversations in the frame, and of those drawn."""

    agent = RefOut()
    team = RefOut(allow_null=True)
    band = serializers.ChoiceField(Band.choices)
    frame = serializers.IntegerField()
    drawn = serializers.IntegerField()
    done = serializers.IntegerField()
    not_reviewable = serializers.IntegerField()
    replacements = serializers.IntegerField()


class DrawOut(DrawRowOut):
    """A draw with its strata and items. Context: actor, strata, items, late, allowed."""

    late = serializers.SerializerMethodField()
    allowed_reviewers = serializers.SerializerMethodField()
    strata = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()

    def get_late(self, row: Draw) -> int:
        """Conversations that match now and were not in the frame."""
        return int(self.context["late"])

    @extend_schema_field(RefOut(many=True))
    def get_allowed_reviewers(self, row: Draw) -> Any:
        return RefOut(self.context["allowed"], many=True).data

    @extend_schema_field(StratumOut(many=True))
    def get_strata(self, row: Draw) -> Any:
        return StratumOut(self.context["strata"], many=True).data

    @extend_schema_field(QueueItemOut(many=True))
    def get_items(self, row: Draw) -> Any:
        return QueueItemOut(self.context["items"], many=True, context=self.context).data


class VerdictOut(serializers.Serializer[Verdict]):
    """Whether the ledger is what its rule gives."""

    matches = serializers.BooleanField()
    differences = serializers.ListField(child=serializers.CharField())
    gone = serializers.ListField(
        child=serializers.IntegerField(), help_text="Frame ids whose conversation no longer exists."
    )


LEDGER_LINE: dict[str, Any] = {"type": "string", "format": "binary"}
