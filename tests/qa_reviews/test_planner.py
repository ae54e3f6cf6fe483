"""How many reviews for +-5: by agent and team, from their own spread; what today's quota gives; hours."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import sqrt

import pytest
import time_machine
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent
from common.errors import Invalid, Missing
from common.periods import Period
from conversations.models import Conversation
from insights import facts
from insights.stats import learn_spreads
from qa_reviews import sampling
from qa_reviews.models import Review, SamplePlan
from qa_reviews.selectors import planner
from qa_reviews.selectors.periods import Rhythm
from qa_reviews.selectors.spreads import spreads, usual_time
from tests.insights.rows import Rows
from tests.qa_reviews.life import set_rule
from tests.world import Place, World

WEEK = date(2026, 4, 6)  # a Monday
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)  # a Monday, four weeks on
DAYS = timedelta(days=1)


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def rows(ours: Place) -> Rows:
    return Rows(ours)


def closed(rows: Rows, agent: Agent, count: int, week: int = 0) -> None:
    """So many conversations of the agent, in the week so many after the first."""
    for place in range(count):
        rows.conversation(agent, None, WEEK + timedelta(days=7 * week + place % 7))


def planned(
    place: Place, plan: SamplePlan, width: float = 5, asked: Period | None = None
) -> planner.Planning:
    with time_machine.travel(NOW, tick=False):
        return planner.planning(place.actor("manager"), plan, width, asked)


def test_an_agents_conversations_are_those_of_a_period(ours: Place, rows: Rows) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    for week, count in enumerate((10, 20, 30, 41)):
        closed(rows, ana, count, week)
    closed(rows, bo, 1, 3)
    closed(rows, bo, 9, 4)  # the running week
    found = planned(ours, rows.plan())
    assert [period.first for period in found.periods] == [WEEK + 7 * week * DAYS for week in range(4)]
    assert {str(row.agent): row.line.frame for row in found.agents} == {"Ana Silva": 25, "Bo Lind": 1}
    assert {str(row.team): row.line.frame for row in found.teams} == {"Chat EU": 25, "Phone US": 1}
    assert found.whole.frame == 26


def test_the_formulas_are_those_of_sampling(ours: Place, rows: Rows) -> None:
    closed(rows, ours.rows["agent"], 100, 3)
    plan = rows.plan(quota=Decimal(5))
    found = planned(ours, plan, asked=Period(WEEK + 21 * DAYS, WEEK + 27 * DAYS))
    (row,) = found.agents
    assert (row.line.sd.points, row.line.sd.whose) == (20.0, "assumed")
    assert row.line.needed == row.line.each == sampling.needed_reviews(20, 5, 100) == 39
    assert row.line.reviews == found.usual == 5
    assert (
        row.line.known_to
        == pytest.approx(sampling.half_width_for(20, 5, 100))
        == pytest.approx(17.09, abs=0.01)
    )
    assert dict(found.curve)[5] == row.line.known_to
    assert [n for n, _ in found.curve] == list(range(1, 40))


def test_a_team_needs_less_than_its_agents_together(ours: Place, rows: Rows) -> None:
    team = ours.rows["team"]
    for number in range(4):
        closed(rows, rows.agent(f"Agent {number}", team), 40, 3)
    found = planned(ours, rows.plan(), asked=Period(WEEK + 21 * DAYS, WEEK + 27 * DAYS))
    (row,) = [each for each in found.teams if each.team == team]
    assert (row.line.agents, row.line.frame) == (4, 160)
    assert row.line.each == 4 * sampling.needed_reviews(20, 5, 40) == 4 * 25
    assert row.line.needed == sampling.needed_reviews(20, 5, 160) == 45
    assert row.line.reviews == 20
    assert row.line.known_to == pytest.approx(sampling.half_width_for(20, 20, 160))


def spread_rows(rows: Rows, place: Place) -> SamplePlan:
    """Reviews of two teams: enough in the one, too few in the other; one band with single reviews only."""
    plan = rows.plan()
    start = WEEK - 28 * DAYS
    for week in range(4):
        draw = rows.draw(plan, start + 7 * week * DAYS)
        for number, agent in enumerate(agents(rows, place)):
            scores = [50 + 7 * ((3 * each + number + week) % 7) for each in range(4)]
            rows.stratum(draw, agent, place.rows["team"], scores, frame=30)
            rows.stratum(draw, agent, place.rows["team"], [20 + 30 * (week % 3)], frame=6, band="risk")
        rows.stratum(draw, place.rows["other_agent"], place.rows["other_team"], [60, 90], frame=9)
    return plan


def agents(rows: Rows, place: Place) -> list[Agent]:
    found = list(Agent.objects.filter(workspace=place.workspace, name__startswith="Spread").order_by("name"))
    return found or [rows.agent(f"Spread {number}", place.rows["team"]) for number in range(3)]


def test_the_spread_is_the_one_of_the_estimates(ours: Place, rows: Rows) -> None:
    plan = spread_rows(rows, ours)
    Review.objects.exclude(stratum__draw__plan=plan).update(stratum=None, queue_item=None, selection="manual")
    one, twin, _ = agents(rows, ours)
    Agent.objects.filter(pk=twin.pk).update(merged_into=one)  # their single risks have one mean
    with time_machine.travel(NOW, tick=False):
        found = spreads(ours.actor("manager"))
    learned_after = NOW.date() - timedelta(weeks=26)
    cells = facts.stratum_cells(
        ours.workspace.pk, plan.pk, Period(NOW.date(), NOW.date()), learned_after, peers=True
    )
    expected = learn_spreads(cells.ended_after(learned_after))
    team, other = ours.rows["team"].pk, ours.rows["other_team"].pk
    for team_id in (team, other, None):
        own, theirs = found.of(team_id), expected.of(team_id)
        assert own is not None
        assert theirs is not None
        assert own.over == theirs.over
        assert own.s2 == pytest.approx(theirs.s2)
    assert (found.of(team).over, found.of(other).over) == ("team", "workspace")  # type: ignore[union-attr]
    s2 = found.of(team).s2  # type: ignore[union-attr]
    assert s2["risk"] != s2["normal"]  # around the agents' own means: no week has two of them
    frame, normal = sampling.FrameSize(6, 24), found.workspace.s2["normal"]  # type: ignore[union-attr]
    points = found.sd(team, frame).points
    assert points == pytest.approx(sqrt((6 * s2["risk"] + 24 * s2["normal"]) / 30), abs=5e-5)
    assert points == round(points, 4) == float(found.sd(team, frame).exact)  # as ledgers keep it
    assert found.sd(team, frame).whose == "team"
    assert found.sd(other, sampling.FrameSize(0, 5)).points == pytest.approx(sqrt(normal), abs=5e-5)


def test_peers_superseded_and_old_draws_tell_no_spread(ours: Place, rows: Rows) -> None:
    plan = spread_rows(rows, ours)
    actor = ours.actor("manager")
    with time_machine.travel(NOW, tick=False):
        assert spreads(actor).workspace is not None
    with time_machine.travel(NOW + timedelta(weeks=30), tick=False):
        assert spreads(actor).workspace is None
    Review.objects.filter(stratum__draw__plan=plan).update(kind="peer")
    set_rule(ours, peer_in_iqs=False)
    with time_machine.travel(NOW, tick=False):
        assert spreads(ours.actor("manager")).workspace is None
    set_rule(ours, peer_in_iqs=True)
    plan.draws.update(superseded_at=NOW)
    with time_machine.travel(NOW, tick=False):
        assert spreads(ours.actor("manager")).workspace is None


def test_the_sd_says_whose_it_is(ours: Place, rows: Rows) -> None:
    plan = spread_rows(rows, ours)
    for agent in (*agents(rows, ours), ours.rows["other_agent"]):
        closed(rows, agent, 8, 3)
    nomad = rows.agent("Nomad", None)
    closed(rows, nomad, 8, 3)
    found = planned(ours, plan)
    assert {str(row.agent): row.line.sd.whose for row in found.agents} == {
        "Spread 0": "team",
        "Spread 1": "team",
        "Spread 2": "team",
        "Bo Lind": "workspace",
        "Nomad": "workspace",
    }
    assert [str(row.team) for row in found.teams] == ["Chat EU", "Phone US", "None"]


@pytest.mark.parametrize(
    ("quota", "given"),
    [
        ({"quota": Decimal(5)}, {"Ana Silva": 5, "Bo Lind": 4}),
        ({"quota": Decimal("0.1"), "quota_kind": "share"}, {"Ana Silva": 4, "Bo Lind": 1}),
        ({"quota": Decimal(10), "quota_kind": "precision"}, {"Ana Silva": 12, "Bo Lind": 4}),
        ({"quota": Decimal(10), "quota_of": "total"}, {"Ana Silva": 6, "Bo Lind": 4}),
        ({"quota": Decimal(3), "quota_of": "reviewer"}, {"Ana Silva": 5, "Bo Lind": 4}),
    ],
)
def test_every_kind_of_quota(
    ours: Place, rows: Rows, quota: dict[str, object], given: dict[str, int]
) -> None:
    closed(rows, ours.rows["agent"], 40, 3)
    closed(rows, ours.rows["other_agent"], 4, 3)
    plan = rows.plan(**quota)
    for person, weight in (("reviewer", 2), ("second_reviewer", 1)):
        plan.reviewer_rows.create(
            workspace=ours.workspace, member=ours.people[person], weight=Decimal(weight)
        )
    found = planned(ours, plan, asked=Period(WEEK + 21 * DAYS, WEEK + 27 * DAYS))
    assert {str(row.agent): row.line.reviews for row in found.agents} == given
    assert found.whole.reviews == sum(given.values())


@pytest.mark.parametrize(
    ("quota", "given"),
    [
        ({"quota": Decimal(8)}, 8),  # a number is the month's
        ({"quota": Decimal(10), "quota_kind": "precision"}, 43),  # 10 of each week's 23
        ({"quota": Decimal("0.1"), "quota_kind": "share"}, 9),  # 2 of each week's 23
    ],
)
def test_weekly_parts_ask_for_each_week(
    ours: Place, rows: Rows, quota: dict[str, object], given: int
) -> None:
    for day in range(100):
        rows.conversation(ours.rows["agent"], None, date(2026, 4, 1) + day % 30 * DAYS)
    plan = rows.plan(period="month", weekly_parts=True, **quota)
    found = planned(ours, plan, asked=Period(date(2026, 4, 1), date(2026, 4, 30)))
    assert (found.whole.frame, found.whole.reviews) == (100, given)


def test_no_review_tells_nothing(ours: Place, rows: Rows) -> None:
    closed(rows, ours.rows["agent"], 9, 3)
    found = planned(ours, rows.plan(quota=Decimal(0)))
    assert found.whole.known_to is None
    assert found.usual == 0


def test_a_scoped_lead_plans_for_his_teams(ours: Place, rows: Rows) -> None:
    closed(rows, ours.rows["agent"], 30, 3)
    closed(rows, ours.rows["other_agent"], 30, 3)
    plan = rows.plan(quota=Decimal(10), quota_of="total")
    with time_machine.travel(NOW, tick=False):
        found = planner.planning(ours.actor("lead"), plan, 5)
    assert [str(row.agent) for row in found.agents] == ["Ana Silva"]
    assert [str(row.team) for row in found.teams] == ["Chat EU"]
    assert found.whole.reviews == 5  # his half of what is drawn for all


def test_an_empty_frame(ours: Place, rows: Rows) -> None:
    plan = rows.plan(filter={"channel": ["fax"]})
    found = planned(ours, plan)
    assert (found.agents, found.teams, found.curve, found.whole.frame) == ([], [], [], 0)
    assert (found.whole.needed, found.whole.known_to) == (0, None)


# --- Periods --------------------------------------------------------------------------------


def firsts(rhythm: Rhythm, asked: Period | None = None, now: date = date(2026, 5, 6)) -> list[str]:
    return [str(period.first) for period in planner.whole_periods(rhythm, now, asked)]


def test_the_last_four_whole_periods() -> None:
    assert firsts(Rhythm()) == ["2026-04-06", "2026-04-13", "2026-04-20", "2026-04-27"]
    assert firsts(Rhythm(period="month")) == ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]
    monthly = Rhythm(period="month", weekly_parts=True, starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31))
    assert firsts(monthly) == ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]


@pytest.mark.parametrize("starts_on", [date(2026, 3, 1), date(2026, 5, 10), date(2019, 12, 31)])
def test_periods_of_days_are_counted_from_their_first(starts_on: date) -> None:
    rhythm = Rhythm(period="days", days=10, starts_on=starts_on)
    found = planner.whole_periods(rhythm, date(2026, 5, 6))
    assert len(found) == 4
    assert all((period.first - starts_on).days % 10 == 0 and period.days == 10 for period in found)
    assert date(2026, 5, 6) - 10 * DAYS <= found[-1].last + DAYS <= date(2026, 5, 6)


def test_dates_choose_the_whole_periods_inside() -> None:
    april = Period(date(2026, 4, 1), date(2026, 4, 30))
    assert firsts(Rhythm(), april) == ["2026-04-06", "2026-04-13", "2026-04-20"]
    assert firsts(Rhythm(), Period(april.first, date(2026, 6, 30))) == [
        "2026-04-06",
        "2026-04-13",
        "2026-04-20",
        "2026-04-27",
    ]  # the running week has not ended
    tens = Rhythm(period="days", days=10, starts_on=date(2026, 6, 1))
    assert firsts(tens, april) == ["2026-04-02", "2026-04-12"]


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2026-04-07", "2026-04-18", "no_whole_period"),
        ("2026-05-04", "2026-06-30", "no_whole_period"),
        ("2020-01-01", "2026-05-01", "too_long"),
        ("0001-01-01", "2026-05-01", "out_of_range"),
        ("9999-12-01", "9999-12-31", "out_of_range"),
    ],
)
def test_dates_without_a_whole_period_are_refused(first: str, last: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        firsts(Rhythm(), Period(date.fromisoformat(first), date.fromisoformat(last)))
    assert refused.value.errors[0].code == code


# --- Time, plan, queries --------------------------------------------------------------------


def test_the_time_of_a_review_says_what_it_rests_on(ours: Place, rows: Rows) -> None:
    actor, card = ours.actor("manager"), ours.rows["scorecard"]
    with time_machine.travel(NOW, tick=False):
        assert usual_time(actor, card.pk).minutes is None
        assert usual_time(actor, card.pk).hours(10) is None
        for seconds in (100, 500, 300, 0, None):
            rows.review(80, ours.rows["agent"], None, WEEK, active_seconds=seconds)
        own = usual_time(actor, card.pk)
        other = usual_time(actor, card.pk + 1)
    assert (own.seconds, own.reviews, own.of) == (300.0, 3, "scorecard")
    assert (other.seconds, other.reviews, other.of) == (300.0, 3, "workspace")
    assert own.hours(24) == pytest.approx(2.0)
    Review.objects.exclude(submitted_at=None).update(state="retracted")
    with time_machine.travel(NOW, tick=False):
        assert usual_time(actor).reviews == 0


def test_which_plan_is_meant(ours: Place, rows: Rows, world: World) -> None:
    headline = ours.rows["plan"]
    other = rows.plan(name="Other")
    actor = ours.actor("manager")
    assert planner.chosen_plan(actor, None) == headline
    assert planner.chosen_plan(actor, other.pk) == other
    set_rule(ours, headline_plan_id=None)
    SamplePlan.objects.filter(pk=headline.pk).update(active=False)
    assert planner.chosen_plan(ours.actor("manager"), None) == other
    with pytest.raises(Missing):
        planner.chosen_plan(actor, world["theirs"].rows["plan"].pk)
    with pytest.raises(Missing):
        planner.chosen_plan(ours.actor("reviewer"), other.pk)


def test_queries_do_not_grow(ours: Place, rows: Rows) -> None:
    plan, actor = rows.plan(), ours.actor("manager")
    closed(rows, ours.rows["agent"], 3, 3)

    def count() -> int:
        with time_machine.travel(NOW, tick=False), CaptureQueriesContext(connection) as found:
            planner.planning(actor, plan, 5)
        return len(found)

    few = count()
    for number in range(5):
        closed(rows, rows.agent(f"More {number}", ours.rows["team"]), 2, 3)
    assert count() == few == 6


def test_two_thousand_agents_are_quick(ours: Place, rows: Rows) -> None:
    """The database sums; what is made of 2,000 rows is less than a second's work, also on a busy machine."""
    first = rows.conversation(ours.rows["agent"], None, WEEK + 21 * DAYS)
    copied(Agent, ours.rows["agent"].pk, external_id="'m-' || n", name="'Many ' || n")
    many = "(select a.id from accounts_agent a where a.external_id = 'm-' || n)"
    copied(Conversation, first.pk, external_id="'c-' || n", agent_id=many, most_active_agent_id="null")
    started = time.process_time()
    found = planned(ours, rows.plan())
    assert len(found.agents) == 2001
    assert time.process_time() - started < 2


def copied(model: type[Model], pk: int, **changes: str) -> None:
    """The row 2,000 times, with other columns, as SQL of its number `n`."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = [str(field.column) for field in fields]
    values = [changes.get(name, f"row.{name}") for name in names]
    columns, table = ", ".join(names), model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} ({columns}) select {', '.join(values)}"
            f" from {table} row, generate_series(1, 2000) n where row.id = %s",
            [pk],
        )
