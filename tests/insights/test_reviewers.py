"""The reviewers: who sees whom, what is told of them, and the odd one of a published data set."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from common.periods import Period
from insights.query import Query
from insights.selectors.reviewers import reviewers as reviewers_of
from qa_reviews.models import Dispute
from tests.architecture.source import ROOT
from tests.insights.graders import Gave, give, reviewers, unmark
from tests.insights.rows import Rows
from tests.insights.test_pages import words
from tests.world import World

PAGE, MARCH = "/w/ours/insights/reviewers/", {"from": "2026-03-01", "to": "2026-03-31"}
ADDRESS = f"{PAGE}?from=2026-03-01&to=2026-03-31"
PUBLISHED = ROOT.parent / "shared/data/stc3_dq_train/train_reviews_long.csv.gz"
EVERY = 50  # one in so many conversations: enough, and quickly written


@pytest.fixture
def rows(world: World) -> Rows:
    return Rows(world["ours"])


@pytest.fixture
def team(rows):
    return rows.place.rows["team"]


@pytest.fixture
def agents(rows, team):
    return [rows.agent(f"Agent {number}", team) for number in range(4)]


def five(rows: Rows, agents, team, conversations: int = 30) -> list[Member]:
    """Five reviewers of the same conversations; the last gives forty points less."""
    dice = np.random.default_rng(5)
    people = reviewers(rows, ["Una", "Uwe", "Ugo", "Uta", "Odd"])
    gave = []
    for number in range(conversations):
        level = dice.integers(55, 85)
        for place, who in enumerate(people):
            points = float(np.clip(level + dice.integers(-6, 7) - 40 * (place == 4), 0, 100))
            gave.append(Gave(number, who, {"tone": points}))
    give(rows, agents, team, gave)
    return people


@pytest.fixture
def people(rows, agents, team):
    return five(rows, agents, team)


class TestApi:
    def test_the_odd_one_comes_first_and_says_why(self, api, people):
        first, *others = api("manager").get("reviewers/", MARCH).json()["results"]
        assert first["reviewer"]["name"] == "Odd"
        assert set(first["stands_out"]) == {"strict", "low", "differs"}
        assert float(first["severity"]["value"]) == pytest.approx(32, abs=3)
        assert float(first["expected"]["difference"]) == pytest.approx(-40, abs=3)
        names = [line["reviewer"]["name"] for line in others]
        assert names == ["Reviewer", "Ugo", "Una", "Uta", "Uwe"]
        assert all(line["stands_out"] == [] for line in others)

    def test_numbers_are_those_that_were_given(self, api, rows, agents, team):
        una, uwe = reviewers(rows, ["Una", "Uwe"])
        gave = [Gave(1, una, {"tone": 100}), Gave(2, una, {"tone": 50}), Gave(1, uwe, {"tone": 70})]
        reviews = give(rows, agents[:1], team, gave)
        unmark(reviews[:1], active_seconds=100)
        unmark(reviews[1:2], active_seconds=300)
        answered = {"state": "resolved", "outcome": "partially_accepted", "resolved_at": timezone.now()}
        base = rows.base | {"number": 1, "grading_number": 1, "due_at": timezone.now()}
        Dispute.objects.create(**base | answered, review=reviews[0])
        Dispute.objects.create(**base, review=reviews[1])
        found = api("manager").get("reviewers/", MARCH).json()
        line = next(each for each in found["results"] if each["reviewer"]["name"] == "Una")
        assert line == {
            "reviewer": {"id": una.pk, "external_id": None, "name": "Una"},
            "reviews": 2,
            "mean": "75.0000",
            "spread": "35.3553",
            "hundreds_share": "0.5000",
            "expected": {
                "reviews": 2,
                "given": "75.0000",
                "expected": "70.0000",
                "difference": "5.0000",
                "low": "-79.8689",
                "high": "89.8689",
            },
            "pace": {"reviews": 2, "median_seconds": "200.0000"},
            "waiting": 0,
            "overdue": 0,
            "severity": {
                "value": None,
                "low": None,
                "high": None,
                "pairs": 1,
                "refused": {
                    "code": "too_few",
                    "message": "Too few conversations graded twice so far to give a severity:"
                    " 1 of 20 conversations graded twice.",
                },
            },
            "agreement": {"conversations": 1, "mean_difference": "30.0000"},
            "disputes": {"raised": 2, "answered": 1, "overturned": 1},
            "stands_out": [],
        }
        assert found["cut"] is False

    def test_what_waits_is_told_of_who_reviewed_nothing(self, api, rows):
        found = api("manager").get("reviewers/", {"from": "2025-01-01", "to": "2025-01-31"}).json()["results"]
        [line] = [each for each in found if each["reviewer"]["id"] == rows.place.people["reviewer"].pk]
        assert (line["reviews"], line["waiting"], line["overdue"]) == (0, 1, 1)

    def test_a_reviewer_sees_his_own_line_only(self, api, rows, agents, team, people):
        mine = rows.place.people["reviewer"]
        give(rows, agents, team, [Gave(n, mine, {"tone": 70}) for n in range(3)])
        results = api("reviewer").get("reviewers/", MARCH).json()["results"]
        assert [line["reviewer"]["id"] for line in results] == [mine.pk]
        assert api("agent").get("reviewers/", MARCH).status_code == 403

    def test_a_lead_sees_what_was_given_to_his_teams(self, api, people):
        assert api("lead").get("reviewers/", MARCH).json()["results"][0]["reviews"] == 30
        theirs = api("other_lead").get("reviewers/", MARCH).json()["results"]
        assert all(line["reviews"] == 0 for line in theirs)

    def test_peers_and_calibration_are_not_counted(self, api, rows, agents, team):
        [una] = reviewers(rows, ["Una"])
        reviews = give(rows, agents, team, [Gave(number, una, {"tone": 50}) for number in range(3)])
        unmark(reviews[:1], kind="peer")
        unmark(reviews[1:2], kind="calibration")
        found = api("manager").get("reviewers/", MARCH).json()["results"]
        assert [line["reviews"] for line in found if line["reviewer"]["name"] == "Una"] == [1]

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"from": "2026-03-31", "to": "2026-03-01"}, "reversed_period"),
            ({"group_by": "agent"}, "unknown_parameter"),
            ({"team": "999999"}, "not_found"),
            ({"from": "1066-10-14", "to": "2026-03-31"}, "out_of_range"),
        ],
    )
    def test_bad_questions(self, api, query, code):
        answer = api("manager").get("reviewers/", query)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == code

    def test_six_queries_however_many_reviewers(self, rows, people, django_assert_num_queries):
        actor = rows.place.actor("manager")
        with django_assert_num_queries(6):
            found = reviewers_of(actor, Query(Period(date(2026, 3, 1), date(2026, 3, 31))))
        assert len(found.lines) == 6


class TestPage:
    def test_who_stands_out_is_said_in_words(self, browse, people):
        page = words(browse("manager"), ADDRESS)
        assert "Who grades unlike the others Odd : " in page
        assert "gives 40 points less than others give the same agents" in page
        assert "points away from the others in the same conversations" in page
        assert f'href="/w/ours/reviews/?reviewer={people[4].pk}&amp;from=2026-03-01&amp;to=2026-03-31"' in (
            browse("manager").get(ADDRESS).content.decode()
        )

    def test_nobody_stands_out(self, browse, rows, agents, team):
        people = reviewers(rows, ["Una", "Uwe"])
        give(rows, agents, team, [Gave(n, who, {"tone": 50}) for n in range(3) for who in people])
        page = words(browse("manager"), ADDRESS)
        assert "Nobody, as far as the reviews of this period tell." in page
        assert "3 of 20 graded twice" in page

    def test_a_reviewer_reads_how_he_grades(self, browse, rows, agents, team):
        give(rows, agents, team, [Gave(1, rows.place.people["reviewer"], {"tone": 70})])
        page = words(browse("reviewer"), ADDRESS)
        assert "How you grade" in page
        assert "Overview" not in page
        assert "How I grade" in page
        assert "How I grade" not in words(browse("manager"), ADDRESS)

    def test_nothing_yet(self, browse):
        empty = f"{PAGE}?from=2025-01-01&to=2025-02-01"
        assert "No reviewer in this period" in words(browse("other_lead"), empty)
        nothing = words(browse("second_reviewer"), empty)
        assert "Nothing reviewed in this period" in nothing
        assert "To your queue" in nothing

    def test_the_file_has_both_tables(self, browse, people):
        lines = list(csv.reader(browse("manager").get(f"{ADDRESS}&format=csv").content.decode().splitlines()))
        assert lines[0] == ["How they grade"]
        assert lines[2][:2] == ["Odd", "30"]
        assert ["Workload and pace"] in lines

    def test_what_is_wrong_is_said(self, browse):
        assert "The period ends before it begins." in words(
            browse("manager"), f"{PAGE}?from=2026-04-19&to=2026-03-30"
        )

    def test_queries(self, browse, people):
        client = browse("manager")
        client.get(ADDRESS)
        with CaptureQueriesContext(connection) as found:
            client.get(ADDRESS)
        assert len(found) <= 15


def published() -> Iterator[tuple[int, str, dict[str, float]]]:
    """(conversation, reviewer, points by category) of some of the conversations; -2..2 becomes 0..100."""
    with gzip.open(PUBLISHED, "rt") as file:
        places: dict[str, int] = {}
        for line in csv.DictReader(file):
            place = places.setdefault(line["conversation_id"], len(places))
            if place % EVERY == 0:
                yield place, line["reviewer"], {each: (int(line[each]) + 2) * 25.0 for each in "ASE"}


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"{PUBLISHED} is missing")
class TestPublished:
    """Nineteen people graded the same helpdesk conversations (NTCIR-14 STC-3); one of them, r11, unlike all
    others: his mean lies a third of the scale below, and agrees with nobody's."""

    def test_the_odd_grader_is_at_the_top_without_being_looked_for(self, browse, api, rows, agents, team):
        gave = list(published())
        names = sorted({reviewer for _, reviewer, _ in gave})
        members = dict(zip(names, reviewers(rows, names), strict=True))
        give(rows, agents, team, [Gave(place, members[who], points) for place, who, points in gave])
        first, *others = api("manager").get("reviewers/", MARCH).json()["results"]
        assert first["reviewer"]["name"] == "r11"
        assert set(first["stands_out"]) == {"differs", "strict", "low"}
        assert float(first["severity"]["value"]) == pytest.approx(30, abs=1)
        assert [line["stands_out"] for line in others if line["stands_out"]] == []
        assert "Who grades unlike the others r11 : gives 30 points less" in words(browse("manager"), ADDRESS)
