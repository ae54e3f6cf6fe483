"""The definition of a scorecard in the words of the OpenAPI schema."""

from __future__ import annotations

from typing import Any

from scorecards.definition import SCALES

TEXT: dict[str, Any] = {"type": "string"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}

OPTION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["key", "label", "points"],
    "properties": {
        "key": TEXT,
        "label": TEXT,
        "points": {"type": ["number", "string"]},
        "description": TEXT,
        "fails": {"type": "boolean"},
    },
}
CATEGORY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["key", "name"],
    "properties": {
        "key": TEXT,
        "name": TEXT,
        "description": TEXT,
        "weight": {"type": ["string", "number"]},
        "scale": {"type": "string", "enum": list(SCALES)},
        "options": {"type": "array", "items": OPTION_SCHEMA},
        "critical": {"type": "string", "enum": ["none", "group", "review"]},
        "allow_na": {"type": "boolean"},
        "comment_required": {"type": "string", "enum": ["never", "negative", "always"]},
        "tags": TEXTS,
        "show_when": {
            "type": "object",
            "properties": {
                **dict.fromkeys(("channel", "topic", "tag", "language"), TEXTS),
                "csat": {"type": "boolean"},
            },
        },
        "root_causes": {"type": "object", "properties": {"negative": TEXTS, "positive": TEXTS}},
    },
}
GROUP_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["key", "name", "categories"],
    "properties": {
        "key": TEXT,
        "name": TEXT,
        "categories": {"type": "array", "items": CATEGORY_SCHEMA},
    },
}
DEFINITION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["groups"],
    "properties": {"groups": {"type": "array", "items": GROUP_SCHEMA}},
}
