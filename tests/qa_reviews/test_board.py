"""The lead's board says what the estimates will say, who has done what, and when it will end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Role
from accounts.models import Absence, Agent, MemberRole
from common.errors import Missing
from common.periods import Period
from insights import facts
from insights import selectors as numbers
from insights.query import Query
from qa_reviews.models import Draw, QueueItem, Review, SamplePlan, Stratum
from qa_reviews.pace import Tally
from qa_reviews.selectors import board
from qa_reviews.selectors.tallies import counted_kinds, tallies
from tests.insights.rows import Rows
from tests.qa_reviews.life import set_rule
from tests.world import Place, World, add_person

WEEK = date(2026, 4, 6)
NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)  # a Monday; the reviews of `Rows` lie a day back
TODAY = NOW.date()


@dataclass
class Cast:
    """One draw of two teams: Ana and Bo in one, Cy in the other."""

    place: Place
    rows: Rows
    draw: Draw
    strata: dict[str, Stratum]

    @property
    def item(self) -> QueueItem:
        """One that waits."""
        return QueueItem.objects.filter(draw=self.draw, state="open").order_by("pk")[0]


@pytest.fixture
def cast(world: World) -> Cast:
    place = world["ours"]
    rows = Rows(place)
    team, other = place.rows["team"], place.rows["other_team"]
    ana, bo = place.rows["agent"], rows.agent("Bea", team)
    cy = rows.agent("Cy", other)
    draw = rows.draw(rows.plan(), WEEK)
    strata = {
        "ana": rows.stratum(draw, ana, team, [80, 90, 70], frame=30, open_items=1),
        "ana risk": rows.stratum(draw, ana, team, [40], frame=6, band="risk", open_items=1),
        "bo": rows.stratum(draw, bo, team, [60, None], frame=20, open_items=3),
        "cy": rows.stratum(draw, cy, other, [], frame=12, open_items=5),
    }
    QueueItem.objects.filter(draw=draw).update(due_on=TODAY + timedelta(days=5))
    return Cast(place, rows, draw, strata)


def seen(cast: Cast, person: str = "manager") -> board.DrawBoard:
    with time_machine.travel(NOW, tick=False):
        return board.draw_board(cast.place.actor(person), cast.draw.pk)


def test_a_draw_by_band_team_and_agent(cast: Cast) -> None:
    found = seen(cast)
    whole = found.cycle.progress.whole
    assert whole.tally == Tally(frame=68, drawn=16, not_reviewable=1, done=5)
    assert (whole.tally.expected, whole.more, whole.reached) == (15, 7, False)  # 12 of 15
    bands = {band: each.tally for band, each in found.cycle.progress.bands}
    assert bands == {"risk": Tally(6, 2, 0, 1), "normal": Tally(62, 14, 1, 4)}
    assert [(str(team), each.tally.done, each.more) for team, each in found.teams] == [
        ("Chat EU", 5, 3),
        ("Phone US", 0, 4),
    ]
    assert [(str(agent), each.tally.done, each.tally.expected) for agent, each in found.agents] == [
        ("Ana Silva", 4, 6),
        ("Bea", 1, 4),
        ("Cy", 0, 5),
    ]
    assert found.covered == 2
    assert found.cycle.counts


def test_it_counts_what_the_estimates_count(cast: Cast) -> None:
    """Replacements, items set aside, two reviews of one conversation, retracted and peers' reviews."""
    rows, strata = cast.rows, cast.strata
    aside = QueueItem.objects.filter(stratum=strata["cy"])[0]
    QueueItem.objects.filter(pk=aside.pk).update(state="skipped", skip_reason="not_reviewable")
    rows.item(strata["cy"], replaces=aside)
    first = QueueItem.objects.filter(stratum=strata["ana"], state="done")[0]
    second = rows.item(
        strata["ana"],
        second_of=first,
        conversation=first.conversation,
        state="done",
        reviewer=cast.place.people["second_reviewer"],
    )
    rows.of_item(second, 20, reviewer=cast.place.people["second_reviewer"])
    retracted = Review.objects.filter(stratum=strata["bo"], score=60).get()
    Review.objects.filter(pk=retracted.pk).update(state="retracted")
    peer = QueueItem.objects.filter(stratum=strata["bo"], state="open")[0]
    rows.of_item(peer, 50, kind="peer")
    for peers in (True, False):
        set_rule(cast.place, peer_in_iqs=peers)
        period = Period(WEEK, WEEK + timedelta(days=6))
        cells = facts.stratum_cells(
            cast.place.workspace.pk, cast.draw.plan_id, period, WEEK - timedelta(days=1), peers=peers
        ).inside(period)
        expected = {
            (each.agent, each.band): Tally(each.frame, each.drawn, each.not_reviewable, each.n)
            for each in cells
        }
        actor = cast.place.actor("manager")
        kinds = counted_kinds(actor)
        found = tallies(actor, [cast.draw.pk], by_agent=True, kinds=kinds)
        assert {(place.agent, place.band): tally for place, tally in found.items()} == expected
        assert sum(expected.values(), Tally()).done == (5 if peers else 4)


@pytest.mark.parametrize("more", [2, 3])
def test_the_line_falls_where_the_range_begins(cast: Cast, more: int) -> None:
    """A team's range comes with exactly as many more reviews as the board asks for."""
    set_rule(cast.place, min_team_reviews=1, min_team_range_reviews=1, min_team_range_agents=1)
    assert {str(team): each.more for team, each in seen(cast).teams}["Chat EU"] == 3
    waiting = QueueItem.objects.filter(draw=cast.draw, state="open", team__name="Chat EU")
    for place, item in enumerate(waiting.order_by("pk")[:more]):
        cast.rows.of_item(item, 50 + 10 * place)
    actor = cast.place.actor("manager")  # knows the new rules
    asked = Query(
        Period(WEEK, WEEK + timedelta(days=6)), plan_id=cast.draw.plan_id, teams=(cast.place.rows["team"].pk,)
    )
    with time_machine.travel(NOW, tick=False):
        estimate = numbers.iqs(actor, asked)[0].estimate
    reached = {str(team): each.reached for team, each in seen(cast).teams}["Chat EU"]
    incomplete = estimate.range_refused is not None and estimate.range_refused.code == "incomplete"
    assert estimate.refused is None, estimate
    assert reached is (more == 3)
    assert incomplete is not reached


def test_who_has_done_what(cast: Cast) -> None:
    reviewer, second = cast.place.people["reviewer"], cast.place.people["second_reviewer"]
    waiting = list(QueueItem.objects.filter(draw=cast.draw, state="open").order_by("pk"))
    mine, claimed, late, other = waiting[:4]
    QueueItem.objects.filter(state="done", draw=cast.draw).update(reviewer=reviewer)
    QueueItem.objects.filter(pk=mine.pk).update(reviewer=reviewer)
    QueueItem.objects.filter(pk=claimed.pk).update(reviewer=reviewer, state="claimed")
    QueueItem.objects.filter(pk=late.pk).update(reviewer=reviewer, due_on=TODAY - timedelta(days=1))
    QueueItem.objects.filter(pk=other.pk).update(reviewer=second)
    Review.objects.filter(stratum__draw=cast.draw).update(submitted_on=TODAY)
    found = seen(cast)
    lines = {str(line.member) if line.member else None: line for line in found.reviewers}
    line = lines["Reviewer"]
    assert (line.work.done, line.work.open, line.work.claimed, line.work.overdue) == (6, 2, 1, 1)
    assert line.work.waiting == 3
    assert line.pace.reviews == 6
    assert line.finish == TODAY + timedelta(days=4)  # 6 in seven days, 3 to go
    assert lines["Second_Reviewer"].finish is None  # no pace: nobody knows
    assert found.reviewers[-1].member is None
    assert (lines[None].work.waiting, found.cycle.progress.unassigned) == (6, 6)
    progress = found.cycle.progress
    assert progress.work.waiting == 10
    assert progress.finish == TODAY + timedelta(days=12)  # 10 at 6/7 a day
    assert progress.late  # due five days from now


def test_absences_are_marked_while_they_matter(cast: Cast) -> None:
    away, soon, later = (add_person(cast.place, name, Role.REVIEWER) for name in ("away", "soon", "later"))
    cast.draw.allowed_reviewers = [away.pk, soon.pk, later.pk]
    cast.draw.save()
    for member, first, last in ((away, -3, 0), (soon, 7, 9), (later, 8, 9), (later, -9, -1)):
        Absence.objects.create(
            workspace=cast.place.workspace,
            member=member,
            starts_on=TODAY + timedelta(days=first),
            ends_on=TODAY + timedelta(days=last),
        )
    lines = {str(line.member): line for line in seen(cast).reviewers if line.member}
    assert lines["Away"].away
    assert lines["Away"].absent == ((TODAY - timedelta(days=3), TODAY),)
    assert not lines["Soon"].away
    assert lines["Soon"].absent == ((TODAY + timedelta(days=7), TODAY + timedelta(days=9)),)
    assert lines["Later"].absent == ()


def test_leads_see_their_teams_only(cast: Cast) -> None:
    found = seen(cast, "other_lead")
    assert [str(team) for team, _ in found.teams] == ["Phone US"]
    assert found.cycle.progress.whole.tally == Tally(frame=12, drawn=5)
    assert found.cycle.progress.work.waiting == 5
    assert {str(agent) for agent, _ in found.agents} == {"Cy"}
    theirs = board.waiting_items(cast.place.actor("other_lead"), cast.draw.pk)
    assert {item.team_id for item in theirs} == {cast.place.rows["other_team"].pk}


def test_a_lead_who_reviews_elsewhere_sees_no_more(cast: Cast) -> None:
    """What he may grade as a reviewer is no part of his board."""
    lead = cast.place.people["other_lead"]
    MemberRole.objects.create(workspace=cast.place.workspace, member=lead, role=Role.REVIEWER)
    QueueItem.objects.filter(draw=cast.draw, state="open").update(reviewer=lead)
    found = seen(cast, "other_lead")
    assert found.cycle.progress.work.waiting == 5
    assert found.cycle.progress.whole.tally.frame == 12


def test_a_superseded_draw_and_peers_that_do_not_count(cast: Cast) -> None:
    SamplePlan.objects.filter(pk=cast.draw.plan_id).update(kind="peer")
    Review.objects.filter(stratum__draw=cast.draw).update(kind="peer")
    assert seen(cast).cycle.counts
    set_rule(cast.place, peer_in_iqs=False)
    found = seen(cast).cycle
    assert not found.counts
    assert found.progress.whole.tally.done == 5  # what they did is still to be seen
    SamplePlan.objects.filter(pk=cast.draw.plan_id).update(kind="standard")
    Draw.objects.filter(pk=cast.draw.pk).update(superseded_at=NOW)
    assert not seen(cast).cycle.counts


def test_a_merged_agent_is_whom_he_was_merged_into(cast: Cast) -> None:
    ana = cast.place.rows["agent"]
    Agent.objects.filter(name="Bea").update(merged_into=ana)
    assert [(str(agent), each.tally.done) for agent, each in seen(cast).agents] == [
        ("Ana Silva", 5),
        ("Cy", 0),
    ]


def test_an_empty_draw_has_nothing_to_say(world: World) -> None:
    place = world["ours"]
    rows = Rows(place)
    draw = rows.draw(rows.plan(), WEEK)
    found = board.draw_board(place.actor("manager"), draw.pk)
    progress = found.cycle.progress
    assert (progress.whole.more, progress.whole.tally.completion, progress.bands) == (None, None, [])
    assert (found.teams, found.agents, found.covered, progress.pace.per_day) == ([], [], 0, None)


def test_neighbours_agents_and_reviewers_get_nothing(world: World, cast: Cast) -> None:
    with pytest.raises(Missing):
        board.draw_board(world["theirs"].actor("manager"), cast.draw.pk)
    with pytest.raises(Missing):
        board.draw_board(cast.place.actor("reviewer"), cast.draw.pk)
    with pytest.raises(Missing):
        board.plan_board(cast.place.actor("agent"), cast.draw.plan_id)
    assert board.summary(cast.place.actor("reviewer")) == []


def test_the_board_of_a_plan_goes_over_its_cycles(cast: Cast) -> None:
    rows, team = cast.rows, cast.place.rows["team"]
    later = rows.draw(cast.draw.plan, WEEK + timedelta(days=7))
    rows.stratum(later, cast.place.rows["agent"], team, [70], frame=10)
    Draw.objects.create(
        workspace=cast.place.workspace,
        plan=cast.draw.plan,
        period_start=WEEK,
        period_end=WEEK + timedelta(days=6),
        seed="old",
        rule="r",
        frame_at=NOW,
        terms={},
        closed_total=0,
        frame_total=0,
        allowed_reviewers=[],
        superseded_at=NOW,
    )
    with time_machine.travel(NOW, tick=False):
        found = board.plan_board(cast.place.actor("manager"), cast.draw.plan_id)
    assert [cycle.draw.pk for cycle in found.cycles] == [later.pk, cast.draw.pk]
    assert [cycle.progress.whole.tally.done for cycle in found.cycles] == [1, 5]
    assert found.progress.whole.tally == Tally(frame=78, drawn=17, not_reviewable=1, done=6)
    assert found.coverage == {later.pk: (1, 1), cast.draw.pk: (3, 2)}


def test_a_merged_agent_is_covered_once(cast: Cast) -> None:
    Agent.objects.filter(name="Bea").update(merged_into=cast.place.rows["agent"])
    lead = cast.place.actor("other_lead")
    assert board.plan_board(cast.place.system, cast.draw.plan_id).coverage[cast.draw.pk] == (2, 1)
    assert board.plan_board(lead, cast.draw.plan_id).coverage[cast.draw.pk] == (1, 0)


def test_the_summary_names_what_runs_by_deadline(cast: Cast) -> None:
    rows = cast.rows
    sooner = rows.draw(rows.plan(name="Sooner"), WEEK)
    stratum = rows.stratum(sooner, cast.place.rows["agent"], cast.place.rows["team"], [], frame=9)
    rows.item(stratum, due_on=WEEK)
    finished = rows.draw(rows.plan(name="Finished"), WEEK)
    rows.stratum(finished, cast.place.rows["agent"], cast.place.rows["team"], [80], frame=9)
    QueueItem.objects.filter(pk=cast.place.rows["queue_item"].pk).update(state="expired")
    with time_machine.travel(NOW, tick=False):
        found = board.summary(cast.place.actor("lead"))
        beside = board.summary(cast.place.actor("other_lead"))
    assert [cycle.draw.pk for cycle in found] == [sooner.pk, cast.draw.pk]
    assert found[0].progress.work.overdue == 1
    assert [cycle.draw.pk for cycle in beside] == [cast.draw.pk]


@pytest.mark.parametrize(("call", "most"), [("draw", 10), ("plan", 11), ("summary", 7)])
def test_queries_do_not_grow(cast: Cast, call: str, most: int) -> None:
    actor = cast.place.actor("manager")

    def ask() -> None:
        if call == "draw":
            board.draw_board(actor, cast.draw.pk)
        elif call == "plan":
            board.plan_board(actor, cast.draw.plan_id)
        else:
            board.summary(actor)

    with CaptureQueriesContext(
        connection,
    ) as few:
        ask()
    for number in range(6):
        owner = cast.rows.agent(f"Agent {number}", cast.place.rows["team"])
        cast.rows.stratum(cast.draw, owner, cast.place.rows["team"], [80], frame=9, open_items=2)
    with CaptureQueriesContext(connection) as many:
        ask()
    assert len(many) == len(few) <= most
