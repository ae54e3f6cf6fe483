"""Warnings and suggestions on definitions without errors."""

from typing import Any

import pytest

from scorecards.definition import validate
from tests.scorecards.cards import HERE, one, options


def found(raw: object) -> list[tuple[str, str]]:
    return [(finding.code, finding.pointer) for finding in validate(raw)]


@pytest.mark.parametrize(
    ("fields", "severity", "code", "pointer"),
    [
        ({"weight": 0, "description": "d"}, "warning", "no_weight", "/groups"),
        ({}, "suggestion", "no_description", f"{HERE}/description"),
        (
            {"options": options(*range(10)), "description": "d"},
            "suggestion",
            "many_options",
            f"{HERE}/options",
        ),
    ],
)
def test_advice_on_the_form(fields, severity, code, pointer):
    (finding,) = validate(one(**fields))
    assert (finding.severity, finding.code, finding.pointer) == (severity, code, pointer)


CRITICAL = {
    "critical": "review",
    "description": "When it fails",
    "allow_na": False,
    "comment_required": "negative",
}


def failing(*flags: bool | None) -> list[dict[str, Any]]:
    plain = options(*range(len(flags)))
    return [{**option, "fails": flag} for option, flag in zip(plain, flags, strict=True)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"description": ""}, [("critical_without_description", f"{HERE}/description")]),
        ({"allow_na": True}, [("critical_allows_na", f"{HERE}/allow_na")]),
        ({"comment_required": "never"}, [("critical_without_comment", f"{HERE}/comment_required")]),
        ({"options": failing(False, None, None)}, [("never_fails", f"{HERE}/options")]),
        ({"options": failing(True, True)}, [("always_fails", f"{HERE}/options")]),
        ({"options": failing(None, False, True)}, [("fails_out_of_order", f"{HERE}/options")]),
        ({"options": failing(True, True, False)}, []),
    ],
)
def test_advice_on_critical_categories(fields, expected):
    assert found(one(**{**CRITICAL, **fields})) == expected


def test_advice_on_the_whole():
    def many(count: int, **first: Any) -> dict[str, Any]:
        categories = [{"key": f"c{n}", "name": f"C{n}", "description": "d"} for n in range(count)]
        categories[0].update(first)
        return {"groups": [{"key": "g", "name": "G", "categories": categories}]}

    assert found(many(9)) == []
    assert found(many(10)) == [("many_categories", "/groups")]
    assert found(many(3, weight=20)) == []
    assert found(many(3, weight="20.01")) == [("heavy_category", f"{HERE}/weight")]
    assert found(many(3, name="c2")) == [("duplicate_name", "/groups/0/categories/2/name")]


def test_warnings_come_before_suggestions():
    severities = [finding.severity for finding in validate(one(critical="review"))]
    assert severities == ["warning", "warning", "suggestion"]
