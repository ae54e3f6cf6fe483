"""The draw: which conversations, who reviews them, and the ledger that proves it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection

from accounts.access import Actor, Role
from accounts.models import AuditEvent
from common.errors import Conflict, Invalid, Missing, Refused
from conversations.models import Conversation
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, Review, SamplePlan, Stratum
from qa_reviews.selectors import draws as selectors
from qa_reviews.selectors.ledgers import ledger as ledger_lines
from qa_reviews.selectors.ledgers import verify
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.queue import skip
from tests.qa_reviews.samples import WEEK, agent, answer, conversations, plan
from tests.world import Place, World, add_person


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def drawn(place: Place, of: SamplePlan, start: date = WEEK, person: str = "manager") -> Draw:
    return draw_plan(actor=place.actor(person), plan_id=of.pk, period_start=start)[0]


def picked(draw: Draw) -> set[int]:
    return set(draw.items.filter(second_of=None).values_list("conversation_id", flat=True))


def test_the_smallest_hashes_of_each_agent_are_drawn(ours: Place) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    frames = {ana: conversations(ours, ana, 40), bo: conversations(ours, bo, 3)}
    sample = plan(ours, per_agent=5)
    draw = drawn(ours, sample)
    assert draw.seed == f"2025-W10:{sample.pk}:2026-04-06"
    for owner, rows in frames.items():
        ids = [row.pk for row in rows]
        expected = dict(sampling.pick(draw.seed, ids, 5))
        items = draw.items.filter(agent=owner)
        assert {each.conversation_id: each.u for each in items} == expected
        assert {each.probability for each in items} == {min(5, len(ids)) / len(ids)}
        stratum = draw.strata.get(agent=owner)
        assert (stratum.frame, stratum.drawn, stratum.frame_ids) == (len(ids), min(5, len(ids)), ids)
    assert (draw.frame_total, draw.closed_total) == (43, 43)
    assert AuditEvent.objects.filter(action="draw.made", subject_id=draw.pk).count() == 1


def test_a_bigger_quota_contains_the_smaller(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 60)
    sample = plan(ours, per_agent=4)
    small = picked(drawn(ours, sample))
    Draw.objects.filter(plan=sample).delete()
    SamplePlan.objects.filter(pk=sample.pk).update(quota=9)
    assert small < picked(drawn(ours, sample))


def test_sql_and_python_give_the_same_order(ours: Place) -> None:
    ids = [row.pk for row in conversations(ours, ours.rows["agent"], 500)]
    draw = drawn(ours, plan(ours, per_agent=250, seed="100% {odd} 'seed' ü"))
    assert picked(draw) == {pk for pk, _ in sampling.pick(draw.seed, ids, 250)}
    assert verify(ours.system, draw.pk).matches


@pytest.mark.parametrize(
    ("quota", "share", "n_risk", "n_normal", "expected"),
    [
        (5, "0.6", 30, 170, {"risk": 3, "normal": 2}),
        (5, "0.9", 30, 170, {"risk": 4, "normal": 1}),
        (5, "0", 30, 170, {"risk": 1, "normal": 4}),
        (5, "0.6", 1, 9, {"risk": 1, "normal": 4}),
        (1, "0.6", 30, 170, {"normal": 1}),
        (5, "0.6", 6, 0, {"normal": 5}),
        (5, "0.6", 0, 6, {"normal": 5}),
        (5, "0.6", 1, 0, {"normal": 1}),
    ],
)
def test_bands(
    ours: Place, quota: int, share: str, n_risk: int, n_normal: int, expected: dict[str, int]
) -> None:
    owner = ours.rows["agent"]
    risky = {row.pk for row in conversations(ours, owner, n_risk, tags=["vip"])}
    conversations(ours, owner, n_normal)
    draw = drawn(ours, plan(ours, per_agent=quota, risk_filter={"tag": "vip"}, risk_share=Decimal(share)))
    assert {row.band: row.drawn for row in draw.strata.all()} == expected
    assert Counter(draw.items.values_list("band", flat=True)) == expected
    assert sum(row.frame for row in draw.strata.all()) == n_risk + n_normal
    if "risk" in expected:
        assert set(draw.strata.get(band="risk").frame_ids) == risky
    assert verify(ours.system, draw.pk).matches


def test_a_risk_is_a_low_answer_on_whatever_scale(ours: Place) -> None:
    owner = ours.rows["agent"]
    low, high, old = conversations(ours, owner, 3)
    answer(low, 0, (0, 1))
    answer(high, 2, (0, 2))
    answer(old, 1, latest=False)
    answer(old, 5)
    conversations(ours, owner, 5)
    draw = drawn(ours, plan(ours, risk_filter=[{"csat_max": 2}, {"reopened_min": 3}]))
    assert draw.strata.get(band="risk").frame_ids == [low.pk]


def test_the_frame_is_what_was_closed_in_the_period_and_is_somebodys(ours: Place) -> None:
    owner = ours.rows["agent"]
    inside = [
        *conversations(ours, owner, 2, day=WEEK),
        *conversations(ours, owner, 2, day=WEEK + timedelta(days=6)),
    ]
    conversations(ours, owner, 1, day=WEEK - timedelta(days=1))
    conversations(ours, owner, 1, day=WEEK + timedelta(days=7))
    conversations(ours, None, 1)
    conversations(ours, owner, 1, channel="email")
    opened = conversations(ours, owner, 1)[0]
    Conversation.objects.filter(pk=opened.pk).update(status="open")
    draw = drawn(ours, plan(ours, filter={"channel": ["chat", "phone"]}))
    assert picked(draw) == {row.pk for row in inside}
    assert (draw.frame_total, draw.closed_total) == (4, 6)


def test_most_active_reviewee(ours: Place) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    conversations(ours, ana, 3, most_active_agent=bo)
    draw = drawn(ours, plan(ours, reviewee="most_active", filter={"agent": bo.pk}))
    assert set(draw.items.values_list("agent", flat=True)) == {bo.pk}
    assert draw.frame_total == 3


def test_the_stratums_team_is_the_agents_on_the_last_day(ours: Place) -> None:
    owner = ours.rows["agent"]
    owner.memberships.update(ends_on=WEEK + timedelta(days=6))
    owner.memberships.create(
        workspace=ours.workspace, team=ours.rows["other_team"], starts_on=WEEK + timedelta(days=6)
    )
    conversations(ours, owner, 2)
    draw = drawn(ours, plan(ours))
    assert draw.strata.get().team == ours.rows["other_team"]
    assert {item.team for item in draw.items.all()} == {ours.rows["other_team"]}


def test_again_is_the_same_draw(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 20)
    sample = plan(ours)
    first, made = draw_plan(actor=ours.actor("manager"), plan_id=sample.pk, period_start=WEEK)
    conversations(ours, ours.rows["agent"], 20)
    again, made_again = draw_plan(actor=ours.actor("admin"), plan_id=sample.pk, period_start=WEEK)
    assert (made, made_again, again.pk) == (True, False, first.pk)
    assert again.items.count() == 5
    assert selectors.late(ours.system, again) == 20


def test_a_filter_that_matches_nothing_gives_an_empty_ledger(ours: Place) -> None:
    draw = drawn(ours, plan(ours, filter={"channel": "pigeon"}))
    assert (draw.frame_total, draw.items.count(), draw.strata.count()) == (0, 0, 0)
    assert verify(ours.system, draw.pk).matches


@pytest.mark.parametrize(
    ("now", "open_still"),
    [("2026-04-12T21:59:00+00:00", True), ("2026-04-12T22:01:00+00:00", False)],
)
def test_a_period_is_open_until_its_last_midnight_in_the_workspaces_zone(
    ours: Place, now: str, open_still: bool
) -> None:
    sample = plan(ours)
    with time_machine.travel(now, tick=False):
        if open_still:
            with pytest.raises(Conflict) as refused:
                drawn(ours, sample)
            assert refused.value.code == "period_open"
        else:
            assert drawn(ours, sample).items.first() is None


@pytest.mark.parametrize(("period", "day"), [("week", date(2026, 4, 7)), ("month", date(2026, 4, 6))])
def test_a_period_starts_on_its_first_day(ours: Place, period: str, day: date) -> None:
    with pytest.raises(Invalid) as wrong:
        drawn(ours, plan(ours, period=period), day)
    assert [(e.pointer, e.code) for e in wrong.value.errors] == [("/period_start", "not_a_period_start")]


def test_weeks_start_where_the_workspace_says(ours: Place) -> None:
    ours.workspace.settings.week_start = "sunday"
    ours.workspace.settings.save()
    draw = drawn(ours, plan(ours), date(2026, 4, 5))
    assert (draw.period_start, draw.period_end) == (date(2026, 4, 5), date(2026, 4, 11))


def test_draws_of_a_plan_share_no_day(ours: Place) -> None:
    sample = plan(ours)
    drawn(ours, sample)
    SamplePlan.objects.filter(pk=sample.pk).update(period="month")
    with pytest.raises(Conflict) as refused:
        drawn(ours, sample, date(2026, 4, 1))
    assert refused.value.code == "period_overlaps"


def test_a_paused_plan_is_not_drawn(ours: Place) -> None:
    sample = plan(ours, active=False)
    with pytest.raises(Conflict) as refused:
        drawn(ours, sample)
    assert refused.value.code == "plan_paused"


def test_a_lead_draws_within_his_teams_only(ours: Place) -> None:
    with pytest.raises(Refused):
        drawn(ours, plan(ours), person="lead")
    limited = plan(ours, filter={"team": ours.rows["team"].pk})
    assert drawn(ours, limited, person="lead").frame_total == 0
    with pytest.raises(Refused):
        drawn(ours, limited, person="other_lead")


def test_the_neighbour_sees_and_draws_nothing(world: World) -> None:
    sample = plan(world["ours"])
    conversations(world["theirs"], world["theirs"].rows["agent"], 5)
    assert drawn(world["ours"], sample).frame_total == 0
    with pytest.raises(Missing):
        drawn(world["theirs"], sample)


# --- by whom ------------------------------------------------------------------------------------


def test_items_go_evenly_to_the_reviewers(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 10)
    conversations(ours, ours.rows["other_agent"], 10)
    members = tuple(ours.people[name].pk for name in ("reviewer", "second_reviewer", "manager"))
    draw = drawn(ours, plan(ours, per_agent=9, reviewers=members))
    assert sorted(draw.allowed_reviewers) == sorted(members)
    assert Counter(draw.items.values_list("reviewer", flat=True)) == dict.fromkeys(members, 6)


def test_nobody_is_given_his_own_work(ours: Place) -> None:
    own = agent(ours, "Gil", ours.rows["team"])
    grader = add_person(ours, "gil", Role.REVIEWER, agent=own)
    conversations(ours, own, 9)
    draw = drawn(ours, plan(ours, per_agent=9, reviewers=(ours.people["reviewer"].pk, grader.pk)))
    assert set(draw.items.values_list("reviewer", flat=True)) == {ours.people["reviewer"].pk}


def test_nobody_is_given_others_in_his_own_conversation(ours: Place) -> None:
    """Of Gil's conversation, in which Ana wrote most, Ana's part is drawn: not for Gil to grade."""
    own = agent(ours, "Gil", ours.rows["team"])
    grader = add_person(ours, "gil", Role.REVIEWER, agent=own)
    conversations(ours, own, 4, most_active_agent=ours.rows["agent"])
    draw = drawn(ours, plan(ours, reviewee="most_active", reviewers=(grader.pk,)))
    assert {(each.agent, each.reviewer) for each in draw.items.all()} == {(ours.rows["agent"], None)}


def test_items_stay_unassigned_where_nobody_may_take_them(ours: Place) -> None:
    elsewhere = add_person(ours, "phone_grader", Role.REVIEWER, team=ours.rows["other_team"])
    conversations(ours, ours.rows["agent"], 3)
    draw = drawn(ours, plan(ours, reviewers=(elsewhere.pk,)))
    assert list(draw.items.values_list("reviewer", flat=True)) == [None] * 3


def test_second_reviews_go_to_another_reviewer(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 30)
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    half = Decimal("0.5")
    draw = drawn(ours, plan(ours, per_agent=10, reviewers=members, second_review_share=half))
    seconds = draw.items.exclude(second_of=None)
    pairs = [(each, draw.items.get(pk=each.second_of_id or 0)) for each in seconds]
    twice = sampling.second_items(draw.seed, picked(draw), half)
    assert {each.conversation_id for each in seconds} == set(twice)
    assert len(pairs) == 5
    assert all(second.reviewer_id != first.reviewer_id for second, first in pairs)
    assert all((second.u, second.probability) == (first.u, first.probability) for second, first in pairs)
    assert verify(ours.system, draw.pk).matches


def test_who_reviewed_a_conversation_already_is_not_given_it(ours: Place) -> None:
    row = conversations(ours, ours.rows["agent"], 1)[0]
    Review.objects.create(
        workspace=ours.workspace,
        conversation=row,
        agent_id=ours.rows["agent"].pk,
        reviewer=ours.people["reviewer"],
        scorecard=ours.rows["scorecard"],
        version=ours.rows["version"],
        state="submitted",
        submitted_at=row.closed_at,
        submitted_on=row.closed_on,
        closed_on=row.closed_on,
    )
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    draw = drawn(ours, plan(ours, reviewers=members))
    assert draw.items.get().reviewer == ours.people["second_reviewer"]


def test_who_reviewed_it_before_it_was_closed_anew_is_not_given_it(ours: Place) -> None:
    row = conversations(ours, ours.rows["agent"], 1)[0]
    Review.objects.create(
        workspace=ours.workspace,
        conversation=row,
        agent_id=ours.rows["agent"].pk,
        reviewer=ours.people["reviewer"],
        scorecard=ours.rows["scorecard"],
        version=ours.rows["version"],
        state="submitted",
        submitted_at=row.closed_at,
        submitted_on=row.closed_on,
        closed_on=WEEK - timedelta(days=30),
    )
    assert drawn(ours, plan(ours)).items.get().reviewer is None


# --- the proof ----------------------------------------------------------------------------------


@pytest.fixture
def ledger(ours: Place) -> Draw:
    owner = ours.rows["agent"]
    conversations(ours, owner, 8, tags=["vip"])
    conversations(ours, owner, 30)
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    share = Decimal("0.5")
    sample = plan(
        ours,
        per_agent=6,
        risk_filter={"tag": "vip"},
        risk_share=share,
        second_review_share=share,
        reviewers=members,
    )
    return drawn(ours, sample)


@pytest.mark.parametrize(
    "tampering",
    [
        "update qa_reviews_draw set seed = seed || 'x'",
        "update qa_reviews_draw set rule = 'other'",
        "update qa_reviews_draw set frame_total = frame_total + 1",
        "update qa_reviews_draw set terms = jsonb_set(terms, '{quota,value}', '\"7\"')",
        """update qa_reviews_draw set terms = jsonb_set(terms, '{risk_share}', '"0.9"')""",
        "update qa_reviews_stratum set frame = frame + 1 where band = 'risk'",
        "update qa_reviews_stratum set drawn = drawn - 1 where band = 'normal'",
        "update qa_reviews_stratum set frame_ids = frame_ids[2:] where band = 'normal'",
        "update qa_reviews_stratum set frame_ids = array_append(frame_ids, 1::bigint)",
        "update qa_reviews_queueitem set u = u + 1e-9 where second_of_id is null",
        "update qa_reviews_queueitem set probability = 1 where second_of_id is null",
        "update qa_reviews_queueitem set u = u / 2 where second_of_id is not null",
        "update qa_reviews_queueitem set band = 'normal'",
        "update qa_reviews_queueitem set team_id = null",
        "update qa_reviews_queueitem set order_hash = repeat('0', 32)",
        "delete from qa_reviews_queueitem where second_of_id is not null or band = 'risk'",
        "update qa_reviews_sampleplan set seed = 'another'",
    ],
)
def test_verify_finds_each_tampered_field(ours: Place, ledger: Draw, tampering: str) -> None:
    assert verify(ours.system, ledger.pk).matches
    with connection.cursor() as cursor:
        cursor.execute(tampering)
    verdict = verify(ours.system, ledger.pk)
    assert verdict.differences


def test_verify_finds_a_swapped_conversation(ours: Place, ledger: Draw) -> None:
    item = ledger.items.filter(second_of=None, band="normal").first()
    assert item is not None
    other = ledger.strata.get(band="normal").frame_ids
    swapped = next(pk for pk in other if pk not in picked(ledger))
    QueueItem.objects.filter(pk=item.pk).update(conversation_id=swapped)
    assert any(str(swapped) in each for each in verify(ours.system, ledger.pk).differences)


def test_verify_tells_which_frame_ids_are_gone(ours: Place, ledger: Draw) -> None:
    spare = next(pk for pk in ledger.strata.get(band="normal").frame_ids if pk not in picked(ledger))
    Conversation.objects.filter(pk=spare).delete()
    verdict = verify(ours.system, ledger.pk)
    assert (verdict.matches, verdict.gone) == (True, [spare])


def test_replacements_are_proved_too(ours: Place, ledger: Draw) -> None:
    item = ledger.items.filter(band="risk", second_of=None).first()
    assert item is not None
    skip(actor=ours.actor("manager"), item_id=item.pk, reason="not_reviewable")
    assert verify(ours.system, ledger.pk).matches
    ledger.items.filter(replaces=item).update(replaces=None)
    assert not verify(ours.system, ledger.pk).matches


def test_the_ledger_lets_a_third_party_recompute_the_draw(ours: Place, ledger: Draw) -> None:
    lines = [json.loads(json.dumps(line)) for line in ledger_lines(ours.system, ledger.pk)]
    head = lines[0]
    terms = head["terms"]
    recomputed = sampling.Ledger(
        seed=head["seed"],
        rule=head["rule"],
        quota=sampling.Quota.stored(terms["quota"]),
        share=Decimal(terms["risk_share"]),
        strata=[
            sampling.LedgerStratum(each["agent"], each["band"], each["frame_ids"], each["drawn"])
            for each in lines
            if each["kind"] == "stratum"
        ],
        items=[
            sampling.LedgerItem(
                each["conversation"], each["agent"], each["band"], each["u"], each["probability"]
            )
            for each in lines
            if each["kind"] == "item"
        ],
    )
    assert sampling.differences(recomputed) == []
    assert len(recomputed.items) == 6


def test_strata_count_what_happened_to_the_first_round(ours: Place, ledger: Draw) -> None:
    done, skipped = ledger.items.filter(band="risk", second_of=None)[:2]
    QueueItem.objects.filter(pk=done.pk).update(state="done")
    skip(actor=ours.actor("manager"), item_id=skipped.pk, reason="not_reviewable", comment="Spam")
    counts = ("frame", "drawn", "done", "not_reviewable", "replacements")
    assert selectors.strata(ours.system, ledger).values_list(*counts).get(band="risk") == (8, 3, 1, 1, 1)


def test_a_planner_of_some_teams_sees_their_strata_only(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 2)
    conversations(ours, ours.rows["other_agent"], 2, team=ours.rows["other_team"])
    draw = drawn(ours, plan(ours))
    lead = ours.actor("lead")
    assert [row.agent for row in selectors.strata(lead, draw)] == [ours.rows["agent"]]
    assert {row.agent_id for row in selectors.draw_items(lead, draw)} == {ours.rows["agent"].pk}
    kinds = Counter(line["kind"] for line in ledger_lines(lead, draw.pk))
    assert kinds == {"draw": 1, "stratum": 1, "sealed": 1, "item": 2}
    assert Stratum.objects.visible_to(Actor.system(ours.workspace)).filter(draw=draw).count() == 2
