"""The JSON of calibration sessions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.etags import etag
from common.params import BIGGEST_ID
from common.serializers import PlainText, RefField, RefOut, Strict
from qa_reviews.models import (
    CalibrationConversation,
    CalibrationNote,
    CalibrationSession,
)
from qa_reviews.policies.calibration import session_actions
from qa_reviews.selectors.calibration import Compared, Given, Line, Standing
from qa_reviews.services.calibration.sessions import LONGEST_NAME
from qa_reviews.services.calibration.talk import LONGEST


def _row_id(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=BIGGEST_ID, **options)


class CalibrationChangeIn(Strict):
    """`baseline`: the participant whose grades are the ones to compare with; null: the middle of the others.
    `team` null: the whole workspace."""

    name = PlainText(max_length=LONGEST_NAME, required=False)
    scorecard = _row_id(required=False)
    due_on = serializers.DateField(required=False)
    team = _row_id(required=False, allow_null=True)
    participants = serializers.ListField(child=_row_id(), required=False, max_length=200)
    baseline = _row_id(required=False, allow_null=True)

    def validate_participants(self, value: list[int]) -> tuple[int, ...]:
        return tuple(value)


class CalibrationIn(CalibrationChangeIn):
    name = PlainText(max_length=LONGEST_NAME)
    scorecard = _row_id()
    due_on = serializers.DateField()


class CalibrationConversationIn(Strict):
    conversation = RefField()
    agent = RefField(required=False)


class CalibrationNoteIn(Strict):
    """`conversation`: the id of the session's row; without a category about the whole."""

    conversation = _row_id()
    category = PlainText(max_length=100, required=False, allow_blank=True, default="")
    text = PlainText(max_length=LONGEST)


class CalibrationDecisionIn(Strict):
    category = PlainText(max_length=100)
    text = PlainText(max_length=LONGEST)


class CalibrationDecisionOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    category = serializers.CharField()
    text = serializers.CharField()
    decided_by = RefOut()
    decided_at = serializers.DateTimeField()


class CalibrationNoteOut(serializers.Serializer[CalibrationNote]):
    id = serializers.IntegerField()
    conversation = serializers.IntegerField(source="conversation_id")
    category = serializers.CharField()
    author = RefOut()
    text = serializers.CharField()
    written_at = serializers.DateTimeField()


class CalibrationRowOut(serializers.Serializer[CalibrationConversation]):
    """One conversation of a session; `review` is the caller's own there, null before he began."""

    id = serializers.IntegerField()
    conversation = RefOut()
    agent = RefOut()
    review = serializers.SerializerMethodField()

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_review(self, row: CalibrationConversation) -> int | None:
        own = self.context["own"].get(row.pk)
        return None if own is None else int(own.pk)


class CalibrationStandingOut(serializers.Serializer[Standing]):
    member = RefOut(source="participant.member")
    done = serializers.IntegerField()
    of = serializers.IntegerField()


class CalibrationOut(serializers.Serializer[CalibrationSession]):
    """A session. Context: actor."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=CalibrationSession.State.choices)
    scorecard = RefOut()
    scorecard_version = serializers.IntegerField(source="version.number", default=None, allow_null=True)
    team = RefOut(allow_null=True)
    facilitator = RefOut()
    due_on = serializers.DateField()
    baseline = RefOut(allow_null=True)
    participants = serializers.SerializerMethodField()
    conversation_count = serializers.IntegerField()
    opened_at = serializers.DateTimeField(allow_null=True)
    discussed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    @extend_schema_field(RefOut(many=True))
    def get_participants(self, row: CalibrationSession) -> Any:
        return RefOut([each.member for each in row.participants.all()], many=True).data

    def get_etag(self, row: CalibrationSession) -> str:
        return etag(row)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_authorized_actions(self, row: CalibrationSession) -> list[str]:
        people = [each.member_id for each in row.participants.all()]
        return session_actions(self.context["actor"], row, people)


class CalibrationDetailOut(CalibrationOut):
    """With its conversations and how far each participant is. Context: actor, rows, own, standing."""

    conversations = serializers.SerializerMethodField()
    standing = serializers.SerializerMethodField()

    @extend_schema_field(CalibrationRowOut(many=True))
    def get_conversations(self, row: CalibrationSession) -> Any:
        return CalibrationRowOut(self.context["rows"], many=True, context=self.context).data

    @extend_schema_field(CalibrationStandingOut(many=True))
    def get_standing(self, row: CalibrationSession) -> Any:
        return CalibrationStandingOut(self.context["standing"], many=True).data


class CalibrationGivenOut(serializers.Serializer[Given]):
    """What one participant gave, in words and points; points null for N/A and what he did not rate."""

    words = serializers.CharField()
    score = serializers.DecimalField(max_digits=7, decimal_places=4, allow_null=True)


class CalibrationLineOut(serializers.Serializer[Line]):
    category = serializers.CharField(source="key")
    name = serializers.CharField()
    given = CalibrationGivenOut(many=True)
    spread = serializers.DecimalField(max_digits=7, decimal_places=4, allow_null=True)
    notes = CalibrationNoteOut(many=True)


class CalibrationScoreOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    score = serializers.DecimalField(max_digits=7, decimal_places=4, allow_null=True)


class CalibrationComparedOut(serializers.Serializer[Any]):
    """One conversation; `reviews` and each category's `given` in the order of the session's participants,
    `spread` in points between the highest and the lowest."""

    conversation = serializers.IntegerField(source="row.pk")
    reviews = serializers.ListField(child=CalibrationScoreOut(allow_null=True))
    spread = serializers.DecimalField(max_digits=7, decimal_places=4, allow_null=True)
    categories = CalibrationLineOut(source="lines", many=True)
    notes = CalibrationNoteOut(many=True)

    def to_representation(self, instance: Compared) -> dict[str, Any]:
        reviews = [None if each is None else CalibrationScoreOut(each).data for each in instance.reviews]
        plain = Compared(instance.row, [], instance.spread, instance.lines, instance.notes)
        return super().to_representation(plain) | {"reviews": reviews}
