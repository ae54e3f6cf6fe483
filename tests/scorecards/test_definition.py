"""Reading a definition: what is refused and where, what is advised, and that it survives the round trip."""

import copy
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.definition import (
    SCALES,
    InvalidDefinition,
    ShowWhen,
    parse,
    to_json,
    validate,
)
from tests.scorecards.cards import HERE, category_of, one, options

FROM_THE_CONTRACT: dict[str, Any] = {
    "groups": [
        {
            "key": "customer",
            "name": "Customer facing",
            "categories": [
                {
                    "key": "solution",
                    "name": "Solution",
                    "description": "Right and complete?",
                    "weight": "20",
                    "scale": "4-point",
                    "critical": "none",
                    "allow_na": True,
                    "comment_required": "negative",
                    "tags": ["customer-critical"],
                    "show_when": {"channel": ["chat"]},
                    "root_causes": {"negative": ["Wrong product", "Did not ask"], "positive": []},
                },
                {
                    "key": "tone",
                    "name": "Tone",
                    "weight": "10",
                    "critical": "review",
                    "options": [
                        {"key": "poor", "label": "Poor", "points": 0, "description": "Rude", "fails": True},
                        {"key": "ok", "label": "Fine", "points": 1},
                        {"key": "great", "label": "Great", "points": 2},
                    ],
                },
            ],
        }
    ]
}


def errors(raw: object) -> list[tuple[str, str]]:
    return [(f.code, f.pointer) for f in validate(raw) if f.severity == "error"]


def test_contract_example_is_read():
    definition = parse(FROM_THE_CONTRACT)
    solution, tone = definition.categories
    assert (solution.weight, solution.scale, len(solution.options)) == (Decimal(20), "4-point", 4)
    assert solution.show_when == ShowWhen(channel=("chat",))
    assert solution.root_causes.negative == ("Wrong product", "Did not ask")
    assert (tone.scale, tone.options[0].fails, tone.options[1].fails) == (None, True, None)
    assert parse(to_json(definition)) == definition


def test_defaults_are_filled_in():
    assert to_json(parse(one()))["groups"] == [
        {
            "key": "g",
            "name": "G",
            "categories": [
                {
                    "key": "a",
                    "name": "A",
                    "kind": "rated",
                    "description": "",
                    "weight": "10",
                    "scale": "5-point",
                    "critical": "none",
                    "allow_na": True,
                    "comment_required": "never",
                    "tags": [],
                    "show_when": {},
                    "root_causes": {"negative": [], "positive": [], "other": False},
                }
            ],
            "questions": [],
        }
    ]


def test_null_counts_as_absent():
    assert parse(one(scale=None, options=options(0, 1), weight=None)) == parse(one(options=options(0, 1)))
    assert errors(one(key=None)) == [("required", "/groups/0/categories/0/key")]


@pytest.mark.parametrize(("scale", "labels"), SCALES.items())
def test_ready_scales_fill_their_options(scale, labels):
    filled = category_of(one(scale=scale)).options
    assert [option.key for option in filled] == [str(place + 1) for place in range(len(labels))]
    assert [option.points for option in filled] == list(range(len(labels)))
    assert [option.label for option in filled] == list(labels)


@pytest.mark.parametrize(
    ("given_weight", "plain"),
    [
        ("20", "20"),
        (20, "20"),
        ("33.333333333333333333", "33.333333333333333333"),
        (0.1, "0.1"),
        (33.333333333333336, "33.333333333333336"),
        (Decimal("12.50"), "12.5"),
        ("0", "0"),
        ("-0", "0"),
        (-0.0, "0"),
        (1e-05, "0.00001"),
        ("100", "100"),
        ("100.0", "100"),
    ],
)
def test_weights_are_kept_exactly(given_weight, plain):
    normalised: Any = to_json(parse(one(weight=given_weight)))
    assert normalised["groups"][0]["categories"][0]["weight"] == plain


@pytest.mark.parametrize(
    ("weight", "code"),
    [
        ("100.00000000000000000001", "out_of_range"),
        (-0.5, "out_of_range"),
        (101, "out_of_range"),
        ("", "invalid"),
        ("1e1", "invalid"),
        ("١٢", "invalid"),
        ("1_0", "invalid"),
        (" 10", "invalid"),
        ("10\n", "invalid"),
        ("33.333333333333333333333", "invalid"),
        (float("nan"), "invalid"),
        (float("inf"), "invalid"),
        (1e300, "invalid"),
        (1e-300, "invalid"),
        pytest.param(10**5000, "invalid", id="huge"),
        (Decimal("1E+999999"), "invalid"),
        (Decimal("sNaN"), "invalid"),
        (True, "invalid"),
        ([], "invalid"),
    ],
)
def test_bad_weights(weight, code):
    assert errors(one(weight=weight)) == [(code, "/groups/0/categories/0/weight")]


def test_points_are_exact_fractions():
    raw = one(options=options(-1, "0.1", 0.3, 2.0))
    assert [option.points for option in category_of(raw).options] == [
        Fraction(-1),
        Fraction(1, 10),
        Fraction(3, 10),
        Fraction(2),
    ]
    normalised: Any = to_json(parse(raw))
    points = [option["points"] for option in normalised["groups"][0]["categories"][0]["options"]]
    assert points == [-1, "0.1", "0.3", 2]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"colour": "red"}, ("unknown_field", f"{HERE}/colour")),
        ({"a/b~c": 1}, ("unknown_field", f"{HERE}/a~1b~0c")),
        ({"key": "has space"}, ("invalid", f"{HERE}/key")),
        ({"key": 7}, ("invalid", f"{HERE}/key")),
        ({"key": "x" * 65}, ("invalid", f"{HERE}/key")),
        ({"name": ""}, ("blank", f"{HERE}/name")),
        ({"name": "  "}, ("blank", f"{HERE}/name")),
        ({"name": ["A"]}, ("invalid", f"{HERE}/name")),
        ({"name": "x" * 201}, ("too_long", f"{HERE}/name")),
        ({"name": "two\nlines"}, ("invalid", f"{HERE}/name")),
        ({"description": "NUL \x00"}, ("invalid", f"{HERE}/description")),
        ({"description": "half \ud800"}, ("invalid", f"{HERE}/description")),
        ({"description": "x" * 1_000_000}, ("too_long", f"{HERE}/description")),
        ({"scale": "6-point"}, ("invalid", f"{HERE}/scale")),
        ({"scale": ["binary"]}, ("invalid", f"{HERE}/scale")),
        ({"scale": "binary", "options": options(0, 1)}, ("scale_and_options", f"{HERE}/scale")),
        ({"options": []}, ("too_few", f"{HERE}/options")),
        ({"options": options(1)}, ("too_few", f"{HERE}/options")),
        ({"options": options(*range(21))}, ("too_many", f"{HERE}/options")),
        ({"options": {"a": 1}}, ("invalid", f"{HERE}/options")),
        ({"options": options(3, 3, "3.0")}, ("same_points", f"{HERE}/options")),
        ({"options": options(0, "many")}, ("invalid", f"{HERE}/options/1/points")),
        ({"options": options(0, 1000001)}, ("out_of_range", f"{HERE}/options/1/points")),
        ({"critical": "always"}, ("invalid", f"{HERE}/critical")),
        ({"allow_na": "yes"}, ("invalid", f"{HERE}/allow_na")),
        ({"allow_na": 1}, ("invalid", f"{HERE}/allow_na")),
        ({"comment_required": True}, ("invalid", f"{HERE}/comment_required")),
        ({"tags": "vip"}, ("invalid", f"{HERE}/tags")),
        ({"tags": ["a", "a"]}, ("duplicate_value", f"{HERE}/tags/1")),
        ({"show_when": []}, ("invalid", f"{HERE}/show_when")),
        ({"show_when": {"channel": []}}, ("too_few", f"{HERE}/show_when/channel")),
        ({"show_when": {"channel": [1]}}, ("invalid", f"{HERE}/show_when/channel/0")),
        ({"show_when": {"mood": "bad"}}, ("unknown_field", f"{HERE}/show_when/mood")),
        ({"show_when": {"csat": "present"}}, ("invalid", f"{HERE}/show_when/csat")),
        ({"root_causes": {"negative": ["a", "a"]}}, ("duplicate_value", f"{HERE}/root_causes/negative/1")),
        ({"root_causes": {"neutral": []}}, ("unknown_field", f"{HERE}/root_causes/neutral")),
    ],
)
def test_errors_name_their_place(fields, expected):
    assert errors(one(**fields)) == [expected]


def test_unread_points_are_not_called_the_same():
    bad = [("invalid", f"{HERE}/options/{place}/points") for place in (0, 1)]
    assert errors(one(options=options("few", "many"))) == bad


def test_fails_needs_a_critical_category():
    failing = options(0, 1, fails={1: False})
    assert errors(one(options=failing)) == [("fails_without_critical", f"{HERE}/options/1/fails")]
    assert errors(one(options=failing, critical="group")) == []


def test_duplicate_keys_are_found_everywhere():
    group = one(options=[*options(0, 1), *options(2)])["groups"][0]
    assert errors({"groups": [group, copy.deepcopy(group)]}) == [
        ("duplicate_key", "/groups/0/categories/0/options/2/key"),
        ("duplicate_key", "/groups/1/key"),
        ("duplicate_key", "/groups/1/categories/0/key"),
        ("duplicate_key", "/groups/1/categories/0/options/2/key"),
    ]


def deeply_nested(levels: int = 100_000) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, [("invalid", "")]),
        ([], [("invalid", "")]),
        ("groups", [("invalid", "")]),
        (float("nan"), [("invalid", "")]),
        ({}, [("required", "/groups")]),
        ({"groups": []}, [("too_few", "/groups")]),
        ({"groups": {}}, [("invalid", "/groups")]),
        ({"groups": [[]] * 21}, [("too_many", "/groups")]),
        ({"groups": [7]}, [("invalid", "/groups/0")]),
        ({"groups": [{"key": "g"}]}, [("required", "/groups/0/name"), ("required", "/groups/0/categories")]),
        ({"groups": [{"key": "g", "name": "G", "categories": []}]}, [("too_few", "/groups/0/categories")]),
        (deeply_nested(), [("invalid", "")]),
        ({"groups": deeply_nested()}, [("invalid", "/groups/0")]),
        (one(weight=deeply_nested()), [("invalid", f"{HERE}/weight")]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_garbage_is_refused(raw, expected):
    assert errors(raw) == expected


def test_findings_stay_few_and_encodable_for_hostile_names():
    findings = validate({"groups": [], **{f"\ud800{'x' * 1000}{place}": 0 for place in range(5000)}})
    assert len(findings) == 21
    assert all(len(finding.pointer.encode()) < 100 for finding in findings)
    swamp = {"groups": [{"key": "g", "name": "G", "categories": [{"a": 1}] * 50}] * 20}
    assert len(validate(swamp)) == 200


def test_parse_raises_with_all_errors_and_only_errors():
    with pytest.raises(InvalidDefinition) as caught:
        parse(one(weight=-1, critical="review", name=""))
    assert [finding.code for finding in caught.value.findings] == ["blank", "out_of_range"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=25,
)


@st.composite
def spoiled(draw: st.DrawFn) -> object:
    """The contract's example with one random place replaced, removed or added to."""
    raw = copy.deepcopy(FROM_THE_CONTRACT)
    place: Any = raw
    while isinstance(place, dict | list) and place:
        steps = list(place) if isinstance(place, dict) else list(range(len(place)))
        step = draw(st.sampled_from(steps))
        if draw(st.booleans()) or not isinstance(place[step], dict | list) or not place[step]:
            place[step] = draw(json_values)
            break
        place = place[step]
    return raw


@given(json_values | spoiled())
def test_validate_never_raises_and_agrees_with_parse(raw):
    findings = validate(raw)
    if any(finding.severity == "error" for finding in findings):
        with pytest.raises(InvalidDefinition):
            parse(raw)
    else:
        assert parse(to_json(parse(raw))) == parse(raw)


names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).filter(str.strip)
words = st.lists(names, min_size=1, max_size=3, unique_by=str.strip)
numbers = st.decimals(min_value=0, max_value=100, places=6).map(str) | st.integers(0, 100) | st.floats(1, 99)


@st.composite
def well_formed(draw: st.DrawFn) -> dict[str, Any]:
    categories = []
    for place in range(draw(st.integers(1, 4))):
        fields = {
            "description": names,
            "weight": numbers,
            "critical": st.sampled_from(["group", "review"]),
            "allow_na": st.booleans(),
            "comment_required": st.sampled_from(["never", "negative", "always"]),
            "tags": st.just(["t", "u"]),
            "show_when": st.fixed_dictionaries(
                {}, optional={"channel": words, "tag": words, "csat": st.booleans()}
            ),
            "root_causes": st.fixed_dictionaries({}, optional={"negative": words, "positive": words}),
        }
        category = draw(st.fixed_dictionaries({"name": names}, optional=fields))
        answers = draw(
            st.sampled_from([{}, *({"scale": scale} for scale in SCALES)])
            | st.lists(numbers, min_size=2, max_size=5, unique_by=lambda each: Fraction(str(each))).map(
                lambda points: {"options": options(*points)}
            )
        )
        categories.append({"key": f"c{place}", **category, **answers})
    return {"groups": [{"key": "g", "name": draw(names), "categories": categories}]}


@given(well_formed())
def test_round_trip(raw):
    definition = parse(raw)
    assert parse(to_json(definition)) == definition
    assert to_json(parse(to_json(definition))) == to_json(definition)
