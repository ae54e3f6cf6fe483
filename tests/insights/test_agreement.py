"""Agreement of reviewers: the endpoint and the page."""

from __future__ import annotations

import csv
from datetime import date

import numpy as np
import pytest

from common.periods import Period
from insights.query import Query
from insights.selectors.agreement import agreement
from insights.stats import agreement as coefficients
from insights.stats.readings import category_reading, score_reading
from qa_reviews.models import Review
from tests.insights.graders import Gave, give, reviewers
from tests.insights.rows import Rows
from tests.insights.test_pages import words
from tests.world import World

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
PAGE = "/w/ours/insights/agreement/"
ADDRESS = f"{PAGE}?from=2026-03-01&to=2026-03-31"
THIRDS = (0.0, 33.3333, 66.6667, 100.0)  # the options of "solution"
HALVES = (0.0, 50.0, 100.0)  # and of "tone"


def tables(conversations: int) -> dict[str, np.ndarray]:
    """What two reviewers gave: alike in "tone", by chance in "solution"."""
    dice = np.random.default_rng(4)
    tone = dice.choice(HALVES, (conversations, 1)).repeat(2, axis=1)
    tone[::9, 1] = 50.0
    return {"tone": tone, "solution": dice.choice(THIRDS, (conversations, 2))}


@pytest.fixture
def rows(world: World) -> Rows:
    return Rows(world["ours"])


@pytest.fixture
def graded(rows):
    """Makes so many conversations that two reviewers graded, and answers their tables."""

    def make(conversations: int) -> dict[str, np.ndarray]:
        made = tables(conversations)
        people = reviewers(rows, ["Una", "Uwe"])
        gave = [
            Gave(number, who, {key: float(table[number, place]) for key, table in made.items()})
            for number in range(conversations)
            for place, who in enumerate(people)
        ]
        give(rows, [rows.place.rows["agent"]], rows.place.rows["team"], gave)
        return made

    return make


class TestReadings:
    def test_two_options_are_alternatives_and_three_have_an_order(self):
        table = np.array([[0.0, 100.0], [100.0, 100.0]] * 20)
        assert category_reading(table, (0, 100)).level == "nominal"
        assert category_reading(table, (0, 50, 100)).level == "ordinal"
        assert category_reading(np.append(table, [[50.0, 50.0]], axis=0), (0, 100)).level == "ordinal"

    @pytest.mark.parametrize(
        ("units", "shares", "whole"), [(9, False, False), (10, True, False), (30, True, True)]
    )
    def test_what_is_given_from_how_many_on(self, units, shares, whole):
        table = np.array([[0.0, 100.0], [100.0, 100.0], [0.0, 0.0]] * 10)[:units]
        for found in (category_reading(table, (0, 100), rounds=50), score_reading(table, rounds=50)):
            assert (found.exact is not None, found.refused is None) == (shares, shares)
            assert (found.alpha is not None, found.coefficients_refused is None) == (whole, whole)

    def test_scores_in_steps_of_five_for_ac2(self):
        table = np.random.default_rng(1).uniform(40, 100, (60, 2))
        found = score_reading(table, rounds=50)
        steps = np.round(table / 5) * 5
        known = coefficients.gwet(steps, "interval", range(0, 101, 5))
        assert found.ac
        assert found.ac.value == pytest.approx(known)
        assert found.icc == pytest.approx(coefficients.icc(table))
        assert found.kappa is None


class TestApi:
    def test_the_score_and_each_category(self, api, graded):
        made = graded(40)
        answer = api("manager").get("agreement/", MARCH).json()
        score, solution, tone = answer["results"]
        assert [each["category"] for each in answer["results"]] == [None, "solution", "tone"]
        assert (tone["category_name"], tone["doubly"], tone["level"]) == ("Tone", 40, "ordinal")
        assert float(tone["exact"]) == pytest.approx(coefficients.exact(made["tone"]), abs=1e-4)
        assert float(tone["alpha"]["value"]) == pytest.approx(
            coefficients.alpha(made["tone"], "ordinal"), abs=1e-4
        )
        assert float(tone["ac"]["value"]) == pytest.approx(
            coefficients.gwet(made["tone"], "ordinal", HALVES), abs=1e-4
        )
        assert float(tone["alpha"]["low"]) < float(tone["alpha"]["value"]) < float(tone["alpha"]["high"])
        assert float(solution["alpha"]["low"]) < 0 < float(solution["alpha"]["high"])
        assert float(solution["mean_difference"]) > float(tone["mean_difference"])
        assert (score["level"], score["kappa"], tone["icc"]) == ("interval", None, None)
        equal = np.mean([(table[:, 0] == table[:, 1]).mean() for table in made.values()])
        assert float(answer["alignment"][0]["equal"]) == pytest.approx(equal, abs=1e-4)

    def test_the_same_rows_give_the_same_ranges(self, api, graded):
        graded(30)
        first, second = (api("manager").get("agreement/", MARCH).json()["results"] for _ in range(2))
        assert first == second

    def test_too_few_are_refused_in_words(self, api, graded):
        graded(9)
        found = api("manager").get("agreement/", MARCH).json()["results"][0]
        assert (found["exact"], found["alpha"]) == (None, None)
        assert found["refused"]["message"] == (
            "Too few conversations graded twice so far to give a number: 9 of 10 conversations graded twice."
        )

    def test_a_lead_sees_his_teams_and_a_reviewer_nothing(self, api, graded):
        graded(10)
        assert len(api("lead").get("agreement/", MARCH).json()["results"]) == 3
        assert api("other_lead").get("agreement/", MARCH).json()["results"] == []
        assert api("reviewer").get("agreement/", MARCH).status_code == 403

    def test_one_scorecard(self, api, rows, world, graded):
        graded(10)
        card = rows.place.rows["scorecard"].pk
        assert len(api("manager").get("agreement/", MARCH | {"scorecard": card}).json()["results"]) == 3
        foreign = world["theirs"].rows["scorecard"].pk
        for named in (foreign, "external:x"):
            answer = api("manager").get("agreement/", MARCH | {"scorecard": named})
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_found")

    def test_six_queries(self, rows, graded, django_assert_num_queries):
        graded(12)
        actor = rows.place.actor("manager")
        with django_assert_num_queries(6):
            found = agreement(actor, Query(Period(date(2026, 3, 1), date(2026, 3, 31))))
        assert len(found.rows) == 3


class TestPage:
    def test_what_is_read_differently_comes_with_its_conversations(self, browse, graded):
        graded(40)
        page = words(browse("manager"), ADDRESS)
        assert page.index("Read differently Solution") < page.index("points apart on average")
        assert "at most one option apart." in page
        body = browse("manager").get(ADDRESS).content.decode()
        widest = Review.objects.filter(reviewer__name="Una", conversation__subject__startswith="Conversation")
        assert any(f'href="/w/ours/reviews/{review.pk}/"' in body for review in widest)

    def test_reasons_stand_where_numbers_are_not(self, browse, graded):
        graded(12)
        page = words(browse("lead"), ADDRESS)
        assert "12 of 30 graded twice" in page

    def test_nothing_graded_twice(self, browse):
        assert "Nothing was graded twice" in words(browse("manager"), ADDRESS)

    def test_the_file_has_the_coefficients_with_their_ranges(self, browse, graded):
        graded(30)
        lines = list(csv.reader(browse("manager").get(f"{ADDRESS}&format=csv").content.decode().splitlines()))
        assert lines[0][:3] == ["Category", "Graded twice", "Equal"]
        assert "Alpha, low" in lines[0]
        assert [line[0] for line in lines[1:]] == ["Score", "Solution", "Tone"]

    def test_what_is_wrong_is_said(self, browse):
        page = words(browse("manager"), f"{PAGE}?scorecard=999999")
        assert "There is no scorecard “999999” here." in page
