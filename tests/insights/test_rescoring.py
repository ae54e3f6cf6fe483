"""Many reviews scored at once come to what `score` gives for each of them, on generated cards and ratings."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.choices import NO_SCORE, ChoiceReader, Choices, Contexts
from insights.rescoring import ONE, Card, Rescored
from scorecards.definition import Context, Definition, parse, visible
from scorecards.ratings import chosen_of
from scorecards.scoring import Rated, Result, score
from tests.scorecards.cards import ANYWHERE, CHAT, card, category, options

CHANNELS, TAGS = ("chat", "Email", ""), ("vip", "b2b")
KEYS = ("tone", "solution", "process", "closing", "extra")
OWN_OPTIONS = ("na", "low", "mid", "top")
WEIGHTS = st.sampled_from(["0", "1", "3", "10", "12.5", "33.3333333333", "0.00000000000000000001", "100"])


@st.composite
def conversations(draw: Any) -> Context:
    return Context(
        channel=draw(st.sampled_from(CHANNELS)),
        topic=draw(st.sampled_from(["shipping", ""])),
        tags=tuple(draw(st.lists(st.sampled_from(TAGS), unique=True))),
        language=draw(st.sampled_from(["en", "pt-BR"])),
        has_csat=draw(st.booleans()),
    )


@st.composite
def answers(draw: Any, critical: str) -> dict[str, Any]:
    """A ready scale, or options of one's own."""
    if draw(st.booleans()):
        return {"scale": draw(st.sampled_from(["binary", "3-point", "4-point", "5-point"]))}
    points = st.lists(
        st.sampled_from([-3, 0, 1, 2, "2.5", "7.0000000001"]), min_size=2, max_size=4, unique=True
    )
    made = options(*draw(points))
    for place, option in enumerate(made):
        option["key"] = OWN_OPTIONS[place]
        if critical != "none" and draw(st.booleans()):
            option["fails"] = draw(st.booleans())
    return {"options": made}


@st.composite
def conditions(draw: Any, others: dict[str, list[str]]) -> dict[str, Any]:
    when: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        when["channel"] = draw(st.lists(st.sampled_from(["chat", "email"]), min_size=1, unique=True))
    if draw(st.integers(0, 5)) == 0:
        when["tag"] = [draw(st.sampled_from(TAGS))]
    if draw(st.integers(0, 7)) == 0:
        when |= {"language": ["pt-br"], "topic": ["shipping"]}
    if draw(st.integers(0, 7)) == 0:
        when["csat"] = draw(st.booleans())
    if others and draw(st.integers(0, 2)) == 0:
        named = draw(st.lists(st.sampled_from(sorted(others)), min_size=1, max_size=2, unique=True))
        when["answers"] = {
            key: draw(st.lists(st.sampled_from([*others[key], "na"]), min_size=1, max_size=3, unique=True))
            for key in named
        }
    return when


def option_keys(raw: dict[str, Any]) -> list[str]:
    if "options" in raw:
        return [option["key"] for option in raw["options"]]
    return [str(step) for step in range(1, 3 if raw["scale"] == "binary" else int(raw["scale"][0]) + 1)]


@st.composite
def categories(draw: Any) -> list[dict[str, Any]]:
    """Some of the keys, in any order; conditions name those made before, wherever they stand."""
    made: dict[str, dict[str, Any]] = {}
    for key in draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True)):
        kind = draw(st.sampled_from(["rated", "rated", "rated", "bonus", "deduction"]))
        critical = draw(st.sampled_from(["none", "group", "review"])) if kind == "rated" else "none"
        others = {known: option_keys(raw) for known, raw in made.items()}
        made[key] = category(
            key,
            kind=kind,
            weight=draw(WEIGHTS),
            critical=critical,
            allow_na=kind == "rated" and draw(st.integers(0, 3)) > 0,
            show_when=draw(conditions(others)),
            **draw(answers(critical)),
        )
    return list(draw(st.permutations(list(made.values()))))


@st.composite
def definitions(draw: Any) -> Definition:
    rows = draw(categories())
    cut = draw(st.integers(0, len(rows) - 1))
    weigh = draw(st.booleans())
    groups = [
        {"key": f"g{place}", "name": "G", "categories": part} | ({"weight": draw(WEIGHTS)} if weigh else {})
        for place, part in enumerate((rows[:cut], rows[cut:]))
        if part
    ]
    return parse({"groups": groups})


def line(chosen: dict[str, str | None]) -> str:
    return ",".join(f"{key}={option or ''}" for key, option in chosen.items())


def read(rows: list[dict[str, str | None]]) -> Choices:
    reader = ChoiceReader()
    reader.add([line(row) for row in rows[:2]])
    reader.add([line(row) for row in rows[2:]])
    return reader.choices()


def fitting(definition: Definition, context: Context, chosen: dict[str, str | None]) -> list[Rated]:
    """What of the choices the definition takes: the others count as omitted."""
    taken = []
    for each in definition.categories:
        option = chosen.get(each.key)
        if option is not None and any(known.key == option for known in each.options):
            taken.append(Rated(each.key, option))
        elif each.key in chosen and option is None and each.allow_na and each.kind == "rated":
            taken.append(Rated(each.key, na=True))
    shown = visible(definition, context, chosen_of(taken))
    return [rated for rated in taken if rated.category in shown]


CHOSEN = st.dictionaries(
    st.sampled_from([*KEYS, "gone"]), st.sampled_from([None, "1", "2", "4", "5", *OWN_OPTIONS, "old"])
)


@settings(max_examples=600, deadline=None)
@given(
    definition=definitions(),
    reviews=st.lists(st.tuples(CHOSEN, conversations()), min_size=1, max_size=6),
)
def test_every_review_scores_as_score_does(definition, reviews):
    """Score, unfailed score, failing and hidden categories; and points add up to the uncapped score."""
    contexts = Contexts(tuple(context for _, context in reviews), np.arange(len(reviews), dtype=np.int32))
    found = Card(definition).rescore(read([chosen for chosen, _ in reviews]), contexts)
    for place, (chosen, context) in enumerate(reviews):
        ratings = fitting(definition, context, chosen)
        expected = score(definition, ratings, context, strict=False)
        assert decimal(found.score[place]) == expected.score
        assert decimal(found.unfailed[place]) == expected.unfailed_score
        assert failing(found, place) == set(expected.failed_by)
        assert hidden(found, place) == {each.key for each in expected.categories if each.state == "hidden"}
        check_shares(definition, found, place, expected)


def decimal(digits: int) -> Decimal | None:
    return None if digits == NO_SCORE else Decimal(int(digits)) / ONE


def failing(found: Rescored, place: int) -> set[str]:
    return {key for key, flags in found.failing.items() if flags[place]}


def hidden(found: Rescored, place: int) -> set[str]:
    return {key for key, flags in found.shown.items() if not flags[place]}


def check_shares(definition: Definition, found: Rescored, place: int, expected: Result) -> None:
    """Shares are the applied weights, points add up to the score before its bounds."""
    for each in expected.categories:
        own = found.shares.own(each.key)[place]
        assert (each.exact is None and np.isnan(own)) or own == pytest.approx(float(each.exact or 0))
        if each.applied_weight is not None:
            share = found.shares.share(each.key)[place]
            assert share * 100 == pytest.approx(float(each.applied_weight), abs=1e-4)
    if expected.uncapped_score is not None:
        points = sum(found.shares.points(each.key)[place] for each in definition.categories)
        assert points == pytest.approx(float(expected.uncapped_score), abs=1e-4)
        assert found.uncapped[place] == pytest.approx(points)


class TestExactness:
    def test_numbers_beyond_64_bits_stay_exact(self):
        """Two groups of weights with twenty decimals: 2 x 10^20 / 3 x 10^20 of 100, and a third of it."""
        tiny, more = "0.00000000000000000001", "0.00000000000000000002"
        definition = card(
            [category("a", weight=tiny, scale="binary"), category("b", weight=more, scale="binary")],
            [category("c", weight="99.99999999999999999999", scale="binary")],
        )
        found = Card(definition).rescore(read([{"a": "2", "b": "1"}, {"a": "1", "b": "2", "c": "2"}]), None)
        assert Card(definition).kind == np.dtype(object)
        assert list(found.score) == [333333, 1000000]

    def test_small_numbers_are_64_bit(self):
        assert Card(card([category("a"), category("b", weight="12.5")])).kind == np.dtype(np.int64)


class TestWhatDoesNotFit:
    def rescored(self, definition: Definition, chosen: dict[str, str | None], context: Context = ANYWHERE):
        places = np.zeros(1, np.int32)
        return Card(definition).rescore(read([chosen]), Contexts((context,), places))

    def test_options_and_categories_of_the_past_are_left_out(self):
        definition = card([category("a", scale="binary"), category("b", scale="binary")])
        found = self.rescored(definition, {"a": "2", "b": "5", "old": "1"})
        assert list(found.score) == [100 * ONE]
        assert not found.rated("b")[0]

    def test_nothing_left_is_no_score(self):
        found = self.rescored(card([category("a", scale="binary")]), {"old": "1"})
        assert list(found.score) == [NO_SCORE]
        assert np.isnan(found.uncapped[0])

    def test_na_where_it_is_not_allowed_meets_no_condition(self):
        shown_by_na = category("b", scale="binary", show_when={"answers": {"a": ["na"]}})
        asked = {"a": None, "b": "1"}
        allowed = card([category("a"), shown_by_na])
        refused = card([category("a", allow_na=False), shown_by_na])
        assert list(self.rescored(allowed, asked).score) == [0]
        assert list(self.rescored(refused, asked).score) == [NO_SCORE]

    def test_conditions_are_left_aside_for_the_past(self):
        definition = card([category("a", scale="binary", show_when={"channel": ["phone"]})])
        assert list(self.rescored(definition, {"a": "2"}, CHAT).score) == [NO_SCORE]
        assert list(Card(definition).rescore(read([{"a": "2"}]), None).score) == [100 * ONE]

    def test_no_review_at_all(self):
        found = Card(card([category("a")])).rescore(read([]), None)
        assert len(found.score) == 0


def test_a_line_without_ratings_is_a_review_without_ratings():
    choices = read([{}, {"a": "1"}, {}])
    assert choices.size == 3
    assert list(choices.columns["a"].codes) == [-1, 0, -1]
    assert list(choices.take(np.array([1])).columns["a"].codes) == [0]


def test_halves_in_the_fifth_decimal_go_up():
    """Weights 1 and 7999: 100 / 8000 = 0.0125 stays; 1 and 15999: 0.00625 becomes 0.0063."""
    for weight, digits in (("79.99", 125), ("159.99", 63)):
        part = Fraction(1, 100) / (Fraction(weight) + Fraction(1, 100))
        assert part * 100 * ONE - digits in (0, Fraction(-1, 2))
    definition = card([category("a", weight="0.01", scale="binary"), category("b", weight="79.99")])
    found = Card(definition).rescore(read([{"a": "2", "b": "1"}]), None)
    assert list(found.score) == [125]
