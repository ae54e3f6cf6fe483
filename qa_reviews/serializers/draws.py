"""Shape of draws, their strata and the proof (api.md, Sampling)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.serializers import PlainText, RefOut, Strict
from qa_reviews.models import Band, Draw, Stratum
from qa_reviews.policies.draws import draw_actions
from qa_reviews.selectors.ledgers import Verdict
from qa_reviews.serializers.plans import SampleQuotaIn
from qa_reviews.serializers.queue import QueueItemOut
from qa_reviews.services.plans import QuotaInput

MOST_WORDS = 2000
EMPTY = "No closed conversation of the period matches the plan: nothing was drawn."


class DrawIn(Strict):
    period_start = serializers.DateField()


class DrawRaiseIn(Strict):
    """A bigger quota; one of `quota` and `per_agent`."""

    quota = SampleQuotaIn(required=False)
    per_agent = serializers.IntegerField(required=False, help_text="A quota of agents, as a number.")
    reason = PlainText(max_length=MOST_WORDS, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        short = attrs.pop("per_agent", None)
        quota = QuotaInput(**attrs["quota"]) if "quota" in attrs else None
        if short is None and quota is None:
            raise _wrong("quota", "required", "Say how many are to be drawn.")
        if short is not None:
            if quota not in (None, QuotaInput(value=Decimal(short))):
                raise _wrong("per_agent", "differs", "The quota says something else.")
            quota = QuotaInput(value=Decimal(short))
        return attrs | {"quota": quota}


def _wrong(name: str, code: str, detail: str) -> serializers.ValidationError:
    return serializers.ValidationError({name: serializers.ErrorDetail(detail, code)})


class DrawRedrawIn(Strict):
    reason = PlainText(max_length=MOST_WORDS, help_text="It stays on the ledger.")


class DrawRaiseOut(serializers.Serializer[dict[str, Any]]):
    """A raise, and what the ledger's head said before it."""

    at = serializers.DateTimeField()
    by = serializers.IntegerField(allow_null=True, help_text="The member's id.")
    reason = serializers.CharField()
    rule = serializers.CharField()
    terms = serializers.JSONField()
    allowed_reviewers = serializers.ListField(child=serializers.IntegerField())
    digest = serializers.CharField()


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
    digest = serializers.CharField(help_text="SHA-256 of what the ledger says.")
    raises = DrawRaiseOut(many=True)
    supersedes = serializers.IntegerField(source="supersedes_id", allow_null=True)
    superseded_by = serializers.SerializerMethodField()
    superseded_at = serializers.DateTimeField(allow_null=True)
    redraw_reason = serializers.CharField()
    automatic = serializers.BooleanField()
    created_by = RefOut(allow_null=True)
    created_at = serializers.DateTimeField()
    warning = serializers.SerializerMethodField()

    def get_superseded_by(self, row: Draw) -> int | None:
        """The draw that was made anew in place of this one, and counts."""
        newer = getattr(row, "superseded_by", None)
        return newer.pk if newer else None

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

    authorized_actions = serializers.SerializerMethodField()
    late = serializers.SerializerMethodField()
    allowed_reviewers = serializers.SerializerMethodField()
    strata = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()

    def get_authorized_actions(self, row: Draw) -> list[str]:
        return draw_actions(self.context["actor"], row)

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
