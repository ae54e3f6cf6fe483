"""The JSON of saved views."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.etags import etag
from common.serializers import PlainText, RefOut, Strict
from qa_reviews.models import SavedView
from qa_reviews.policies.basics import hides_reviewer
from qa_reviews.policies.saved_views import authorized_actions
from qa_reviews.services.saved_views import LONGEST_QUERY


class SavedViewChangeIn(Strict):
    name = PlainText(max_length=120, required=False)
    query = PlainText(max_length=LONGEST_QUERY, required=False, allow_blank=True)
    shared = serializers.BooleanField(required=False)


class SavedViewIn(SavedViewChangeIn):
    page = serializers.ChoiceField(choices=SavedView.Page.choices)
    name = PlainText(max_length=120)
    query = PlainText(max_length=LONGEST_QUERY, allow_blank=True)


class SavedViewOut(serializers.Serializer[SavedView]):
    """`query` is what follows the "?" in the page's address. Context: actor."""

    id = serializers.IntegerField(source="pk")
    page = serializers.CharField()
    name = serializers.CharField()
    query = serializers.CharField()
    shared = serializers.BooleanField()
    owner = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    @extend_schema_field(RefOut(allow_null=True))
    def get_owner(self, view: SavedView) -> Any:
        """Null where reviewers stay unnamed and it is somebody else's."""
        actor = self.context["actor"]
        hidden = hides_reviewer(actor) and view.owner_id != actor.member_id
        return None if hidden else RefOut(view.owner).data

    def get_etag(self, view: SavedView) -> str:
        return etag(view)

    def get_authorized_actions(self, view: SavedView) -> list[str]:
        return authorized_actions(self.context["actor"], view)
