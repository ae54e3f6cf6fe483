"""The sums behind the numbers, from rows whose arithmetic is written beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Team
from common.periods import Period
from insights import facts
from insights.query import Slice
from insights.stats import CsatSums
from scorecards.models import Scorecard
from tests.insights.rows import Rows, noon
from tests.world import World

MONDAY, APRIL = date(2026, 4, 6), Period(date(2026, 4, 1), date(2026, 4, 30))
MARK = Decimal(80)


@pytest.fixture
def rows(world: World) -> Rows:
    return Rows(world["ours"])


@pytest.fixture
def asked(rows: Rows) -> Callable[..., Slice]:
    """`asked("agent", axis="closed")`: April of our workspace, as one bucket unless told."""

    def make(*dims: Any, **more: Any) -> Slice:
        place, starts = rows.place.workspace.pk, more.pop("starts", (APRIL.first,))
        return Slice(workspace_id=place, period=APRIL, starts=starts, dims=dims, **more)

    return make


@pytest.fixture
def team(rows: Rows) -> Team:
    found: Team = rows.place.rows["team"]
    return found


class TestReviews:
    def test_sums_counts_and_passes_by_hand(self, rows, asked, team):
        """90 + 80 + 79.9999 = 249.9999; 80 passes, 79.9999 does not: 2 of 3."""
        ana = rows.place.rows["agent"]
        for score in ("90", "80", "79.9999"):
            rows.review(score, ana, team, MONDAY)
        found = facts.review_sums(asked(), MARK)
        assert found == {((), 0): facts.ReviewSums(3, Decimal("249.9999"), 2)}

    def test_a_scorecard_may_have_a_mark_of_its_own(self, rows, asked, team):
        """85 passes by the workspace's 80; by the scorecard's own 85 too, by 85.0001 no longer."""
        rows.review(85, rows.place.rows["agent"], team, MONDAY)
        card = rows.place.rows["scorecard"]
        for mark, passing in ((None, 1), (Decimal(85), 1), (Decimal("85.0001"), 0)):
            Scorecard.objects.filter(pk=card.pk).update(pass_mark=mark)
            assert facts.review_sums(asked(), MARK)[(), 0].passed == passing

    def test_no_score_retracted_draft_calibration_and_self_stay_out(self, rows, asked, team):
        ana = rows.place.rows["agent"]
        rows.review(60, ana, team, MONDAY)
        rows.review(100, ana, team, MONDAY, state="disputed", kind="peer")
        rows.review(None, ana, team, MONDAY)
        rows.review(10, ana, team, MONDAY, state="retracted")
        rows.review(10, ana, team, MONDAY, state="draft")
        rows.review(10, ana, team, MONDAY, kind="calibration")
        rows.review(40, ana, team, MONDAY, kind="self")
        assert facts.review_sums(asked(), MARK)[(), 0] == facts.ReviewSums(2, Decimal(160), 1)
        assert facts.review_sums(asked(kinds=("self",)), MARK)[(), 0] == facts.ReviewSums(1, Decimal(40), 0)
        assert facts.review_sums(asked(kinds=("peer",)), MARK)[(), 0] == facts.ReviewSums(1, Decimal(100), 1)

    def test_both_axes(self, rows, asked, team):
        """Closed in April and submitted in May; closed in March and submitted in April."""
        ana = rows.place.rows["agent"]
        rows.review(50, ana, team, date(2026, 4, 30), date(2026, 5, 1))
        rows.review(70, ana, team, date(2026, 3, 31), date(2026, 4, 1))
        assert facts.review_sums(asked(axis="closed"), MARK)[(), 0].score == 50
        assert facts.review_sums(asked(axis="submitted"), MARK)[(), 0].score == 70

    def test_buckets_and_both_ends_count(self, rows, asked, team):
        ana = rows.place.rows["agent"]
        for day, score in ((1, 1), (12, 2), (13, 4), (30, 8)):
            rows.review(score, ana, team, date(2026, 4, day))
        starts = (date(2026, 4, 1), date(2026, 4, 6), date(2026, 4, 13))
        found = facts.review_sums(asked(axis="closed", starts=starts), MARK)
        assert {place: sums.score for (_, place), sums in found.items()} == {0: 1, 1: 2, 2: 12}

    def test_team_is_as_it_was(self, rows, asked, team):
        ana, later = rows.place.rows["agent"], rows.place.rows["other_team"]
        rows.review(50, ana, team, MONDAY)
        rows.review(70, ana, later, MONDAY)
        rows.review(90, ana, None, MONDAY)
        found = facts.review_sums(asked("team"), MARK)
        assert {key[0]: sums.score for (key, _), sums in found.items()} == {
            team.pk: 50,
            later.pk: 70,
            None: 90,
        }

    def test_two_dimensions_and_filters(self, rows, asked, team):
        ana, bo = rows.place.rows["agent"], rows.place.rows["other_agent"]
        rows.review(50, ana, team, MONDAY, conversation=rows.conversation(ana, team, MONDAY, channel="chat"))
        rows.review(70, ana, team, MONDAY, conversation=rows.conversation(ana, team, MONDAY, channel="mail"))
        rows.review(90, bo, team, MONDAY)
        by_channel = facts.review_sums(asked("agent", "channel", agents=(ana.pk,)), MARK)
        assert {key: sums.score for (key, _), sums in by_channel.items()} == {
            (ana.pk, "chat"): 50,
            (ana.pk, "mail"): 70,
        }
        assert facts.review_sums(asked(teams=(team.pk,), selections=("random",)), MARK) == {}
        second = rows.place.people["second_reviewer"]
        rows.review(30, ana, team, MONDAY, reviewer=second)
        assert facts.review_sums(asked(reviewer=second.pk), MARK)[(), 0].score == 30

    def test_categories_of_the_newest_grading_without_not_applicable(self, rows, asked, team):
        """Tone: 100 + 50, the first grading's 0 being superseded; solution: N/A leaves one of 25."""
        ana = rows.place.rows["agent"]
        corrected, other = rows.review(50, ana, team, MONDAY), rows.review(50, ana, team, MONDAY)
        rows.rating(corrected.gradings.get(), "tone", 0)
        rows.rating(again := rows.grading(corrected, 2), "tone", 100)
        rows.rating(again, "solution", None)
        type(corrected).objects.filter(pk=corrected.pk).update(gradings_count=2)
        rows.rating(other.gradings.get(), "tone", 50)
        rows.rating(other.gradings.get(), "solution", 25)
        found = facts.review_sums(asked("category"), MARK)
        card = rows.place.rows["scorecard"].pk
        assert found == {
            ((f"{card}:tone",), 0): facts.ReviewSums(2, Decimal(150), None),
            ((f"{card}:solution",), 0): facts.ReviewSums(1, Decimal(25), None),
        }

    def test_unreleased_reviews_are_left_out_on_request(self, rows, asked, team):
        ana = rows.place.rows["agent"]
        rows.review(50, ana, team, MONDAY, release_at=timezone.now() + timedelta(days=1))
        rows.review(70, ana, team, MONDAY, release_at=noon(MONDAY))
        assert facts.review_sums(asked(), MARK)[(), 0].reviews == 2
        assert facts.review_sums(asked(released_only=True), MARK)[(), 0].score == 70

    def test_the_neighbour_is_not_summed(self, world, rows, asked):
        there = Rows(world["theirs"])
        there.review(50, there.place.rows["agent"], None, MONDAY)
        assert facts.review_sums(asked(), MARK) == {}

    def test_peers_stay_out_where_the_workspace_says_so(self, rows, asked, team):
        """Unless they are asked for by name."""
        ana = rows.place.rows["agent"]
        rows.review(60, ana, team, MONDAY)
        rows.review(100, ana, team, MONDAY, kind="peer")
        assert facts.review_sums(asked(peers=False), MARK)[(), 0].score == 60
        assert facts.review_sums(asked(peers=False, kinds=("peer",)), MARK)[(), 0].score == 100


class TestOutcomes:
    def test_failures_and_categories_count_peers_or_not(self, rows, team):
        ana, place = rows.place.rows["agent"], rows.place.workspace.pk
        peers = rows.review(0, ana, team, MONDAY, kind="peer", failed_by=["privacy"])
        rows.rating(peers.gradings.get(), "tone", 25)
        found = {
            count: (
                facts.critical_failures(place, APRIL, peers=count),
                facts.category_outcomes(place, APRIL, ["tone"], 6, peers=count),
            )
            for count in (True, False)
        }
        assert found[False] == ({}, {})
        failures, outcomes = found[True]
        assert failures == {(ana.pk, peers.conversation_id): ["privacy"]}
        assert outcomes[ana.pk, "tone"].latest == [(peers.conversation_id, 25.0)]


class TestStrata:
    def cells(self, rows: Rows, plan: Any, period: Period = APRIL) -> list[Any]:
        found = facts.stratum_cells(rows.place.workspace.pk, plan.pk, period, period.last, peers=True)
        return sorted(found.inside(period), key=lambda cell: (cell.period_start, cell.band))

    def test_sums_of_a_stratum(self, rows, team):
        """40 + 60 = 100; 1600 + 3600 = 5200."""
        ana, plan = rows.place.rows["agent"], rows.plan()
        rows.stratum(rows.draw(plan, MONDAY), ana, team, [40, 60], frame=10, band="risk", open_items=1)
        (cell,) = self.cells(rows, plan)
        assert (cell.agent, cell.team, cell.period_start, cell.band) == (ana.pk, team.pk, MONDAY, "risk")
        assert (cell.frame, cell.drawn, cell.not_reviewable, cell.n) == (10, 3, 0, 2)
        assert (cell.sum_y, cell.sum_y2) == (100, 5200)

    def test_a_superseded_draw_speaks_no_more(self, rows, team):
        ana, plan = rows.place.rows["agent"], rows.plan()
        former = rows.draw(plan, MONDAY)
        rows.stratum(former, ana, team, [10], frame=10)
        type(former).objects.filter(pk=former.pk).update(superseded_at=noon(MONDAY))
        rows.stratum(rows.draw(plan, MONDAY), ana, team, [80], frame=12)
        (cell,) = self.cells(rows, plan)
        assert (cell.frame, cell.sum_y) == (12, 80)

    def test_strata_of_a_merged_agent_are_those_of_the_other(self, rows, team):
        """The ledger keeps whom it was drawn for; both count for the one who stays, each by his own frame."""
        ana, plan = rows.place.rows["agent"], rows.plan()
        twin, draw = rows.agent("Ana M.", team), rows.draw(plan, MONDAY)
        rows.stratum(draw, ana, team, [80], frame=10)
        rows.stratum(draw, twin, team, [60, 40], frame=30)
        type(twin).objects.filter(pk=twin.pk).update(merged_into=ana)
        cells = sorted(self.cells(rows, plan), key=lambda cell: cell.frame)
        assert [(cell.agent, cell.frame, cell.sum_y) for cell in cells] == [
            (ana.pk, 10, 80),
            (ana.pk, 30, 100),
        ]
        type(twin).objects.filter(pk=twin.pk).update(merged_into=None)
        assert {cell.agent for cell in self.cells(rows, plan)} == {ana.pk, twin.pk}

    def test_peers_count_or_not(self, rows, team):
        ana, plan = rows.place.rows["agent"], rows.plan(kind="peer")
        stratum = rows.stratum(rows.draw(plan, MONDAY), ana, team, [80], frame=10)
        rows.of_item(rows.item(stratum, state="done"), 50, kind="peer")
        found = {
            peers: facts.stratum_cells(rows.place.workspace.pk, plan.pk, APRIL, APRIL.last, peers=peers)
            for peers in (True, False)
        }
        assert {peers: each.inside(APRIL)[0].sum_y for peers, each in found.items()} == {True: 130, False: 80}

    def test_two_reviews_of_one_conversation_count_once_with_their_mean(self, rows, team):
        """(70 + 75) / 2 = 72.5; with the other's 50: n = 2, 122.5, 72.5^2 + 2500 = 7756.25."""
        ana, plan = rows.place.rows["agent"], rows.plan()
        stratum = rows.stratum(rows.draw(plan, MONDAY), ana, team, [70, 50], frame=10)
        first = stratum.items.order_by("pk")[0]
        second = rows.item(stratum, conversation=first.conversation, second_of=first, state="done")
        rows.of_item(second, 75, reviewer=rows.place.people["second_reviewer"])
        (cell,) = self.cells(rows, plan)
        assert (cell.n, cell.drawn) == (2, 2)
        assert (cell.sum_y, cell.sum_y2) == (Decimal("122.5"), Decimal("7756.25"))

    def test_what_is_not_reviewable(self, rows, team):
        """Two drawn, one skipped and replaced, one reviewed without a score: drawn 3, not reviewable 2."""
        ana, plan = rows.place.rows["agent"], rows.plan()
        stratum = rows.stratum(rows.draw(plan, MONDAY), ana, team, [None], frame=10)
        skipped = rows.item(stratum, state="skipped", skip_reason="not_reviewable")
        type(stratum).objects.filter(pk=stratum.pk).update(drawn=2)
        rows.of_item(rows.item(stratum, state="done", replaces=skipped), 80)
        (cell,) = self.cells(rows, plan)
        assert (cell.drawn, cell.not_reviewable, cell.n, cell.sum_y) == (3, 2, 1, 80)

    def test_retracted_and_hand_made_reviews_are_in_no_stratum(self, rows, team):
        ana, plan = rows.place.rows["agent"], rows.plan()
        stratum = rows.stratum(rows.draw(plan, MONDAY), ana, team, [80, 90], frame=10)
        rows.review(10, ana, team, MONDAY)
        retracted = stratum.items.order_by("pk")[0].review
        type(retracted).objects.filter(pk=retracted.pk).update(state="retracted")
        (cell,) = self.cells(rows, plan)
        assert (cell.n, cell.sum_y, cell.drawn) == (1, 90, 2)

    def test_whole_draws_of_this_plan_only(self, rows, team):
        """March 30 to April 5 sticks out of April, as does April 27 to May 3."""
        ana, plan, other = rows.place.rows["agent"], rows.plan(), rows.plan(name="Other")
        for start in (date(2026, 3, 30), MONDAY, date(2026, 4, 20), date(2026, 4, 27)):
            rows.stratum(rows.draw(plan, start), ana, team, [80], frame=10)
        rows.stratum(rows.draw(other, MONDAY), ana, team, [10], frame=10)
        found = facts.stratum_cells(rows.place.workspace.pk, plan.pk, APRIL, date(2026, 4, 5), peers=True)
        assert [cell.period_start for cell in found.inside(APRIL)] == [MONDAY, date(2026, 4, 20)]
        assert found.drawn(APRIL) == Period(MONDAY, date(2026, 4, 26))
        assert found.drawn(Period(MONDAY, MONDAY)) is None

    def test_draws_before_the_period_only_teach_the_spread(self, rows, team):
        ana, plan = rows.place.rows["agent"], rows.plan()
        rows.stratum(rows.draw(plan, date(2026, 3, 2)), ana, team, [80], frame=10)
        rows.stratum(rows.draw(plan, date(2025, 3, 3)), ana, team, [80], frame=10)
        found = facts.stratum_cells(rows.place.workspace.pk, plan.pk, APRIL, date(2025, 10, 30), peers=True)
        assert found.inside(APRIL) == []
        assert [cell.period_start for cell in found.ended_after(date(2025, 10, 30))] == [date(2026, 3, 2)]

    def test_closed_conversations_are_counted_by_period(self, rows, team):
        ana, bo = rows.place.rows["agent"], rows.place.rows["other_agent"]
        week, fortnight = Period(MONDAY, date(2026, 4, 12)), Period(MONDAY, date(2026, 4, 19))
        for day in (5, 6, 12, 13):
            rows.conversation(ana, team, date(2026, 4, day), most_active_agent=bo)
        rows.conversation(bo, None, MONDAY)
        rows.conversation(ana, team, MONDAY, status="open")
        place = rows.place.workspace.pk
        assert facts.closed_counts(place, [week, fortnight], ["agent"]) == {
            ((ana.pk,), 0): 2, ((ana.pk,), 1): 3, ((bo.pk,), 0): 1, ((bo.pk,), 1): 1,
        }  # fmt: skip
        assert facts.closed_counts(place, [week], ["agent"], reviewee="most_active") == {((bo.pk,), 0): 3}
        assert facts.closed_counts(place, [week], [], teams=[team.pk]) == {((), 0): 2}
        assert facts.closed_counts(place, [], ["team"]) == {}


class TestAnswers:
    def sums(self, asked: Slice) -> dict[Any, CsatSums]:
        return facts.answer_sums(asked, "Europe/Berlin")

    def test_mixed_scales(self, rows, asked, team):
        """4 of 1-5 is 0.75: satisfied. 2 of 1-3 is 0.5: not. 1 of 0-1: satisfied. 7 of 0-10 is 0.7: not.

        Sum of scores 14, sum of the scales' tops 5 + 3 + 1 + 10 = 19.
        """
        ana = rows.place.rows["agent"]
        for score, scale in ((4, (1, 5)), (2, (1, 3)), (1, (0, 1)), (7, (0, 10))):
            rows.answer(score, ana, team, MONDAY, scale=scale)
        assert self.sums(asked()) == {((), 0): CsatSums(4, Decimal(14), Decimal(19), 2, asked=None)}

    def test_only_the_latest_csat_answer_counts(self, rows, asked, team):
        ana = rows.place.rows["agent"]
        conversation = rows.conversation(ana, team, MONDAY)
        rows.answer(1, ana, team, MONDAY, conversation=conversation, is_latest=False)
        rows.answer(5, ana, team, MONDAY, conversation=conversation)
        rows.answer(1, ana, team, MONDAY, kind="ces")
        assert self.sums(asked())[(), 0].score == 5

    def test_asked_without_an_answer(self, rows, asked, team):
        """One answered, two asked in vain: 3 asked, though the scale of the unanswered says nothing."""
        ana = rows.place.rows["agent"]
        rows.answer(5, ana, team, MONDAY)
        rows.answer(None, ana, team, MONDAY)
        rows.answer(None, ana, team, date(2026, 3, 31), asked_at=noon(date(2026, 4, 1)))
        assert self.sums(asked()) == {((), 0): CsatSums(1, Decimal(5), Decimal(5), 1, asked=3)}
        assert self.sums(asked(axis="closed"))[(), 0] == CsatSums(1, Decimal(5), Decimal(5), 1, asked=2)

    def test_both_axes_agents_and_channels(self, rows, asked, team):
        ana, bo = rows.place.rows["agent"], rows.place.rows["other_agent"]
        mail = rows.conversation(ana, team, MONDAY, channel="mail")
        rows.answer(3, ana, team, MONDAY, date(2026, 5, 2), conversation=mail)
        rows.answer(5, bo, None, date(2026, 3, 20), MONDAY)
        assert {key: s.score for (key, _), s in self.sums(asked("agent")).items()} == {(bo.pk,): 5}
        closed = self.sums(asked("agent", "channel", axis="closed"))
        assert {key: s.score for (key, _), s in closed.items()} == {(ana.pk, "mail"): 3}
        assert self.sums(asked(teams=(team.pk,))) == {}


class TestTimes:
    def test_zero_and_negative_are_excluded_and_counted(self, rows, asked, team):
        """Of 60, 120, 240 and 600 the median is 180, the ninth decile 240 + 0.7 x 360 = 492."""
        ana = rows.place.rows["agent"]
        for seconds in (60, 120, 240, 600, 0, -5, None):
            rows.conversation(ana, team, MONDAY, first_response_seconds=seconds)
        found = facts.first_responses(asked())[(), 0]
        assert (found.computed.median, found.computed.answered, found.computed.excluded) == (180, 4, 2)
        assert found.computed.p90 == pytest.approx(492)
        assert found.reported == facts.Times(None, None, 0, 0)

    def test_resolution_from_opening_to_closing_beside_the_reported(self, rows, asked, team):
        ana = rows.place.rows["agent"]
        for hours in (1, 3):
            opened = noon(MONDAY) - timedelta(hours=hours)
            rows.conversation(ana, team, MONDAY, opened_at=opened, reported_resolution_seconds=60)
        rows.conversation(ana, team, MONDAY, opened_at=noon(MONDAY))
        rows.conversation(ana, team, date(2026, 5, 1), opened_at=noon(MONDAY))
        found = facts.resolutions(asked("team"))[(team.pk,), 0]
        assert (found.computed.median, found.computed.answered, found.computed.excluded) == (7200, 2, 1)
        assert found.computed.p90 == pytest.approx(10080)
        assert found.reported == facts.Times(60, 60, 2, 0)
