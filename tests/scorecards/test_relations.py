"""Kinds, group weights, conditions on answers, questions, tiers of root causes: read, refused and shown."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.definition import Context, parse, tiers, to_json, validate, visible
from scorecards.ratings import chosen_of
from scorecards.scoring import InvalidRatings, Rated, score
from tests.scorecards.cards import ANYWHERE, CHAT, HERE, card, category, one, options
from tests.scorecards.generated import generated_card, generated_context, generated_ratings


def errors(raw: object) -> list[tuple[str, str]]:
    return [(f.code, f.pointer) for f in validate(raw) if f.severity == "error"]


def form(*categories: dict[str, Any], questions: list[dict[str, Any]] | None = None, **group: Any) -> Any:
    body = {"key": "g", "name": "G", "categories": list(categories), "questions": questions or [], **group}
    return {"groups": [body]}


def when(**answers: Any) -> dict[str, Any]:
    return {"show_when": {"answers": answers}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "bonus"}, []),
        ({"kind": "extra"}, [("invalid", f"{HERE}/kind")]),
        ({"kind": "bonus", "allow_na": False}, []),
        ({"kind": "deduction", "allow_na": True}, [("adjustment_allows_na", f"{HERE}/allow_na")]),
        ({"kind": "bonus", "critical": "review"}, [("adjustment_critical", f"{HERE}/critical")]),
        ({"show_when": {"answers": []}}, [("invalid", f"{HERE}/show_when/answers")]),
        ({"show_when": {"answers": {"b": []}}}, [("too_few", f"{HERE}/show_when/answers/b")]),
        ({"show_when": {"answers": {"b": "1"}}}, [("unknown_category", f"{HERE}/show_when/answers/b")]),
        (
            {"show_when": {"answers": {str(n): "1" for n in range(21)}}},
            [("too_many", f"{HERE}/show_when/answers")],
        ),
        ({"root_causes": {"other": "yes"}}, [("invalid", f"{HERE}/root_causes/other")]),
        (
            {"root_causes": {"negative": [{"cause": "A > B", "details": ["c"]}]}},
            [("reserved_name", f"{HERE}/root_causes/negative/0/cause")],
        ),
        (
            {"root_causes": {"negative": [{"cause": "A", "details": ["c > d"]}]}},
            [("reserved_name", f"{HERE}/root_causes/negative/0/details/0")],
        ),
        (
            {"root_causes": {"negative": ["A", {"cause": "B", "details": ["c", "c"]}]}},
            [("duplicate_value", f"{HERE}/root_causes/negative/1")],
        ),
        (
            {"root_causes": {"negative": ["Other: mine"], "other": True}},
            [("reserved_name", f"{HERE}/root_causes/negative/0")],
        ),
        (
            {"root_causes": {"negative": [{"cause": "a" * 200, "details": ["b" * 60]}]}},
            [("too_long", f"{HERE}/root_causes/negative/0")],
        ),
    ],
)
def test_errors_of_a_category(fields, expected):
    assert errors(one(**fields)) == expected


QUESTION = {"key": "q", "name": "Q", "answer": "text"}
ASKED = "/groups/0/questions/0"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"answer": "colour"}, [("invalid", f"{ASKED}/answer")]),
        ({"answer": "choice"}, [("too_few", f"{ASKED}/choices")]),
        ({"answer": "choice", "choices": ["a", "b"]}, []),
        ({"choices": ["a", "b"]}, [("choices_without_choice", f"{ASKED}/choices")]),
        ({"answer": "instruction", "required": True}, [("instruction_required", f"{ASKED}/required")]),
        ({"key": "a"}, [("duplicate_key", f"{ASKED}/key")]),
        (when(q="1"), [("unknown_category", f"{ASKED}/show_when/answers/q")]),
        (when(a="9"), [("unknown_option", f"{ASKED}/show_when/answers/a/0")]),
        (when(a=["1", "na"]), []),
    ],
)
def test_errors_of_a_question(fields, expected):
    assert errors(form(category("a"), questions=[{**QUESTION, **fields}])) == expected


def test_a_group_may_only_ask_questions():
    only = {
        "groups": [*form(category("a"))["groups"], {**form(questions=[QUESTION])["groups"][0], "key": "h"}]
    }
    only["groups"][1]["questions"][0] = {**QUESTION, "key": "r"}
    assert errors(only) == []
    assert errors(form()) == [("too_few", "/groups/0/categories")]


def test_group_weights_are_all_or_none():
    rates = form(category("a"), weight=60)["groups"][0]
    asks = form(questions=[QUESTION], key="h")["groups"][0]
    adjusts = form(category("p", kind="bonus"), key="i")["groups"][0]
    silent = form(category("b"), key="j")["groups"][0]
    assert errors({"groups": [rates, asks, adjusts]}) == []
    assert errors({"groups": [rates, silent]}) == [("group_weight_missing", "/groups/1/weight")]
    assert errors({"groups": [{**rates, "weight": 101}]}) == [("out_of_range", "/groups/0/weight")]


def test_conditions_never_go_in_a_circle():
    below = "/groups/0/categories"
    assert errors(form(category("a", **when(a="1")))) == [("condition_cycle", f"{below}/0/show_when/answers")]
    around = form(category("a", **when(c="1")), category("b", **when(a="1")), category("c", **when(b="1")))
    assert errors(around) == [("condition_cycle", f"{below}/{n}/show_when/answers") for n in range(3)]
    behind = form(category("a", **when(b="1")), category("b", **when(a="1")), category("c", **when(b="1")))
    assert [pointer[:22] for _, pointer in errors(behind)] == [f"{below}/0", f"{below}/1"]
    assert errors(form(category("a", **when(b="1")), category("b", **when(c="1")), category("c"))) == []


def test_a_thousand_conditions_in_a_row_are_read_and_evaluated():
    row = [category(f"c{n}", **(when(**{f"c{n - 1}": "1"}) if n else {})) for n in range(1000)]
    groups = [
        {"key": f"g{at}", "name": "G", "categories": row[at * 50 : at * 50 + 50][::-1]} for at in range(20)
    ]
    definition = parse({"groups": groups})
    assert visible(definition, ANYWHERE, {"c0": "1", "c1": "1"}) == {"c0", "c1", "c2"}


SHOWN = card(
    [
        category("reach", **when(gate=["1", "na"])),
        category("gate", scale="binary"),
        category("chat", show_when={"channel": ["chat"]}),
        category("after", **when(chat="5", gate="1")),
        category("own", options=[*options(0, 1), {"key": "na", "label": "Not asked", "points": 2}]),
        category("beside", **when(own="na")),
    ]
)


@pytest.mark.parametrize(
    ("chosen", "context", "more"),
    [
        ({}, ANYWHERE, set()),
        ({"gate": "1"}, ANYWHERE, {"reach"}),
        ({"gate": "2"}, ANYWHERE, set()),
        ({"gate": None}, ANYWHERE, {"reach"}),
        ({"gate": "1", "chat": "5"}, CHAT, {"reach", "chat", "after"}),
        ({"gate": "1", "chat": "5"}, ANYWHERE, {"reach"}),  # a hidden category meets nothing
        ({"own": "na"}, ANYWHERE, {"beside"}),
        ({"own": None}, ANYWHERE, set()),  # N/A, but an option took its name
        ({"nobody": "1"}, ANYWHERE, set()),
    ],
)
def test_what_is_shown(chosen, context, more):
    assert visible(SHOWN, context, chosen) == {"gate", "own"} | more | (
        {"chat"} if context == CHAT else set()
    )


def test_questions_are_shown_by_answers_and_context_too():
    question = {**QUESTION, "show_when": {"channel": ["chat"], "answers": {"a": "1"}}}
    definition = parse(form(category("a"), questions=[question]))
    assert visible(definition, CHAT, {"a": "1"}) == {"a", "q"}
    assert visible(definition, CHAT, {"a": "2"}) == visible(definition, ANYWHERE, {"a": "1"}) == {"a"}


def test_a_category_that_another_answer_hides_takes_no_rating():
    with pytest.raises(InvalidRatings) as caught:
        score(SHOWN, [Rated("reach", "1"), Rated("gate", "2")], ANYWHERE, strict=False)
    assert [(p.index, p.code) for p in caught.value.problems] == [(0, "hidden_category")]
    with pytest.raises(InvalidRatings) as caught:
        score(SHOWN, [Rated("gate", "1"), Rated("own", "a")], ANYWHERE, strict=True)
    assert [(p.category, p.code) for p in caught.value.problems] == [("reach", "required")]


@given(st.integers(0, 2**32))
def test_what_is_shown_does_not_hang_on_order(seed):
    rng = Random(seed)
    definition, context = generated_card(rng), generated_context(rng)
    ratings = generated_ratings(rng, definition, context)
    raw: Any = to_json(definition)
    rng.shuffle(raw["groups"])
    for group in raw["groups"]:
        rng.shuffle(group["categories"])
    shown = visible(definition, context, chosen_of(ratings))
    rng.shuffle(ratings)
    assert visible(parse(raw), context, chosen_of(ratings)) == shown
    assert {each.category for each in ratings} <= shown


def test_root_causes_of_two_tiers_and_in_own_words():
    causes = {"negative": ["Late", {"cause": "Process", "details": ["No macro", "Wrong"]}], "other": True}
    definition = card([category("a", root_causes=causes)])
    (read,) = definition.categories
    assert read.root_causes.negative == ("Late", "Process > No macro", "Process > Wrong")
    assert tiers(read.root_causes.negative) == [("Late", ()), ("Process", ("No macro", "Wrong"))]
    assert parse(to_json(definition)) == definition
    good = ["Late", "Process > Wrong", "Other: the moon", "Other:tide"]
    assert score(definition, [Rated("a", "1", root_causes=tuple(good))], ANYWHERE, strict=True).score == 0
    for bad in ("Process", "Process > Slow", "Other:", "Other:  ", "other: x", "Other: " + "x" * 249):
        with pytest.raises(InvalidRatings):
            score(definition, [Rated("a", "1", root_causes=(bad,))], ANYWHERE, strict=False)


@pytest.mark.parametrize("cause", ["A > B", "A > B > C", "> B", "A >  B", "Other: unclear"])
def test_a_plain_cause_stays_as_it_was_written(cause):
    definition = card([category("a", root_causes={"negative": [cause]})])
    assert definition.categories[0].root_causes.negative == (cause,)
    assert parse(to_json(definition)) == definition
    assert score(definition, [Rated("a", "1", root_causes=(cause,))], Context(), strict=False).score == 0
