"""What plans can be asked for besides the plain weekly sample: what is checked, and what pausing, ending and
copying do."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, Member
from common.errors import Conflict, Invalid, Missing, Refused, Stale
from qa_reviews.models import Draw, QueueItem, SamplePlan
from qa_reviews.selectors import plans as selectors
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import (
    PlanInput,
    QuotaInput,
    ReviewerInput,
    change_plan,
    clone_plan,
    create_plan,
    end_plan,
    pause_plan,
    preview_change,
    resume_plan,
)
from scorecards.models import ScorecardVersion
from tests.qa_reviews import samples
from tests.qa_reviews.samples import WEEK, agent, conversations, plan
from tests.world import Place, World

NOW = "2026-04-22T12:00:00+02:00"  # a Wednesday


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def asked(place: Place, **given: Any) -> PlanInput:
    return samples.asked(**{"name": "Weekly", "scorecard": place.rows["scorecard"].pk} | given)


def wrong(place: Place, **given: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as found:
        create_plan(actor=place.actor("manager"), given=asked(place, **given))
    return [(each.pointer, each.code) for each in found.value.errors]


def quota(of: str, kind: str, value: str) -> QuotaInput:
    return QuotaInput(of=of, kind=kind, value=Decimal(value))


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"kind": "friend"}, "/kind", "invalid_choice"),
        ({"period": "quarter"}, "/period", "invalid_choice"),
        ({"assignment": "first"}, "/assignment", "invalid_choice"),
        ({"reviewee": "anybody"}, "/reviewee", "invalid_choice"),
        ({"quota": quota("team", "number", "5")}, "/quota/of", "invalid_choice"),
        ({"quota": quota("agent", "median", "0.5")}, "/quota/kind", "invalid_choice"),
        ({"quota": quota("total", "precision", "5")}, "/quota/kind", "invalid_choice"),
        ({"quota": quota("agent", "number", "2.5")}, "/quota/value", "invalid"),
        ({"quota": quota("agent", "share", "1.01")}, "/quota/value", "out_of_range"),
        ({"quota": quota("agent", "share", "0")}, "/quota/value", "out_of_range"),
        ({"quota": quota("agent", "share", "0.12345")}, "/quota/value", "invalid"),
        ({"quota": quota("agent", "precision", "0")}, "/quota/value", "out_of_range"),
        ({"quota": quota("agent", "precision", "-3")}, "/quota/value", "out_of_range"),
        ({"quota": quota("agent", "precision", "51")}, "/quota/value", "out_of_range"),
        ({"quota": quota("total", "number", "100001")}, "/quota/value", "out_of_range"),
        ({"quota": quota("reviewer", "number", "5")}, "/reviewers", "required"),
        ({"period": "days", "starts_on": WEEK}, "/period_days", "required"),
        ({"period": "days", "period_days": 3}, "/starts_on", "required"),
        ({"period": "days", "period_days": 0, "starts_on": WEEK}, "/period_days", "out_of_range"),
        ({"period": "days", "period_days": 367, "starts_on": WEEK}, "/period_days", "out_of_range"),
        ({"period_days": 3}, "/period_days", "not_of_period"),
        ({"weekly_parts": True}, "/weekly_parts", "not_of_period"),
        ({"starts_on": WEEK, "ends_on": WEEK - timedelta(1)}, "/ends_on", "before_start"),
        ({"starts_on": date(1, 1, 1)}, "/starts_on", "out_of_range"),
        ({"timezone": "Mars/Olympus"}, "/timezone", "unknown_timezone"),
        ({"due_days": 0}, "/due_days", "out_of_range"),
        ({"due_days": 366}, "/due_days", "out_of_range"),
        ({"reviewer_teams": (0,)}, "/reviewer_teams/0", "not_found"),
        ({"filter": {"reviewed_by_me": True}}, "/filter/reviewed_by_me", "not_allowed_in_plan"),
        ({"filter": {"scorecard": 1}}, "/filter/scorecard", "not_allowed_in_plan"),
        ({"risk_filter": {"opened_from": "2026-01-01"}}, "/risk_filter/opened_from", "not_allowed_in_plan"),
        ({"seed": "s" * 256}, "/seed", "max_length"),
        ({"seed": "a\0b"}, "/seed", "invalid_text"),
        ({"seed": "a\x1bb"}, "/seed", "invalid_text"),
        ({"seed": "a\nb"}, "/seed", "invalid_text"),
        ({"seed": "a\u2028b"}, "/seed", "invalid_text"),
        ({"name": "n" * 256}, "/name", "max_length"),
    ],
)
def test_wrong_fields_are_named(ours: Place, given: dict[str, Any], pointer: str, code: str) -> None:
    before = SamplePlan.objects.count()
    assert wrong(ours, **given) == [(pointer, code)]
    assert SamplePlan.objects.count() == before


def test_everything_that_is_wrong_is_said_at_once(ours: Place) -> None:
    found = wrong(ours, name="", due_days=0, quota=quota("agent", "number", "0"), filter={"colour": "red"})
    assert {pointer for pointer, _code in found} == {"/name", "/due_days", "/quota/value", "/filter/colour"}


@pytest.mark.parametrize(
    ("weight", "code"),
    [("0", "out_of_range"), ("-1", "out_of_range"), ("1.234", "invalid"), ("1001", "out_of_range")],
)
def test_weights_are_checked(ours: Place, weight: str, code: str) -> None:
    given = asked(ours)
    reviewer = ReviewerInput(ours.people["reviewer"].pk, Decimal(weight))
    with pytest.raises(Invalid) as found:
        create_plan(
            actor=ours.actor("manager"),
            given=PlanInput(name="x", scorecard=given.scorecard, reviewers=(reviewer,)),
        )
    assert [(each.pointer, each.code) for each in found.value.errors] == [("/reviewers/0/weight", code)]


def test_a_member_named_twice_needs_one_weight(ours: Place) -> None:
    member = ours.people["reviewer"].pk
    manager, scorecard = ours.actor("manager"), ours.rows["scorecard"].pk
    twice = (ReviewerInput(member), ReviewerInput(member, Decimal(2)))
    with pytest.raises(Invalid) as found:
        create_plan(actor=manager, given=PlanInput(name="x", scorecard=scorecard, reviewers=twice))
    assert [each.code for each in found.value.errors] == ["twice"]
    same = (ReviewerInput(member), ReviewerInput(member))
    made = create_plan(actor=manager, given=PlanInput(name="x", scorecard=scorecard, reviewers=same))
    assert made.reviewer_rows.count() == 1


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=255))
def test_any_printable_seed_is_kept_as_it_is(ours: Place, seed: str) -> None:
    made = create_plan(actor=ours.actor("manager"), given=asked(ours, seed=seed))
    made.refresh_from_db()
    assert (made.seed == seed, made.seed_given) == ((True, True) if seed else (False, False))


# --- scorecards ---------------------------------------------------------------------------------


def test_an_archived_or_foreign_scorecard_is_refused(ours: Place, world: World) -> None:
    assert wrong(ours, scorecard=world["theirs"].rows["scorecard"].pk) == [("/scorecard", "not_found")]
    made = plan(ours)
    ScorecardVersion.objects.filter(pk=ours.rows["version"].pk).update(
        state="archived", archived_at=timezone.now()
    )
    assert wrong(ours) == [("/scorecard", "not_published")]
    assert wrong(ours, scorecard=None) == [("/scorecard", "not_published")]
    changed = change_plan(actor=ours.actor("manager"), plan_id=made.pk, changes={"name": "Still"})
    assert changed.name == "Still"  # what stays as it was is not questioned


def test_without_a_scorecard_the_offered_one_is_used(ours: Place) -> None:
    assert create_plan(actor=ours.actor("manager"), given=asked(ours, scorecard=None)).scorecard is None


# --- who reviews --------------------------------------------------------------------------------


def test_reviewers_who_exclude_everybody_are_refused(ours: Place) -> None:
    team, other = ours.rows["team"].pk, ours.rows["other_team"].pk
    lead = (ours.people["lead"].pk,)  # grades one team only
    assert wrong(ours, filter={"team": other}, reviewers=lead) == [("/reviewers", "nobody_can_review")]
    assert create_plan(actor=ours.actor("manager"), given=asked(ours, filter={"team": team}, reviewers=lead))
    speaker = ours.people["reviewer"]
    Member.objects.filter(pk=speaker.pk).update(languages=["de"])
    french = {"filter": {"language": "fr"}, "reviewers": (speaker.pk,)}
    assert wrong(ours, **french) == [("/reviewers", "nobody_can_review")]
    austrian = {"filter": {"language": ["fr", "de-AT"]}, "reviewers": (speaker.pk,)}
    made = create_plan(actor=ours.actor("manager"), given=asked(ours, **austrian))
    with pytest.raises(Invalid) as found:
        change_plan(actor=ours.actor("manager"), plan_id=made.pk, changes={"filter": {"language": ["fr"]}})
    assert [each.code for each in found.value.errors] == ["nobody_can_review"]
    assert SamplePlan.objects.get(pk=made.pk).filter == {"language": ["fr", "de-AT"]}


def test_a_team_whose_graders_are_none_is_refused(ours: Place) -> None:
    empty = (ours.rows["other_team"].pk,)
    Member.objects.filter(pk=ours.people["other_lead"].pk).update(deactivated_at=timezone.now())
    assert wrong(ours, reviewer_teams=empty) == [("/reviewers", "nobody_can_review")]
    assert create_plan(actor=ours.actor("manager"), given=asked(ours, reviewer_teams=(ours.rows["team"].pk,)))


def test_peers_are_agents_with_a_log_in_and_never_grade_themselves(ours: Place) -> None:
    mine, colleague = ours.people["agent"], ours.people["other_agent"]
    reviewer = (ours.people["reviewer"].pk,)
    assert wrong(ours, kind="peer", reviewers=reviewer) == [("/reviewers/0", "cannot_grade")]
    own = {"kind": "peer", "filter": {"agent": mine.agent_id}, "reviewers": (mine.pk,)}
    assert wrong(ours, **own) == [("/reviewers", "nobody_can_review")]
    home = {"kind": "peer", "filter": {"team": ours.rows["team"].pk}, "reviewers": (mine.pk,)}
    assert wrong(ours, **home, own_team=False) == [("/reviewers", "nobody_can_review")]
    manager = ours.actor("manager")
    assert create_plan(actor=manager, given=asked(ours, **home)).own_team
    both = create_plan(actor=manager, given=asked(ours, kind="peer", reviewers=(mine.pk, colleague.pk)))
    assert both.reviewer_rows.count() == 2
    assert create_plan(actor=manager, given=asked(ours, kind="peer", quota=quota("reviewer", "number", "3")))


def test_a_peer_plan_is_no_pool(ours: Place) -> None:
    """From a pool a peer could take nothing: everything would wait for nobody."""
    assert wrong(ours, kind="peer", assignment="pool") == [("/assignment", "not_for_peers")]
    assert create_plan(actor=ours.actor("manager"), given=asked(ours, assignment="pool")).assignment == "pool"


# --- changes ------------------------------------------------------------------------------------


def test_what_belongs_to_a_period_goes_with_it(ours: Place) -> None:
    manager = ours.actor("manager")
    made = plan(ours, period="days", period_days=10, starts_on=WEEK)
    change_plan(actor=manager, plan_id=made.pk, changes={"period": "month", "weekly_parts": True})
    made.refresh_from_db()
    assert (made.period_days, made.weekly_parts) == (None, True)
    assert not change_plan(actor=manager, plan_id=made.pk, changes={"period": "week"}).weekly_parts


def test_a_change_of_weights_and_teams_is_saved_and_told(ours: Place) -> None:
    made, team = plan(ours), ours.rows["team"].pk
    changes = {
        "reviewers": (ReviewerInput(ours.people["reviewer"].pk, Decimal("2.5")),),
        "reviewer_teams": (team,),
        "due_days": 9,
    }
    change_plan(actor=ours.actor("manager"), plan_id=made.pk, changes=changes)
    assert made.reviewer_rows.get().weight == Decimal("2.5")
    assert list(made.reviewer_teams.values_list("pk", flat=True)) == [team]
    event = AuditEvent.objects.get(action="plan.changed")
    assert event.changes["reviewers"][1] == [{"member": ours.people["reviewer"].pk, "weight": "2.5"}]
    assert set(event.changes) == {"reviewers", "reviewer_teams", "due_days"}
    change_plan(actor=ours.actor("manager"), plan_id=made.pk, changes=changes)
    assert AuditEvent.objects.filter(action="plan.changed").count() == 1  # nothing changed: nothing told


@time_machine.travel(NOW, tick=False)
def test_the_clock_begins_with_the_running_period(ours: Place) -> None:
    manager = ours.actor("manager")
    assert plan(ours).automatic_from == date(2026, 4, 20)
    assert plan(ours, period="month").automatic_from == date(2026, 4, 1)
    assert plan(ours, starts_on=date(2026, 5, 6)).automatic_from == date(2026, 5, 6)
    assert plan(ours, ends_on=date(2026, 4, 1)).automatic_from is None
    by_hand = plan(ours, automatic=False)
    with time_machine.travel("2026-05-20T12:00:00+02:00", tick=False):
        changed = change_plan(actor=manager, plan_id=by_hand.pk, changes={"automatic": True})
        renamed = change_plan(actor=manager, plan_id=plan(ours).pk, changes={"name": "New"})
    assert changed.automatic_from == date(2026, 5, 18)
    assert renamed.automatic_from == date(2026, 5, 18)


@time_machine.travel(NOW, tick=False)
def test_a_plan_whose_last_day_moves_on_is_drawn_again(ours: Place) -> None:
    manager, over = ours.actor("manager"), plan(ours, ends_on=date(2026, 4, 1))
    assert over.automatic_from is None
    longer = change_plan(actor=manager, plan_id=over.pk, changes={"ends_on": date(2026, 12, 31)})
    assert longer.automatic_from == date(2026, 4, 20)


def test_who_grades_stays_once_a_plan_was_drawn(ours: Place) -> None:
    """What waits with reviewers would be peers' work from then on, and nobody could take what is nobody's."""
    conversations(ours, ours.rows["agent"], 3)
    manager, made = ours.actor("manager"), plan(ours)
    peers = {"kind": "peer", "reviewers": ReviewerInput.each([ours.people["other_agent"].pk])}
    draw_plan(actor=manager, plan_id=made.pk, period_start=WEEK)
    with pytest.raises(Invalid) as found:
        change_plan(actor=manager, plan_id=made.pk, changes=peers)
    assert [(each.pointer, each.code) for each in found.value.errors] == [("/kind", "drawn_already")]
    assert change_plan(actor=manager, plan_id=plan(ours).pk, changes=peers).kind == "peer"


# --- pausing, ending, copying -------------------------------------------------------------------


@time_machine.travel(NOW, tick=False)
def test_a_paused_plan_is_resumed_from_the_running_period(ours: Place) -> None:
    manager, made = ours.actor("manager"), plan(ours)
    assert not pause_plan(actor=manager, plan_id=made.pk).active
    with pytest.raises(Conflict) as paused:
        draw_plan(actor=manager, plan_id=made.pk, period_start=WEEK)
    assert paused.value.code == "plan_paused"
    with time_machine.travel("2026-06-17T12:00:00+02:00", tick=False):
        assert resume_plan(actor=manager, plan_id=made.pk).automatic_from == date(2026, 6, 15)
        before = SamplePlan.objects.get(pk=made.pk).updated_at
        resume_plan(actor=manager, plan_id=made.pk)
    assert SamplePlan.objects.get(pk=made.pk).updated_at == before
    actions = AuditEvent.objects.filter(subject_id=made.pk, action__startswith="plan.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["plan.created", "plan.paused", "plan.resumed"]


@time_machine.travel(NOW, tick=False)
def test_an_ended_plan_is_left_as_it_was(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 6)
    manager, made = ours.actor("manager"), plan(ours, per_agent=3)
    draw = draw_plan(actor=manager, plan_id=made.pk, period_start=WEEK)[0]
    begun = draw.items.order_by("pk")[0]
    QueueItem.objects.filter(pk=begun.pk).update(state="claimed", claimed_at=timezone.now())
    ended = end_plan(actor=manager, plan_id=made.pk)
    assert sorted(draw.items.values_list("state", flat=True)) == ["claimed", "expired", "expired"]
    assert AuditEvent.objects.get(action="plan.ended").changes == {"expired": 2}
    assert end_plan(actor=manager, plan_id=made.pk).ended_at == ended.ended_at
    moves = [
        lambda: draw_plan(actor=manager, plan_id=made.pk, period_start=WEEK + timedelta(7)),
        lambda: pause_plan(actor=manager, plan_id=made.pk),
        lambda: resume_plan(actor=manager, plan_id=made.pk),
        lambda: change_plan(actor=manager, plan_id=made.pk, changes={"name": "No"}),
    ]
    for move in moves:
        with pytest.raises(Conflict) as refused:
            move()
        assert refused.value.code == "plan_ended"
    assert Draw.objects.filter(plan=made).count() == 1
    assert selectors.preview(ours.system, made).drawn == 0  # nothing was closed last week; it still tells


def test_a_copy_has_its_own_seed_and_no_draws(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 6)
    made = plan(
        ours,
        name="n" * 255,
        filter={"channel": "chat"},
        risk_filter={"tag": "vip"},
        risk_share=Decimal("0.3"),
        quota=quota("agent", "share", "0.5"),
        reviewer_teams=(ours.rows["team"].pk,),
    )
    draw_plan(actor=ours.system, plan_id=made.pk, period_start=WEEK)
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(deactivated_at=timezone.now())
    copy = clone_plan(actor=ours.actor("manager"), plan_id=made.pk)
    assert copy.seed != made.seed
    assert (copy.seed_given, copy.active, len(copy.name), copy.draws.count()) == (False, False, 255, 0)
    assert copy.name.startswith("Copy of nnn")
    for name in ("filter", "risk_filter", "risk_share", "quota_of", "quota_kind", "quota", "period"):
        assert getattr(copy, name) == getattr(SamplePlan.objects.get(pk=made.pk), name)
    assert copy.reviewer_rows.get().member_id == ours.people["reviewer"].pk
    assert copy.reviewer_teams.get() == ours.rows["team"]
    end_plan(actor=ours.system, plan_id=made.pk)
    assert clone_plan(actor=ours.actor("manager"), plan_id=made.pk).ended_at is None


def test_moves_are_for_who_may_plan_it(ours: Place, world: World) -> None:
    made, team = plan(ours), ours.rows["team"].pk
    of_team = plan(ours, filter={"team": team})
    for move in (pause_plan, resume_plan, end_plan):
        with pytest.raises(Refused):
            move(actor=ours.actor("lead"), plan_id=made.pk)
        with pytest.raises(Missing):
            move(actor=world["theirs"].actor("admin"), plan_id=made.pk)
        with pytest.raises(Stale):
            move(actor=ours.actor("manager"), plan_id=made.pk, if_match='"1-0"')
    with pytest.raises(Refused):
        clone_plan(actor=ours.actor("lead"), plan_id=made.pk)
    assert not pause_plan(actor=ours.actor("lead"), plan_id=of_team.pk).active


# --- what it would give -------------------------------------------------------------------------


@time_machine.travel("2026-04-14T12:00:00+02:00", tick=False)
@pytest.mark.parametrize(
    ("given", "drawn"),
    [
        (quota("agent", "number", "4"), 4 + 4 + 2),
        (quota("agent", "share", "0.25"), 10 + 3 + 1),
        (quota("agent", "precision", "10"), 12 + 7 + 2),  # 20 points of spread, frames of 40, 10 and 2
        (quota("total", "number", "15"), 15),
        (quota("total", "share", "0.5"), 26),
        (quota("reviewer", "number", "6"), 6 * 3),
    ],
)
def test_preview_of_each_quota(ours: Place, given: QuotaInput, drawn: int) -> None:
    for name, count in (("Cy", 40), ("Di", 10), ("Ed", 2)):
        conversations(ours, agent(ours, name), count)
    reviewers = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    made = plan(ours, quota=given, reviewers=reviewers, second_review_share=Decimal("0.5"))
    made.reviewer_rows.filter(member=reviewers[0]).update(weight=2)
    found = selectors.preview(ours.system, made)
    assert (found.drawn, found.agents, found.reviewers) == (drawn, 3, 2)
    assert found.second == (drawn + 1) // 2
    assert found.per_reviewer == pytest.approx((drawn + found.second) / 3)
    assert (found.minutes, found.hours) == (None, None)


@time_machine.travel("2026-04-14T12:00:00+02:00", tick=False)
def test_preview_before_the_first_period_and_of_a_change(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 20)
    manager = ours.actor("manager")
    later = plan(ours, starts_on=date(2026, 5, 4), per_agent=3)
    found = selectors.preview(ours.system, later)
    assert (found.period.first, found.drawn) == (WEEK, 3)
    by_days = plan(ours, period="days", period_days=9, starts_on=date(2026, 5, 4), per_agent=3)
    found = selectors.preview(ours.system, by_days)
    assert (found.period.first, found.period.last) == (date(2026, 4, 5), date(2026, 4, 13))
    more = preview_change(
        actor=manager, plan_id=later.pk, changes={"quota": quota("agent", "number", "7"), "name": "x"}
    )
    assert more.drawn == 7
    assert list(SamplePlan.objects.filter(pk=later.pk).values_list("quota", "name")) == [
        (Decimal(3), "Weekly sample")
    ]


@time_machine.travel("2026-04-14T12:00:00+02:00", tick=False)
def test_preview_tells_the_hours_from_measured_reviews(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 20)
    made = plan(ours, per_agent=10)
    review = ours.rows["review"]
    review.active_seconds = 360
    review.save()
    found = selectors.preview(ours.system, made)
    assert (found.minutes, found.hours) == (6, 1)


def test_how_many_queries_reading_plans_takes(ours: Place, django_assert_max_num_queries: Any) -> None:
    made = plan(ours, reviewer_teams=(ours.rows["team"].pk,))
    with django_assert_max_num_queries(3):
        found = selectors.plan(ours.system, made.pk)
        assert [row.member.name for row in found.reviewer_rows.all()] == ["Reviewer"]
        assert [team.name for team in found.reviewer_teams.all()] == ["Chat EU"]
    with django_assert_max_num_queries(14):
        selectors.preview(ours.system, made)
