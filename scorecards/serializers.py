"""Shape of scorecards in requests and answers (api.md)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.etags import etag
from common.serializers import Fixed4, PlainText, RefOut, Strict
from scorecards import policies, selectors
from scorecards.definition import Context, to_json
from scorecards.gallery import GalleryCard
from scorecards.models import LibraryItem, Scorecard, ScorecardVersion
from scorecards.schema import BANDS_SCHEMA, DEFINITION_SCHEMA, OFFER_WHEN_SCHEMA
from scorecards.scoring import Rated
from scorecards.terms import BIGGEST_RANK, NAME_LENGTH

STATES = ScorecardVersion.State.choices


@extend_schema_field(DEFINITION_SCHEMA)
class DefinitionField(serializers.JSONField):
    """A definition as any JSON value; `scorecards.definition` says what is wrong with it."""


@extend_schema_field(BANDS_SCHEMA)
class BandsField(serializers.JSONField):
    """Words for scores; `scorecards.terms` says what is wrong with them."""


@extend_schema_field(OFFER_WHEN_SCHEMA)
class OfferWhenField(serializers.JSONField):
    """For which conversations a scorecard is offered first; `scorecards.terms` says what is wrong with it."""


class ScorecardTermsIn(Strict):
    """What stands on a scorecard for all its versions."""

    name = PlainText(max_length=NAME_LENGTH, required=False)
    pass_mark = serializers.DecimalField(7, 4, min_value=0, max_value=100, required=False, allow_null=True)
    bands = BandsField(required=False)
    offer_when = OfferWhenField(required=False)
    rank = serializers.IntegerField(required=False, min_value=-BIGGEST_RANK, max_value=BIGGEST_RANK)


class ScorecardIn(ScorecardTermsIn):
    name = PlainText(max_length=NAME_LENGTH)
    definition = DefinitionField()


class ScorecardNameIn(Strict):
    name = PlainText(max_length=NAME_LENGTH)


class GalleryIn(Strict):
    name = PlainText(max_length=NAME_LENGTH, required=False)


class LibraryItemIn(Strict):
    kind = serializers.ChoiceField(choices=LibraryItem.Kind.choices)
    name = PlainText(max_length=200)
    content = serializers.JSONField(help_text="A category, or root causes, as they stand in a definition.")


class VersionIn(Strict):
    definition = DefinitionField(required=False)


class DefinitionIn(Strict):
    definition = DefinitionField()


class DryContextIn(Strict):
    channel = PlainText(required=False, allow_blank=True)
    topic = PlainText(required=False, allow_blank=True)
    tags = serializers.ListField(child=PlainText(), required=False)
    language = PlainText(required=False, allow_blank=True)
    csat = serializers.BooleanField(required=False)


class DryRatingIn(Strict):
    category = PlainText()
    option = PlainText(required=False, allow_null=True)
    na = serializers.BooleanField(required=False)
    comment = PlainText(required=False, allow_blank=True)
    root_causes = serializers.ListField(child=PlainText(), required=False)
    evidence = serializers.JSONField(required=False, help_text="Taken as in a review, and ignored.")


class DryRunIn(Strict):
    ratings = DryRatingIn(many=True)
    context = DryContextIn(required=False)  # type: ignore[assignment]  # the API's word

    def rated(self) -> list[Rated]:
        return [
            Rated(
                category=given["category"],
                option=given.get("option"),
                na=given.get("na", False),
                comment=given.get("comment", ""),
                root_causes=tuple(given.get("root_causes", ())),
            )
            for given in self.validated_data["ratings"]
        ]

    def conversation(self) -> Context:
        given = self.validated_data.get("context", {})
        return Context(
            channel=given.get("channel", ""),
            topic=given.get("topic", ""),
            tags=tuple(given.get("tags", ())),
            language=given.get("language", ""),
            has_csat=given.get("csat", False),
        )


class VersionSummaryOut(serializers.Serializer[ScorecardVersion]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=STATES)
    published_at = serializers.DateTimeField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)


class ScorecardOut(serializers.Serializer[Scorecard]):
    """Wants `actor` in its context and the versions prefetched by number (selectors.scorecards)."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    pass_mark = Fixed4(help_text="Null: the workspace's.")
    bands = serializers.SerializerMethodField()
    offer_when = serializers.SerializerMethodField()
    rank = serializers.IntegerField()
    published_version = serializers.SerializerMethodField(help_text="Number of the latest published version.")
    versions = VersionSummaryOut(many=True, source="versions.all")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    def get_published_version(self, row: Scorecard) -> int | None:
        published = ScorecardVersion.State.PUBLISHED
        return max((each.number for each in row.versions.all() if each.state == published), default=None)

    @extend_schema_field(BANDS_SCHEMA)
    def get_bands(self, row: Scorecard) -> list[dict[str, str]]:
        bands: list[dict[str, str]] = row.bands
        return bands

    @extend_schema_field(OFFER_WHEN_SCHEMA)
    def get_offer_when(self, row: Scorecard) -> dict[str, list[str]]:
        rule: dict[str, list[str]] = row.offer_when
        return rule

    def get_etag(self, row: Scorecard) -> str:
        return etag(row)

    def get_authorized_actions(self, row: Scorecard) -> list[str]:
        return policies.scorecard_actions(self.context["actor"], row.versions.all())


class ScorecardVersionOut(VersionSummaryOut):
    """Wants `actor` in its context. `definition` lists the options of ready scales too."""

    scorecard = RefOut()
    definition = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    @extend_schema_field(DEFINITION_SCHEMA)
    def get_definition(self, row: ScorecardVersion) -> dict[str, object]:
        return to_json(selectors.definition_of(row), list_options=True)

    def get_etag(self, row: ScorecardVersion) -> str:
        return etag(row)

    def get_authorized_actions(self, row: ScorecardVersion) -> list[str]:
        return policies.version_actions(self.context["actor"], row, selectors.definition_of(row))


class FindingOut(serializers.Serializer[Any]):
    severity = serializers.ChoiceField(choices=["error", "warning", "suggestion"])
    code = serializers.CharField()
    pointer = serializers.CharField()
    message = serializers.CharField()


class FindingsOut(serializers.Serializer[Any]):
    findings = FindingOut(many=True)


class SubScoreOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    score = Fixed4()


class CategoryScoreOut(SubScoreOut):
    kind = serializers.ChoiceField(choices=["rated", "bonus", "deduction"])
    state = serializers.ChoiceField(choices=["rated", "na", "hidden"])
    applied_weight = Fixed4()


class DryRunOut(serializers.Serializer[Any]):
    score = Fixed4()
    unfailed_score = Fixed4()
    uncapped_score = Fixed4()
    band = serializers.CharField(help_text="The scorecard's word for the score; empty without one.")
    passed = serializers.BooleanField(allow_null=True)
    failed_by = serializers.ListField(child=serializers.CharField())
    groups = SubScoreOut(many=True)
    tags = SubScoreOut(many=True)
    categories = CategoryScoreOut(many=True)


class ChangeOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["added", "removed", "changed", "moved"])
    key = serializers.CharField(
        help_text="What changed, by keys: solution/weight. Empty for the form itself."
    )
    sentence = serializers.CharField()


class ChangesOut(serializers.Serializer[Any]):
    against = serializers.IntegerField(help_text="Number of the version compared with.")
    changes = ChangeOut(many=True)


class GalleryCardOut(serializers.Serializer[GalleryCard]):
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    categories = serializers.SerializerMethodField()
    definition = serializers.SerializerMethodField()

    def get_categories(self, card: GalleryCard) -> int:
        return len(card.file.definition.categories)

    @extend_schema_field(DEFINITION_SCHEMA)
    def get_definition(self, card: GalleryCard) -> dict[str, object]:
        return to_json(card.file.definition, list_options=True)


class LibraryItemOut(serializers.Serializer[LibraryItem]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=LibraryItem.Kind.choices)
    name = serializers.CharField()
    content = serializers.JSONField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    authorized_actions = serializers.SerializerMethodField()

    def get_authorized_actions(self, row: LibraryItem) -> list[str]:
        return policies.library_item_actions(self.context["actor"])
