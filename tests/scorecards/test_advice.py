"""Warnings and suggestions on definitions without errors."""

from typing import Any

import pytest

from scorecards.definition import validate
from tests.scorecards.cards import HERE, category, one, options


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


def form(*categories: dict[str, Any], **more: Any) -> dict[str, Any]:
    described = [{"description": "d", **each} for each in categories]
    return {"groups": [{"key": "g", "name": "G", "categories": described, **more}]}


def test_advice_on_groups_of_weight_zero():
    a, b = category("a"), category("b", weight=0)
    pair = [{**form(a)["groups"][0], "weight": 0}, {**form(b)["groups"][0], "key": "h", "weight": 10}]
    assert found({"groups": pair}) == [
        ("no_weight", "/groups"),
        ("group_without_weight", "/groups/0/weight"),
        ("group_of_no_weight", "/groups/1/categories"),
    ]


def test_group_weights_say_what_is_heavy():
    light = [category(key, weight=100) for key in "abc"]
    groups = [
        form(*light, weight=10)["groups"][0],
        {**form(category("d", weight=1))["groups"][0], "key": "h"},
    ]
    groups[1]["weight"] = 90
    assert found({"groups": groups}) == [("heavy_category", "/groups/1/categories/0/weight")]


def test_advice_on_adjustments():
    rated = category("a")
    place = "/groups/0/categories/1"

    def advice(**fields: Any) -> list[tuple[str, str]]:
        return found(form(rated, category("b", kind="bonus", **fields)))

    assert advice(weight=5) == []
    assert advice(weight=0) == [("adjustment_without_weight", f"{place}/weight")]
    assert advice(weight=51) == [("heavy_adjustment", f"{place}/weight")]
    assert advice(tags=["t"]) == [("tags_of_adjustment", f"{place}/tags")]
    assert found(form(category("b", kind="bonus"))) == [("no_weight", "/groups")]


def test_a_start_from_the_best_beside_a_critical_category():
    raw = one(**CRITICAL)
    assert found({**raw, "start": "best"}) == [("best_start_with_critical", "/start")]
    assert found({**raw, "start": "na"}) == []


CHAT, CALL = {"channel": ["Chat", "sms"]}, {"channel": ["phone"]}


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        (CHAT, CHAT, []),
        (CHAT, CALL, ["b"]),
        (CHAT, {"channel": ["email", "chat"]}, []),
        ({"csat": True}, {"csat": False}, ["b"]),
        ({"tag": ["x"]}, {"tag": ["y"]}, []),  # a conversation may have both
        ({"language": ["de"]}, {"topic": ["de"]}, []),
    ],
)
def test_conditions_that_never_hold_together(first, second, hidden):
    raw = form(
        category("a", show_when=first),
        category("b", show_when={**second, "answers": {"a": ["1"]}}),
    )
    pointers = [f"/groups/0/categories/{'ab'.index(key)}/show_when" for key in hidden]
    assert found(raw) == [("never_shown", pointer) for pointer in pointers]


def test_conditions_on_answers_that_never_hold():
    asked = category("a", allow_na=False)
    assert found(form(asked, category("b", show_when={"answers": {"a": ["na"]}}))) == [
        ("never_shown", "/groups/0/categories/1/show_when")
    ]
    apart = form(
        category("a"),
        category("b", show_when={"answers": {"a": ["1", "2"]}}),
        category("c", show_when={"answers": {"a": ["3"], "b": ["1"]}}),
        questions=[{"key": "q", "name": "Q", "answer": "text", "show_when": {"answers": {"c": "1"}}}],
    )
    assert found(apart) == [
        ("never_shown", "/groups/0/categories/2/show_when"),
        ("never_shown", "/groups/0/questions/0/show_when"),
    ]
