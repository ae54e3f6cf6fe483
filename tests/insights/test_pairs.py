"""What counts as graded twice, and what that tells of how reviewers differ."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from common.periods import Period
from insights.facts.pairs import first_ratings, second_reviews, shared_reviews
from insights.selectors.severity import reviewer_variance
from insights.stats.severity import Given, fit
from qa_reviews.models import Draw, Grading
from tests.insights.graders import GRADED_ON, Gave, give, reviewers, second_look, unmark
from tests.insights.rows import Rows
from tests.world import World

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
WEEK = date(2026, 3, 16)


@pytest.fixture
def rows(world: World) -> Rows:
    return Rows(world["ours"])


@pytest.fixture
def agent(rows):
    return rows.place.rows["agent"]


@pytest.fixture
def team(rows):
    return rows.place.rows["team"]


@pytest.fixture
def people(rows):
    return reviewers(rows, ["Una", "Uwe", "Ugo"])


def shared(rows, most=100, period=MARCH, **more):
    return shared_reviews(rows.place.workspace.pk, period, most, **more)


class TestShared:
    def test_conversations_that_two_reviewers_graded_and_what_they_gave_first(
        self, rows, agent, team, people
    ):
        una, uwe, ugo = people
        gave = [
            Gave(1, una, {"tone": 50, "solution": 100}),
            Gave(1, uwe, {"tone": 100, "solution": 100}),
            Gave(2, ugo, {"tone": 0}),
        ]
        reviews = give(rows, [agent], team, gave)
        rows.grading(reviews[0], 2)
        unmark(reviews[:1], gradings_count=2, score=10, state="resolved")
        found = shared(rows)
        assert [(each.place, each.reviewer, each.review, each.score) for each in found.reviews] == [
            (1, una.pk, reviews[0].pk, 75.0),
            (1, uwe.pk, reviews[1].pk, 100.0),
        ]
        assert not found.cut
        ratings = first_ratings(rows.place.workspace.pk, [each.grading for each in found.reviews])
        first = Grading.objects.get(review=reviews[0], number=1)
        assert sorted((c, s) for g, c, s in ratings if g == first.pk) == [("solution", 100.0), ("tone", 50.0)]

    @pytest.mark.parametrize(
        ("changes", "counts"),
        [
            ({}, True),
            ({"state": "disputed"}, True),
            ({"state": "retracted"}, False),
            ({"kind": "peer"}, False),
            ({"kind": "calibration"}, False),
            ({"blind": False}, False),
            ({"blind": False, "source": "old", "external_id": "1"}, True),
            ({"revealed_at": "2026-03-12T10:00:00Z"}, False),
            ({"submitted_on": date(2026, 4, 1)}, False),
        ],
    )
    def test_only_standing_reviews_that_each_gave_on_his_own(
        self, rows, agent, team, people, changes, counts
    ):
        reviews = give(rows, [agent], team, [Gave(1, each, {"tone": 50}) for each in people[:2]])
        unmark(reviews[:1], **changes)
        assert len(shared(rows).reviews) == (2 if counts else 0)

    def test_another_scorecard_or_agent_is_another_thing(self, rows, agent, team, people):
        reviews = give(rows, [agent], team, [Gave(1, each, {"tone": 50}) for each in people[:2]])
        unmark(reviews[:1], agent=rows.place.rows["other_agent"])
        assert shared(rows).reviews == []

    def test_teams_scorecards_and_workspaces(self, rows, world, agent, team, people):
        give(rows, [agent], team, [Gave(1, each, {"tone": 50}) for each in people[:2]])
        scorecard = rows.place.rows["scorecard"].pk
        assert len(shared(rows, teams=[team.pk], scorecards=[scorecard]).reviews) == 2
        assert shared(rows, teams=[rows.place.rows["other_team"].pk]).reviews == []
        assert shared(rows, teams=[]).reviews == []
        assert shared(rows, scorecards=[scorecard + 1]).reviews == []
        assert shared_reviews(world["theirs"].workspace.pk, MARCH, 100).reviews == []

    def test_of_too_many_the_latest_are_taken(self, rows, agent, team, people):
        una, uwe, _ = people
        for days in range(4):
            gave = [Gave(1, una, {"tone": days}), Gave(1, uwe, {"tone": days})]
            give(rows, [agent], team, gave, on=GRADED_ON + timedelta(days=days))
        found = shared(rows, most=3)
        assert [(each.place, each.score) for each in found.reviews] == [
            *((1, 3.0), (1, 3.0)),
            *((2, 2.0), (2, 2.0)),
            *((3, 1.0), (3, 1.0)),
        ]
        assert found.cut


class TestVariance:
    """Twenty conversations drawn for a second look; the second reviewer gives ten points less."""

    @pytest.fixture
    def draw(self, rows) -> Any:
        return rows.draw(rows.plan(), WEEK)

    @pytest.fixture
    def looked(self, rows, draw, agent, team):
        scores = [(60 + each, 50 + each + each % 3) for each in range(20)]
        return second_look(rows, draw, agent, team, scores)

    def variance(self, rows, last=date(2026, 3, 31)):
        return reviewer_variance(rows.place.system, Period(date(2026, 3, 1), last))

    def test_it_is_learned_from_second_looks(self, rows, looked, draw):
        given = Given.of(second_reviews(rows.place.workspace.pk, date(2026, 1, 1), MARCH.last))
        assert (given.pairs, len(given.scores)) == (20, 40)
        assert self.variance(rows) == pytest.approx(fit(given).s2_reviewer)
        assert 20 < self.variance(rows) < 60

    def test_nineteen_say_nothing(self, rows, looked):
        unmark(looked[:1], state="retracted")
        assert self.variance(rows) == 0

    def test_only_draws_of_the_last_weeks_that_stand(self, rows, looked, draw):
        assert self.variance(rows, date(2026, 3, 21)) == 0  # ended on the 22nd
        assert self.variance(rows, date(2026, 9, 19)) > 0
        assert self.variance(rows, date(2026, 9, 20)) == 0
        Draw.objects.filter(pk=draw.pk).update(superseded_at="2026-04-01T00:00:00Z")
        assert self.variance(rows) == 0

    def test_one_query(self, rows, looked, django_assert_num_queries):
        with django_assert_num_queries(1):
            self.variance(rows)
