"""Serializer pieces that every API shares."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from common.params import BIGGEST_ID
from common.refs import Ref, ref_json


class Strict(serializers.Serializer[Any]):
    """Input whose unknown fields are errors (`unknown_field`), told together with all others."""

    def to_internal_value(self, data: Any) -> Any:
        unknown: dict[str, Any] = {}
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = {
                str(name): [ErrorDetail("There is no such field.", "unknown_field")]
                for name in data
                if name not in writable
            }
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                error.detail.update(unknown)
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


class PlainText(serializers.CharField):
    """Text without NUL and lone surrogates, which no database takes."""

    def to_internal_value(self, data: Any) -> str:
        text = str(super().to_internal_value(data))
        if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
            raise serializers.ValidationError(
                "This text has characters that cannot be stored.", "invalid_text"
            )
        return text


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer"},
            {
                "type": "object",
                "properties": {"external_id": {"type": "string"}, "source": {"type": "string"}},
                "required": ["external_id"],
            },
        ]
    }
)
class RefField(serializers.Field[Ref, Any, Any, Any]):
    """An id or {"external_id", "source"?}."""

    def to_internal_value(self, data: Any) -> Ref:
        if isinstance(data, int) and not isinstance(data, bool):
            if not 0 < data <= BIGGEST_ID:
                raise serializers.ValidationError("There is no such id.", "not_found")
            return Ref(id=data)
        if isinstance(data, Mapping) and set(data) <= {"external_id", "source", "id", "name"}:
            if isinstance(data.get("id"), int):  # an answer's reference, sent back as it came
                return self.to_internal_value(data["id"])
            external_id, source = data.get("external_id"), data.get("source")
            if isinstance(external_id, str) and external_id and isinstance(source, str | None):
                if "\0" in external_id + (source or ""):
                    raise serializers.ValidationError("This text cannot be stored.", "invalid_text")
                return Ref(external_id=external_id, source=source or None)
        raise serializers.ValidationError(
            "Give an id, or an object with external_id (and source).", "invalid"
        )

    def to_representation(self, value: Any) -> Any:
        return ref_json(value)


class RefOut(serializers.Serializer[Any]):
    """A row named in an answer."""

    id = serializers.IntegerField()
    external_id = serializers.CharField(allow_null=True)
    name = serializers.CharField()

    def to_representation(self, instance: Any) -> Any:
        return ref_json(instance)


@extend_schema_field(OpenApiTypes.STR)
class Fixed4(serializers.Field[Any, Any, Any, Any]):
    """A score, per cent or share: a string of four decimals, or null. Read only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.4f}"
