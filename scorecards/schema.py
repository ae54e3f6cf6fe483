"""The JSON Schema of scorecards (definition/schema.json), and its parts as the OpenAPI schema has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE_SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parent / "definition" / "schema.json").read_text(encoding="utf-8")
)
"""What a scorecard's file may hold (JSON Schema 2020-12)."""

_DEFS = FILE_SCHEMA["$defs"]


def _inlined(schema: Any) -> Any:
    """The schema with each reference replaced by what it names; OpenAPI keeps its parts elsewhere."""
    if isinstance(schema, list):
        return [_inlined(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(_DEFS[schema["$ref"].removeprefix("#/$defs/")])
    return {name: _inlined(each) for name, each in schema.items()}


DEFINITION_SCHEMA: dict[str, Any] = _inlined(_DEFS["definition"])
BANDS_SCHEMA: dict[str, Any] = _inlined(_DEFS["bands"])
OFFER_WHEN_SCHEMA: dict[str, Any] = _inlined(_DEFS["offerWhen"])
