"""Two versions compared, in words."""

import copy
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scorecards.definition import parse
from scorecards.definition.changes import changes
from tests.scorecards.cards import category, options
from tests.scorecards.generated import generated_card

BEFORE: dict[str, Any] = {
    "groups": [
        {
            "key": "g",
            "name": "Work",
            "categories": [
                category("a", weight=10, description="short", scale="4-point"),
                category("b", options=options(0, 1, 2), tags=["t"]),
                category("c"),
                category("d"),
            ],
            "questions": [{"key": "q", "name": "Order", "answer": "text"}],
        },
        {"key": "h", "name": "Manner", "categories": [category("e")]},
    ]
}


def told(change: Any) -> list[tuple[str, str, str]]:
    after = copy.deepcopy(BEFORE)
    change(after["groups"])
    return [(each.kind, each.key, each.sentence) for each in changes(parse(BEFORE), parse(after))]


def test_fields_of_a_category():
    def change(groups):
        fields = {"weight": 20, "critical": "review", "allow_na": False, "name": "Answer", "scale": "binary"}
        groups[0]["categories"][0].update(fields, description="x" * 200)

    assert told(change) == [
        ("changed", "a/name", 'Category "A": name is "Answer", was "A".'),
        ("changed", "a/description", 'Category "A": the description was rewritten.'),
        ("changed", "a/weight", 'Category "A": weight is 20, was 10.'),
        ("changed", "a/scale", 'Category "A": scale is binary, was 4-point.'),
        ("changed", "a/critical", 'Category "A": critical is review, was none.'),
        ("changed", "a/allow_na", 'Category "A": N/A allowed is no, was yes.'),
    ]


def test_options_and_lists():
    def change(groups):
        b = groups[0]["categories"][1]
        b["options"] = [
            b["options"][0],
            {**b["options"][2], "points": "2.5"},
            {"key": "n", "label": "New", "points": 9},
        ]
        b.update(tags=[], show_when={"channel": ["chat", "phone"], "answers": {"a": ["1", "na"]}})

    assert told(change) == [
        ("changed", "b/tags", 'Category "B": tags is nothing, was t.'),
        (
            "changed",
            "b/show_when",
            'Category "B": shown when is channel chat or phone, and answer of a 1 or na, was always.',
        ),
        ("changed", "b/options/c/points", 'Category "B": option "x": points is 2.5, was 2.'),
        ("added", "b/options/n", 'Category "B": option "New" was added.'),
        ("removed", "b/options/b", 'Category "B": option "x" was removed.'),
    ]


def test_added_removed_and_moved():
    def change(groups):
        work, manner = groups
        a, b, _, d = work["categories"]
        work["categories"] = [b, a, category("new")]
        manner["categories"].append(d)
        work["questions"][0]["required"] = True
        groups.reverse()

    found = told(change)
    assert found[:4] == [
        ("added", "new", 'Category "New" was added.'),
        ("removed", "c", 'Category "C" was removed.'),
        ("changed", "q/required", 'Question "Order": required is yes, was no.'),
        ("moved", "h", 'Group "Manner" was moved.'),
    ]
    assert ("moved", "d", 'Category "D" was moved from group "Work" to "Manner".') in found
    assert sum(kind == "moved" and key in ("a", "b") for kind, key, _ in found) == 1
    assert len(found) == 6


def test_group_weights_and_the_start():
    after = copy.deepcopy(BEFORE)
    after["start"] = "best"
    for group in after["groups"]:
        group["weight"] = 50
    assert [each.sentence for each in changes(parse(BEFORE), parse(after))] == [
        "The form: start is best, was empty.",
        'Group "Work": weight is 50, was nothing.',
        'Group "Manner": weight is 50, was nothing.',
    ]


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_only_what_says_the_same_has_no_changes(one, other):
    before, after = generated_card(Random(one)), generated_card(Random(other))
    assert changes(before, before) == []
    assert bool(changes(before, after)) == (before != after)
