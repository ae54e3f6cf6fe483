"""The JSON of suggestions and of the rules that make them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.access import Actor, Capability
from common.etags import etag
from common.params import BIGGEST_ID
from common.serializers import PlainText, RefField, RefOut, Strict
from qa_reviews.judgement import Passage
from qa_reviews.models import SuggestionRule
from qa_reviews.serializers.judgements import EvidenceIn
from qa_reviews.services.suggestions import MOST_CONDITIONS, NewSuggestion, RuleInput
from qa_reviews.text_rules import OPS


class ChosenIn(Strict):
    """An option, or N/A."""

    scorecard = serializers.IntegerField(min_value=1, max_value=BIGGEST_ID)
    category = PlainText(max_length=100)
    option = PlainText(max_length=100, required=False, allow_null=True)
    na = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not self.partial and attrs.get("na") == bool(attrs.get("option")):
            detail = {"option": "Give an option or N/A, and not both."}
            raise serializers.ValidationError(detail, code="option_or_na")
        return attrs


class SuggestionIn(ChosenIn):
    conversation = RefField()
    agent = RefField(required=False, allow_null=True)
    source = PlainText(max_length=64)  # type: ignore[assignment]  # the field, not where it reads from
    version = PlainText(max_length=64, required=False, allow_blank=True)
    passages = serializers.ListField(child=EvidenceIn(), required=False, max_length=50)

    @property
    def suggestion(self) -> NewSuggestion:
        given = self.validated_data
        return NewSuggestion(
            conversation=given["conversation"],
            agent=given.get("agent"),
            scorecard=given["scorecard"],
            category=given["category"],
            option=given.get("option") or "",
            source=given["source"],
            version=given.get("version") or "",
            passages=tuple(Passage(**each) for each in given.get("passages") or ()),
        )


class FieldErrorOut(serializers.Serializer[Any]):
    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class RejectedSuggestion(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="Its place in the array, from 1.")
    errors = FieldErrorOut(many=True)  # type: ignore[assignment]


class SuggestionsOut(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    rejected = RejectedSuggestion(many=True)


class ConditionIn(Strict):
    op = serializers.ChoiceField(choices=OPS)
    text = PlainText(max_length=2000)


class SuggestionRuleIn(ChosenIn):
    name = PlainText(max_length=120)
    author = serializers.ChoiceField(choices=SuggestionRule.Author.choices, required=False)
    languages = serializers.ListField(child=PlainText(max_length=16), required=False, max_length=50)
    match = serializers.ChoiceField(choices=SuggestionRule.Match.choices, required=False)
    conditions = serializers.ListField(child=ConditionIn(), min_length=1, max_length=MOST_CONDITIONS)
    active = serializers.BooleanField(required=False)

    def given(self, before: SuggestionRule | None = None) -> RuleInput:
        """What is asked for, over what it was before."""
        changes = dict(self.validated_data)
        if changes.pop("na", False):
            changes["option"] = ""
        if changes.get("option") is None:
            changes.pop("option", None)
        return RuleInput(**(_as_input(before) | changes))


class SuggestionRuleOut(serializers.Serializer[SuggestionRule]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    scorecard = RefOut()
    category = serializers.CharField()
    option = serializers.SerializerMethodField()
    na = serializers.SerializerMethodField()
    author = serializers.ChoiceField(choices=SuggestionRule.Author.choices)
    languages = serializers.ListField(child=serializers.CharField())
    match = serializers.ChoiceField(choices=SuggestionRule.Match.choices)
    conditions = ConditionIn(many=True)
    edition = serializers.IntegerField()
    active = serializers.BooleanField()
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    def get_option(self, row: SuggestionRule) -> str | None:
        return row.option or None

    def get_na(self, row: SuggestionRule) -> bool:
        return not row.option

    def get_etag(self, row: SuggestionRule) -> str:
        return etag(row)

    def get_authorized_actions(self, row: SuggestionRule) -> list[str]:
        actor: Actor = self.context["actor"]
        return ["update", "delete"] if actor.can(Capability.SCORECARD_WRITE) else []


def _as_input(row: SuggestionRule | None) -> dict[str, Any]:
    if row is None:
        return {}
    names = ("name", "category", "option", "author", "languages", "match", "conditions", "active")
    return {name: getattr(row, name) for name in names} | {"scorecard": row.scorecard_id}
