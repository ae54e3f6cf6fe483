"""Why an imported score differs: every hypothesis by an example, the report as API, page and CSV."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from qa_reviews.history.cases import Case
from qa_reviews.history.facts import Said
from qa_reviews.history.parity import CODES, Reason, Reported, explain
from qa_reviews.history.words import HEADINGS, sentence
from qa_reviews.judgement import Judgement
from qa_reviews.models import Review
from qa_reviews.services.reviews import revise
from scorecards.definition import Context, parse
from scorecards.scoring import Rated
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
FORM: dict[str, Any] = {
    "groups": [
        {
            "key": "main",
            "name": "Main",
            "categories": [
                {"key": "a", "name": "A", "weight": "20", "scale": "4-point"},
                {"key": "b", "name": "B", "weight": "10", "scale": "binary", "critical": "review"},
                {"key": "c", "name": "C", "weight": "10"},
            ],
        }
    ]
}
PLAIN = {"a": "3", "b": "2", "c": "3"}  # 66.67, 100, 50: (20 x 66.67 + 10 x 100 + 10 x 50) / 40 = 70.83


def case(form: dict[str, Any] = FORM, **options: str | None) -> Case:
    chosen = PLAIN | options
    rated = (Rated(key, option) for key, option in chosen.items() if option)
    return Case(parse(form), tuple(rated), Context())


def with_category(**fields: Any) -> dict[str, Any]:
    group = FORM["groups"][0]
    return {"groups": [group | {"categories": [*group["categories"], {"key": "d", "name": "D"} | fields]}]}


def grouped(critical: str = "none", **weights: str) -> dict[str, Any]:
    a, b, c = FORM["groups"][0]["categories"]
    first, second = {"key": "one", "name": "One"}, {"key": "two", "name": "Two"}
    if weights:
        first, second = first | {"weight": weights["one"]}, second | {"weight": weights["two"]}
    return {"groups": [first | {"categories": [a, c]}, second | {"categories": [b | {"critical": critical}]}]}


def found(reported: str, of: Case, *said: Said) -> list[tuple[str, tuple[str, ...]]]:
    return [(r.code, r.names) for r in explain(Reported(Fraction(reported), said), of)]


def said(key: str, score: str | None, **fields: Any) -> Said:
    return Said(key, key.upper(), None if score is None else Fraction(score), **fields)


ALL = (said("a", "66.6667"), said("b", "100"), said("c", "50"))


@pytest.mark.parametrize("reported", ["70.83", "70.8333", "70.84"])
def test_equal_within_a_hundredth_needs_no_reason(reported: str) -> None:
    assert found(reported, case()) == []


def test_a_source_without_a_score_is_not_compared() -> None:
    assert explain(Reported(None, ALL), case()) == []


@pytest.mark.parametrize(
    ("reported", "of", "codes"),
    [
        ("71", case(), ["rounding"]),
        ("70.8", case(), ["rounding"]),
        ("83.33", case(c=None), ["na_as_best"]),
        ("58.33", case(c=None), ["na_as_zero"]),
        ("45.83", case(b="1"), ["critical_ignored"]),
        ("0", case(grouped("group"), b="1"), ["critical_for_review"]),
        ("70.83", case(grouped(one="50", two="50")), ["flat_groups"]),
        ("83.5", case(b="2", c="5", a="3"), ["category_rounding"]),
        ("46", case(b="1"), ["rounding", "critical_ignored"]),
        ("12.34", case(), ["unexplained"]),
    ],
)
def test_rules_the_source_may_have_had(reported: str, of: Case, codes: list[str]) -> None:
    assert sorted(code for code, _ in found(reported, of)) == sorted(codes)


@pytest.mark.parametrize(
    ("reported", "of", "told", "expected"),
    [
        ("72.22", case(), (said("a", "66.6667", weight=Fraction(10)), *ALL[1:]), []),
        ("60.42", case(), (*ALL[:2], said("c", "8.3333")), [("unknown_option", ("C",))]),
        ("83.33", case(), (*ALL[:2], said("c", "100")), [("other_rating", ("C",))]),
        ("77.78", case(), ALL[:2], [("not_counted", ("C",))]),
        ("77.78", case(), (*ALL[:2], said("c", None)), [("not_counted", ("C",))]),
        ("70.83", case(c=None), ALL, [("missing_rating", ("C",))]),
        ("76.67", case(), (*ALL, said("z", "100", weight=Fraction(10))), [("missing_rating", ("Z",))]),
        ("0", case(a="2"), (said("a", "33.3333", critical="review"), *ALL[1:]), [("critical", ("A",))]),
        ("45.83", case(b="1"), (ALL[0], said("b", "0", critical="none"), ALL[2]), [("critical", ("B",))]),
    ],
)
def test_facts_the_source_told(
    reported: str, of: Case, told: tuple[Said, ...], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    if not expected:
        expected = [("weights", ("A",))]
        told = (told[0], *(said(s.category, str(s.score), weight=Fraction(10)) for s in told[1:]))
    assert found(reported, of, *told) == expected


def test_shares_of_weights_count_not_their_size() -> None:
    doubled = tuple(
        said(key, score, weight=Fraction(weight))
        for key, score, weight in (("a", "66.6667", 40), ("b", "100", 20), ("c", "50", 20))
    )
    assert found("99", case(), *doubled) == [("unexplained", ())]


def test_two_facts_together() -> None:
    told = (
        said("a", "66.6667", weight=Fraction(10)),
        said("b", "100", weight=Fraction(10)),
        said("z", "50", weight=Fraction(10)),
    )
    assert {code for code, _ in found("72.22", case(c=None), *told)} == {"weights", "missing_rating"}


def test_what_nothing_explains_names_what_differs() -> None:
    assert found("3.21", case(), *ALL[:2], said("c", "100")) == [("unexplained", ("C",))]


@pytest.mark.parametrize(
    ("reported", "form", "options", "code"),
    [
        ("105", with_category(kind="bonus", weight="10"), {"b": "2", "a": "4", "c": "3", "d": "5"}, None),
        ("97.5", with_category(kind="bonus", weight="10"), {"a": "4", "c": "3", "d": "5"}, "uncapped"),
        ("87.5", with_category(kind="bonus", weight="10"), {"a": "4", "c": "3", "d": "5"}, "bonus_left_out"),
        ("90", with_category(kind="bonus", weight="10"), {"a": "4", "c": "3", "d": "5"}, "bonus_in_mean"),
        ("110", with_category(kind="bonus", weight="10"), {"a": "4", "c": "5", "d": "5"}, "uncapped"),
    ],
)
def test_bonuses(reported: str, form: dict[str, Any], options: dict[str, str], code: str | None) -> None:
    reasons = [c for c, _ in found(reported, case(form, **options))]
    ours = case(form, **options).result
    assert ours.uncapped_score is not None
    if code == "uncapped" and ours.uncapped_score <= 100:
        assert reasons == []
    else:
        assert reasons == [code or "unexplained"]


def test_nothing_rated_has_no_score() -> None:
    empty = Case(parse(FORM), (), Context())
    assert found("50", empty) == [("no_score", ())]
    assert found("100", empty) == [("na_as_best", ("A", "B", "C"))]


@given(
    st.sampled_from(["1", "2", "3", "4", None]),
    st.sampled_from(["1", "2", None]),
    st.sampled_from(["1", "3", "5", None]),
    st.integers(0, 10_000),
)
def test_an_explanation_always_leads_to_the_reported_score(
    a: str | None, b: str | None, c: str | None, reported: int
) -> None:
    target = Fraction(reported, 100)
    for reason in explain(Reported(target), case(a=a, b=b, c=c)):
        if reason.score is not None:
            assert abs(Fraction(reason.score) - target) <= Fraction(1, 100)


def test_every_code_has_words() -> None:
    assert set(HEADINGS) == set(CODES)
    for code in CODES:
        told = sentence(Reason(code, Decimal("87.5"), ("A", "B", "C", "D", "E")))
        assert told.endswith(".")
        assert "%" not in told
    assert "“A”" in sentence(Reason("unexplained", None, ("A",)))
    assert sentence(Reason("na_as_best", Decimal("87.5"), ("A",))) == (
        "With N/A (“A”) counted as 100 the score would be 87.50, as reported."
    )


# --- the report ------------------------------------------------------------------------------------------


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def imported(place: Place, api: Api, *scores: Any, source: str = "oldqa") -> int:
    rows = [
        {
            "source": source,
            "external_id": f"r-{n}",
            "conversation": {"source": "helpdesk", "external_id": f"x-{source}-{n}"},
            "agent": {"external_id": "a-7"},
            "reviewer": {"email": "reviewer@ours.example"},
            "scorecard": place.rows["scorecard"].pk,
            "submitted_at": "2026-03-05T10:00:00+00:00",
            "ratings": [{"category": "solution", "option": "3"}],  # 66.67; tone is N/A
            "score": score,
        }
        for n, score in enumerate(scores)
    ]
    answer = api("manager").post("reviews/import", rows).json()
    assert answer["created"] == len(rows)
    found: int = answer["import_run"]
    return found


def test_the_report_lists_what_differs_and_sums_up(ours: Place, api: Api) -> None:
    run = imported(ours, api, 66.67, 77.78, 67, None)
    imported(ours, api, 12, source="other")
    found = api("manager").get("reviews/parity/", {"source": "oldqa"}).json()
    assert found["summary"] == {
        "reviews": 3,
        "equal": 1,
        "differing": 2,
        "reasons": [{"code": "na_as_best", "reviews": 1}, {"code": "rounding", "reviews": 1}],
    }
    assert [(one["external_id"], one["reasons"][0]["code"]) for one in found["results"]] == [
        ("r-2", "rounding"),
        ("r-1", "na_as_best"),
    ]
    best = found["results"][1]
    assert (best["reported_score"], best["computed_score"], best["difference"]) == (
        "77.7800",
        "66.6667",
        "-11.1133",
    )
    assert best["reasons"][0]["detail"].startswith("With N/A (“Tone”) counted as 100")
    of_run = api("manager").get("reviews/parity/", {"import_run": run}).json()
    assert of_run["summary"] == found["summary"]
    assert api("manager").get("reviews/parity/").json()["summary"]["differing"] == 3
    only = api("manager").get("reviews/parity/", {"reason": "rounding"}).json()
    assert [one["external_id"] for one in only["results"]] == ["r-2"]


def test_the_report_is_paged(ours: Place, api: Api) -> None:
    imported(ours, api, *range(10, 15))
    first = api("manager").get("reviews/parity/", {"limit": 2}).json()
    following = parse_qs(urlsplit(first["next"]).query)
    second = api("manager").get("reviews/parity/", following).json()
    keys = [one["external_id"] for page in (first, second) for one in page["results"]]
    assert keys == ["r-4", "r-3", "r-2", "r-1"]


@pytest.mark.parametrize(
    "query", [{"reason": "magic"}, {"import_run": "x"}, {"nothing": "1"}, {"cursor": "broken"}]
)
def test_unknown_parameters_are_refused(api: Api, query: dict[str, str]) -> None:
    assert api("manager").get("reviews/parity/", query).status_code == 422


def test_a_report_takes_few_queries(
    ours: Place, api: Api, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    imported(ours, api, *range(10, 40))
    client = api("manager")
    client.get("reviews/parity/")
    with django_assert_max_num_queries(9):
        client.get("reviews/parity/")


def test_a_later_correction_is_told_apart(ours: Place, api: Api) -> None:
    imported(ours, api, 77.78)
    review = Review.objects.get(source="oldqa")
    raw = {"ratings": [{"category": "solution", "option": "4"}, {"category": "tone", "option": "great"}]}
    revise(actor=ours.actor("manager"), review_id=review.pk, reason="Again", judgement=Judgement.of(raw))
    [one] = api("manager").get("reviews/parity/").json()["results"]
    assert (one["revised"], one["computed_score"], one["score"]) == (True, "66.6667", "100.0000")


def test_the_csv_has_the_same_rows(ours: Place, api: Api) -> None:
    imported(ours, api, 66.67, 77.78, 67)
    response = api("manager").get("reviews/parity.csv/", {"source": "oldqa"})
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert [line.split(",")[2] for line in lines] == ["external_id", "r-2", "r-1"]
    assert "na_as_best" in lines[2]


def test_the_pages_show_the_report(ours: Place, api: Api, browse: Callable[..., Client]) -> None:
    run = imported(ours, api, 66.67, 77.78)
    imported(ours, api, 12, source="other")
    page = browse("manager").get(f"/w/ours/imports/{run}/parity/").content.decode()
    assert "With N/A (“Tone”) counted as 100" in page
    assert f"import_run={run}" in page  # of the download
    assert (
        f"/w/ours/imports/{run}/parity/" in browse("manager").get(f"/w/ours/imports/{run}/").content.decode()
    )
    every = browse("manager").get("/w/ours/imports/parity/").content.decode()
    assert "Not explained" in every
    assert "?source=other" in every
    assert browse("manager").get(f"/w/ours/imports/{10**9}/parity/").status_code == 404


def test_pages_without_differences_say_so(ours: Place, api: Api, browse: Callable[..., Client]) -> None:
    assert "Nothing to compare" in browse("manager").get("/w/ours/imports/parity/").content.decode()
    imported(ours, api, 66.67)
    assert "Every score is the one" in browse("manager").get("/w/ours/imports/parity/").content.decode()
