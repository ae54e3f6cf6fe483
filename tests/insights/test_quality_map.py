"""IQS beside CSAT: facts by hand, readings, correlations, drivers, the mix of work, and who may see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Team
from accounts.services.references import give_published
from common.errors import Refused
from common.periods import Period
from insights.facts.together import Scope, Work, answer_kinds, category_pairs, review_kinds, score_pairs
from insights.query import Query
from insights.selectors.quality_map import Cuts, MapAsked, quality_map
from insights.stats import CsatSums
from insights.stats.association import spearman
from qa_reviews.models import Draw, QueueItem, Review, SamplePlan
from tests.insights.rows import Rows
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]
MONDAY = date(2026, 4, 6)
WEEK = {"from": "2026-04-06", "to": "2026-04-12"}
PERIOD = Period(MONDAY, date(2026, 4, 12))
HIGH = [92, 94, 96, 95, 93, 97, 94, 95, 96, 92]
LOW = [42, 44, 46, 45, 43, 47, 44, 45, 46, 42]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def rows(ours: Place) -> Rows:
    return Rows(ours)


@pytest.fixture
def team(ours: Place) -> Team:
    found: Team = ours.rows["team"]
    return found


@pytest.fixture
def draw(rows: Rows) -> Draw:
    return rows.draw(rows.plan(), MONDAY)


@pytest.fixture
def plan(ours: Place, draw: Draw) -> SamplePlan:
    """The plan whose numbers are shown."""
    settings = ours.workspace.settings
    settings.headline_plan_id = draw.plan_id
    settings.save()
    return draw.plan


class Cast:
    """Agents whose reviewed conversations have answers: so many of ten are satisfied."""

    def __init__(self, rows: Rows, draw: Draw, team: Team) -> None:
        self.rows, self.draw, self.team = rows, draw, team

    def agent(self, name: str, scores: list[int], satisfied: int, **conversation: Any) -> Agent:
        """His answers: the first `satisfied` of his conversations 5 of 5, the others 1; thirty more alike."""
        agent = self.rows.agent(name, self.team)
        stratum = self.rows.stratum(self.draw, agent, self.team, [], frame=40)
        for number, score in enumerate(scores):
            of = self.rows.conversation(agent, self.team, MONDAY, **conversation)
            self.rows.reviewed_item(stratum, score, conversation=of)
            self.answer(agent, number < satisfied, conversation=of)
        type(stratum).objects.filter(pk=stratum.pk).update(drawn=len(scores))
        for number in range(30):
            self.answer(agent, number < 3 * satisfied, **conversation)
        return agent

    def answer(self, agent: Agent, satisfied: bool, **more: Any) -> None:
        of = more.pop("conversation", None) or self.rows.conversation(agent, self.team, MONDAY, **more)
        self.rows.answer(5 if satisfied else 1, agent, self.team, MONDAY, conversation=of)


@pytest.fixture
def cast(rows: Rows, draw: Draw, team: Team, plan: SamplePlan) -> Cast:
    made = Cast(rows, draw, team)
    made.agent("Gill", HIGH, 10, channel="chat", topic="billing")
    made.agent("Lena", LOW, 10, channel="chat", topic="billing")
    made.agent("Bert", HIGH, 2, channel="email", topic="login")
    made.agent("Nils", LOW, 2, channel="email", topic="login")
    return made


def asked(**more: Any) -> MapAsked:
    return MapAsked(Query(PERIOD, axis="closed"), **more)


class TestFacts:
    def scope(self, ours: Place, **more: Any) -> Scope:
        return Scope(ours.workspace.pk, PERIOD, **more)

    def test_a_pair_is_the_mean_score_the_answer_and_the_conversations_it_stands_for(
        self, ours: Place, rows: Rows, draw: Draw, team: Team
    ) -> None:
        """Scores 60 and 80 of one conversation: 70. The answer 4 of 1 to 5: 75. Probability 1/4: 4."""
        agent = rows.agent("Cy", team)
        stratum = rows.stratum(draw, agent, team, [], frame=8)
        conversation = rows.conversation(agent, team, MONDAY)
        rows.reviewed_item(stratum, 60, conversation=conversation, probability=0.25)
        first = QueueItem.objects.get(conversation=conversation)
        second = rows.item(
            stratum, state="done", conversation=conversation, second_of=first, probability=0.25
        )
        rows.of_item(second, 80, reviewer=ours.people["second_reviewer"])
        rows.answer(4, agent, team, MONDAY, conversation=conversation)
        assert score_pairs(self.scope(ours), draw.plan_id, 9) == [(70.0, 75.0, 4.0)]
        assert score_pairs(self.scope(ours, teams=[ours.rows["other_team"].pk]), draw.plan_id, 9) == []

    def test_reviews_by_hand_of_other_plans_of_old_draws_and_unanswered_stay_out(
        self, ours: Place, rows: Rows, draw: Draw, team: Team
    ) -> None:
        agent = rows.agent("Cy", team)
        by_hand = rows.review(50, agent, team, MONDAY)
        rows.answer(5, agent, team, MONDAY, conversation=by_hand.conversation)
        other = rows.stratum(rows.draw(rows.plan(), MONDAY), agent, team, [70], frame=8)
        rows.answer(5, agent, team, MONDAY, conversation=Review.objects.get(stratum=other).conversation)
        unanswered = rows.stratum(draw, agent, team, [80], frame=8)
        assert score_pairs(self.scope(ours), draw.plan_id, 9) == []
        assert score_pairs(self.scope(ours), other.draw.plan_id, 9) == [(70.0, 100.0, 2.0)]
        Draw.objects.filter(pk=other.draw_id).update(superseded_at=draw.frame_at)
        assert score_pairs(self.scope(ours), other.draw.plan_id, 9) == []
        assert [work.agent for work in review_kinds(self.scope(ours), unanswered.draw.plan_id)] == [agent.pk]

    def test_categories_come_with_their_own_scores(
        self, ours: Place, rows: Rows, draw: Draw, team: Team
    ) -> None:
        agent = rows.agent("Cy", team)
        stratum = rows.stratum(draw, agent, team, [60], frame=8)
        review = Review.objects.get(stratum=stratum)
        grading = review.gradings.get()
        rows.rating(grading, "tone", 50)
        rows.rating(grading, "solution", None)
        rows.answer(1, agent, team, MONDAY, conversation=review.conversation)
        key = f"{review.scorecard_id}:tone"
        assert category_pairs(self.scope(ours), draw.plan_id, 9) == {key: [(50.0, 0.0, 2.0)]}

    def test_work_by_kind(self, ours: Place, rows: Rows, draw: Draw, team: Team) -> None:
        """Weights 2 and 2: mean 70, squares (3600 + 6400) / 2, as two reviews. Two answers, one satisfied."""
        agent = rows.agent("Cy", team)
        stratum = rows.stratum(draw, agent, team, [], frame=8)
        for score, answer in ((60, 5), (80, 2)):
            of = rows.conversation(agent, team, MONDAY, channel="chat", topic="billing")
            rows.reviewed_item(stratum, score, conversation=of)
            rows.answer(answer, agent, team, MONDAY, conversation=of)
        work = Work(agent.pk, "chat", "billing")
        group = review_kinds(self.scope(ours), draw.plan_id)[work]
        assert (group.weight, group.mean, group.squares, group.size) == (4, 70, 5000, 2)
        sums = answer_kinds(self.scope(ours))[work]
        assert sums == CsatSums(2, Decimal(7), Decimal(10), 1)


class TestReadings:
    def test_the_four_readings(self, ours: Place, cast: Cast) -> None:
        found = quality_map(ours.actor("manager"), asked())
        assert {str(line.agent): line.reading for line in found.lines if line.iqs} == {
            "Gill": "doing_well",
            "Lena": "liked_not_by_the_book",
            "Bert": "by_the_book_not_liked",
            "Nils": "needs_coaching",
        }
        assert found.iqs is not None
        assert found.cuts.iqs == found.iqs.value
        assert found.cuts.csat == pytest.approx(60)  # 2 x 40 of 40, 2 x 8 of 40

    def test_a_cut_of_ones_own_within_a_range_leaves_it_unclear(self, ours: Place, cast: Cast) -> None:
        found = quality_map(ours.actor("manager"), asked(cuts=Cuts(94.4, 50)))
        readings = {str(line.agent): line.reading for line in found.lines}
        assert (readings["Gill"], readings["Nils"]) == ("unclear", "needs_coaching")
        assert found.cuts == Cuts(94.4, 50)

    def test_without_a_plan_there_is_csat_and_nothing_else(self, ours: Place, rows: Rows, team: Team) -> None:
        SamplePlan.objects.update(active=False)
        agent = rows.agent("Cy", team)
        for _ in range(12):
            rows.answer(5, agent, team, MONDAY)
        found = quality_map(ours.actor("manager"), asked())
        (line,) = found.lines
        assert (str(line.agent), line.iqs, line.reading, line.adjusted_iqs) == ("Cy", None, "unclear", None)
        assert line.csat is not None
        assert line.csat.answers == 12


class TestConnections:
    def test_score_and_answer_of_the_same_conversations(self, ours: Place, cast: Cast) -> None:
        found = quality_map(ours.actor("manager"), asked())
        scores = [*HIGH, *LOW, *HIGH, *LOW]
        said = [100.0] * 20 + ([100.0] * 2 + [0.0] * 8) * 2
        assert found.conversations.pairs == 40
        assert found.conversations.value == pytest.approx(spearman(np.array(scores, float), np.array(said)))
        assert found.between.refused is not None
        assert found.between.refused.message.endswith("4 of 20 agents.")

    def test_between_twenty_agents(self, ours: Place, rows: Rows, draw: Draw, team: Team, plan: Any) -> None:
        made = Cast(rows, draw, team)
        for number in range(20):
            made.agent(f"Agent {number}", [60 + number, 62 + number, 64 + number, 66, 68], number % 10)
        between = quality_map(ours.actor("manager"), asked()).between
        assert (between.pairs, between.refused) == (20, None)
        assert between.value is not None

    def test_a_category_that_goes_together_comes_first(self, ours: Place, cast: Cast) -> None:
        """Tone follows the answer, solution is the same everywhere."""
        satisfied = set(score_of_answers())
        for review in Review.objects.filter(stratum__draw=cast.draw):
            grading = review.gradings.get()
            cast.rows.rating(grading, "tone", 100 if review.conversation_id in satisfied else 50)
            cast.rows.rating(grading, "solution", 100)
        drivers = quality_map(ours.actor("manager"), asked()).drivers
        assert [driver.name for driver in drivers] == ["Tone", "Solution"]
        assert drivers[0].association.value == pytest.approx(1)
        assert drivers[1].association.refused is not None
        assert drivers[1].association.refused.code == "no_spread"


def score_of_answers() -> list[int]:
    """The conversations with a satisfied customer."""
    return list(
        Review.objects.filter(conversation__surveys__score=5).values_list("conversation_id", flat=True)
    )


class TestMix:
    def test_the_mix_of_channels_moves_a_number(self, ours: Place, cast: Cast) -> None:
        """Ann has as much chat as e-mail, and so have all: nothing moves. Gill has chat alone: refused."""
        agent = cast.agent("Ann", [70, 72, 74, 76, 78], 5, channel="chat", topic="billing")
        for number in range(35):
            cast.answer(agent, number < 7, channel="email", topic="login")
        found = {str(each.agent): each for each in quality_map(ours.actor("manager"), asked()).lines}
        ann, gill = found["Ann"].adjusted_csat, found["Gill"].adjusted_csat
        assert ann is not None
        assert gill is not None
        assert ann.raw == pytest.approx(100 * (5 + 15 + 7) / 70)
        assert ann.value == pytest.approx(50 * (20 / 35) + 50 * (7 / 35))
        assert ann.moved == pytest.approx(0, abs=1e-9)
        assert (gill.value, gill.refused and gill.refused.code) == (None, "not_covered")

    @pytest.mark.parametrize(("mix", "covered"), [("channel", True), ("topic", False), ("both", False)])
    def test_kinds_of_work(self, ours: Place, cast: Cast, mix: Any, covered: bool) -> None:
        """100 answers to chats about returns, of 260: 180 of all are chats, 100 about returns."""
        otto = cast.rows.agent("Otto", cast.team)
        for number in range(100):
            cast.answer(otto, number < 50, channel="chat", topic="returns")
        actor = ours.actor("manager")
        actor.workspace.settings.max_uncovered = 0.5
        line = next(x for x in quality_map(actor, asked(mix=mix)).lines if str(x.agent) == "Otto")
        assert line.adjusted_csat is not None
        assert (line.adjusted_csat.refused is None) is covered


class TestAccess:
    def test_only_who_leads_and_only_his_teams(self, ours: Place, cast: Cast, api: Api) -> None:
        for person in ("reviewer", "agent"):
            with pytest.raises(Refused):
                quality_map(ours.actor(person), asked())
        assert [each["agent"]["name"] for each in _map(api("lead"))["results"]] == [
            "Bert",
            "Gill",
            "Lena",
            "Nils",
        ]
        assert _map(api("other_lead"))["results"] == []
        assert _map(api("other_lead"))["conversations"]["pairs"] == 0
        assert _map(api("manager", "theirs"))["results"] == []


def _map(client: ApiClient, **more: Any) -> Any:
    answer = client.get("quality-map/", WEEK | more)
    assert answer.status_code == 200, answer.content
    return answer.json()


class TestApi:
    def test_what_it_answers(self, api: Api, cast: Cast) -> None:
        found = _map(api("manager"), mix="topic")
        gill = next(each for each in found["results"] if each["agent"]["name"] == "Gill")
        assert gill["quadrant"] == "doing_well"
        assert gill["csat"]["satisfied_share"] == "1.0000"
        assert gill["iqs"]["reviews"] == 10
        assert (gill["adjusted_csat"]["raw"], gill["adjusted_csat"]["refused"]["code"]) == (
            "100.0000",
            "not_covered",
        )
        assert (found["mix"], found["csat_cut"], found["pairs_cut"]) == ("topic", "60.0000", False)
        assert found["conversations"]["pairs"] == 40

    @pytest.mark.parametrize(
        "wrong",
        [
            {"mix": "weather"},
            {"iqs_cut": "101"},
            {"csat_cut": "high"},
            {"from": "2026-04-12", "to": "2026-04-06"},
            {"from": "0001-01-01"},
            {"team": "999999"},
            {"group_by": "agent"},
        ],
    )
    def test_what_is_wrong_is_said(self, api: Api, wrong: dict[str, str]) -> None:
        assert api("manager").get("quality-map/", WEEK | wrong).status_code == 422

    def test_it_asks_the_database_as_often_however_many_agents(self, ours: Place, cast: Cast) -> None:
        def asks() -> int:
            actor = ours.actor("manager")
            with CaptureQueriesContext(
                connection,
            ) as caught:
                quality_map(actor, asked())
            return len(caught)

        few = asks()
        cast.agent("One more", HIGH, 5, channel="phone")
        assert asks() == few <= 16


class TestPage:
    URL = "/w/ours/insights/iqs-csat/"

    def test_it_says_what_the_numbers_say(self, ours: Place, cast: Cast, browse: Browse) -> None:
        give_published(actor=ours.system)
        page = browse("lead").get(self.URL, WEEK).content.decode()
        assert "by the book, but not liked: look at product, policy or scorecard" in page
        assert "4 of 20 agents" in page
        assert "From 40 reviewed conversations whose customers answered." in page
        assert "Conversations that are graded higher have more satisfied customers." not in page
        assert 'id="quality-map"' in page
        assert "style=" not in page
        assert "91 to 100)" in page
        assert "of 160 answers" in page

    def test_its_tables_come_as_a_file(self, cast: Cast, browse: Browse) -> None:
        answer = browse("lead").get(self.URL, WEEK | {"format": "csv"})
        assert "doing well" in answer.content.decode("utf-8-sig")

    def test_nothing_yet_has_a_next_step(self, ours: Place, browse: Browse) -> None:
        page = browse("other_lead").get(self.URL, {"from": "2020-01-06", "to": "2020-01-12"})
        assert "Nothing in this period" in page.content.decode()

    def test_a_wrong_address_is_said_in_words(self, browse: Browse) -> None:
        page = browse("lead").get(self.URL, {"iqs_cut": "many"})
        assert page.status_code == 200
        assert "is not a number" in page.content.decode()
