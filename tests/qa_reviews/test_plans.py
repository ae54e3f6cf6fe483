"""Sample plans: what is checked, what may change, what a quota will give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.models import AuditEvent, Member, WorkspaceSettings
from common.errors import Invalid, Missing, Refused, Stale
from qa_reviews import sampling
from qa_reviews.models import PlanReviewer, Review, SamplePlan
from qa_reviews.selectors import plans as selectors
from qa_reviews.selectors.spreads import ASSUMED_SD
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import PlanInput, QuotaInput, ReviewerInput, change_plan, create_plan
from scorecards.models import Scorecard
from tests.qa_reviews import samples
from tests.qa_reviews.samples import WEEK, agent, conversations, plan
from tests.world import Place, World


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def asked(place: Place, **given: Any) -> PlanInput:
    return samples.asked(**{"name": "Weekly", "scorecard": place.rows["scorecard"].pk} | given)


def test_a_plan_gets_its_seed_from_the_server(ours: Place) -> None:
    one = create_plan(actor=ours.actor("manager"), given=asked(ours))
    two = create_plan(actor=ours.actor("manager"), given=asked(ours))
    assert len(one.seed) == 32
    assert one.seed != two.seed
    assert not one.seed_given
    given = create_plan(actor=ours.actor("manager"), given=asked(ours, seed="2025-W10"))
    assert (given.seed, given.seed_given) == ("2025-W10", True)
    event = AuditEvent.objects.get(action="plan.created", subject_id=given.pk)
    assert "2025-W10" not in str(event.changes)


def test_what_is_not_said_comes_from_the_workspace_and_the_rule(ours: Place) -> None:
    settings = ours.workspace.settings
    settings.blind, settings.reviewee = False, "most_active"
    settings.save()
    made = create_plan(actor=ours.actor("manager"), given=asked(ours, risk_filter={"tag": "vip"}))
    assert (made.blind, made.reviewee, made.risk_share) == (False, "most_active", Decimal("0.2"))
    bigger = create_plan(
        actor=ours.actor("manager"), given=asked(ours, per_agent=10, risk_filter={"tag": "vip"})
    )
    assert bigger.risk_share == Decimal("0.4")


def test_the_first_plan_becomes_the_headline(ours: Place) -> None:
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(headline_plan_id=None)
    plan(ours, kind="peer", reviewers=())  # peers may count in no number
    first, _second = plan(ours), plan(ours)
    assert WorkspaceSettings.objects.get(workspace=ours.workspace).headline_plan_id == first.pk


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"name": " "}, "/name", "required"),
        ({"per_agent": 0}, "/quota/value", "out_of_range"),
        ({"per_agent": 1001}, "/quota/value", "out_of_range"),
        ({"risk_share": Decimal("0.2")}, "/risk_share", "without_risk_filter"),
        ({"risk_filter": {"tag": "a"}, "risk_share": Decimal("1.1")}, "/risk_share", "out_of_range"),
        ({"risk_filter": {"tag": "a"}, "risk_share": Decimal("0.12345")}, "/risk_share", "invalid"),
        ({"second_review_share": Decimal("-0.1")}, "/second_review_share", "out_of_range"),
        ({"filter": {"reviewed": True}}, "/filter/reviewed", "not_allowed_in_plan"),
        ({"risk_filter": [{"tag": "a"}, {"colour": "red"}]}, "/risk_filter/1/colour", "unknown_field"),
        ({"scorecard": 0}, "/scorecard", "not_found"),
        ({"reviewers": (0,)}, "/reviewers/0", "not_found"),
    ],
)
def test_wrong_fields_are_named(ours: Place, given: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as wrong:
        create_plan(actor=ours.actor("manager"), given=asked(ours, **given))
    assert [(each.pointer, each.code) for each in wrong.value.errors] == [(pointer, code)]


def test_reviewers_are_active_members_who_grade(ours: Place, world: World) -> None:
    left = ours.people["second_reviewer"]
    Member.objects.filter(pk=left.pk).update(deactivated_at="2026-01-01T00:00:00Z")
    people = (ours.people["reviewer"], left, ours.people["agent"], world["theirs"].people["reviewer"])
    with pytest.raises(Invalid) as wrong:
        create_plan(
            actor=ours.actor("manager"), given=asked(ours, reviewers=tuple(each.pk for each in people))
        )
    assert [(each.pointer, each.code) for each in wrong.value.errors] == [
        ("/reviewers/1", "cannot_grade"),
        ("/reviewers/2", "cannot_grade"),
        ("/reviewers/3", "not_found"),
    ]


def test_the_scorecard_needs_a_published_version(ours: Place) -> None:
    draft = Scorecard.objects.create(workspace=ours.workspace, name="Draft")
    with pytest.raises(Invalid) as wrong:
        create_plan(actor=ours.actor("manager"), given=asked(ours, scorecard=draft.pk))
    assert [each.code for each in wrong.value.errors] == ["not_published"]


def test_a_lead_plans_for_his_teams_only(ours: Place) -> None:
    lead, team = ours.actor("lead"), ours.rows["team"].pk
    made = create_plan(actor=lead, given=asked(ours, filter={"team": team}))
    for filter_json in (
        {},
        {"team": ours.rows["other_team"].pk},
        {"team": [team, ours.rows["other_team"].pk]},
    ):
        with pytest.raises(Refused) as refused:
            create_plan(actor=lead, given=asked(ours, filter=filter_json))
        assert refused.value.code == "scope"
        with pytest.raises(Refused):
            change_plan(actor=lead, plan_id=made.pk, changes={"filter": filter_json})
    with pytest.raises(Refused):
        create_plan(actor=ours.actor("reviewer"), given=asked(ours))


def test_a_change_acts_on_later_draws_only(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 20)
    sample = plan(ours, per_agent=3)
    draw = draw_plan(actor=ours.system, plan_id=sample.pk, period_start=WEEK)[0]
    second = ours.people["second_reviewer"].pk
    changes = {
        "quota": QuotaInput(value=Decimal(7)),
        "active": False,
        "reviewers": ReviewerInput.each([second]),
        "filter": {"channel": "chat"},
    }
    changed = change_plan(actor=ours.actor("manager"), plan_id=sample.pk, changes=changes)
    assert (changed.quota, changed.active, changed.seed) == (Decimal(7), False, "2025-W10")
    assert list(PlanReviewer.objects.filter(plan=sample).values_list("member_id", flat=True)) == [second]
    draw.refresh_from_db()
    assert (draw.terms["filter"], draw.items.count()) == ({}, 3)
    event = AuditEvent.objects.get(action="plan.changed")
    assert set(event.changes) == set(changes)
    assert [each["value"] for each in event.changes["quota"]] == ["3", "7"]


def test_a_share_goes_with_its_risk_filter(ours: Place) -> None:
    manager = ours.actor("manager")
    sample = plan(ours, risk_filter={"tag": "vip"}, risk_share=Decimal("0.5"))
    more = {"quota": QuotaInput(value=Decimal(8))}
    assert change_plan(actor=manager, plan_id=sample.pk, changes=more).risk_share == Decimal("0.5")
    plain = change_plan(actor=manager, plan_id=sample.pk, changes={"risk_filter": None})
    assert plain.risk_filter is None
    with pytest.raises(Invalid) as wrong:
        change_plan(actor=manager, plan_id=sample.pk, changes={"risk_share": Decimal("0.3")})
    assert [each.pointer for each in wrong.value.errors] == ["/risk_share"]
    again = change_plan(actor=manager, plan_id=sample.pk, changes={"risk_filter": [{"tag": "vip"}]})
    assert (again.risk_filter, again.risk_share) == ([{"tag": ["vip"]}], Decimal("0.2"))


def test_a_reviewer_who_left_does_not_block_a_change(ours: Place) -> None:
    sample = plan(ours)
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(deactivated_at="2026-01-01T00:00:00Z")
    assert change_plan(actor=ours.actor("manager"), plan_id=sample.pk, changes={"name": "New"}).name == "New"


def test_a_stale_or_foreign_change_is_refused(ours: Place, world: World) -> None:
    sample = plan(ours)
    with pytest.raises(Stale):
        change_plan(actor=ours.actor("manager"), plan_id=sample.pk, changes={"name": "x"}, if_match='"1-0"')
    with pytest.raises(Missing):
        change_plan(actor=world["theirs"].actor("admin"), plan_id=sample.pk, changes={"name": "x"})
    assert SamplePlan.objects.get(pk=sample.pk).name == sample.name


# --- what a quota will give ---------------------------------------------------------------------


@time_machine.travel("2026-04-14T12:00:00+02:00", tick=False)
def test_preview(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 40)
    conversations(ours, ours.rows["agent"], 10, tags=["vip"])
    conversations(ours, ours.rows["other_agent"], 3)
    conversations(ours, agent(ours, "Cy"), 50)
    conversations(ours, None, 2)
    sample = plan(ours, risk_filter={"tag": "vip"})
    found = selectors.preview(ours.system, sample)
    assert found.period.first == WEEK
    assert (found.closed_total, found.frame_total, found.risk_total) == (105, 103, 10)
    assert (found.agents, found.drawn, found.frame_per_agent) == (3, 5 + 3 + 5, 50)
    assert (found.sd, found.sd_assumed) == (ASSUMED_SD, True)
    assert found.half_width == pytest.approx(sampling.half_width_for(20, 5, 50))
    sample.filter = {"channel": ["pigeon"]}
    nothing = selectors.preview(ours.system, sample)
    assert (nothing.frame_total, nothing.drawn, nothing.half_width) == (0, 0, None)


@time_machine.travel("2026-04-14T12:00:00+02:00", tick=False)
def test_preview_learns_the_spread_from_reviews(ours: Place) -> None:
    conversations(ours, ours.rows["agent"], 20)
    sample = plan(ours, per_agent=12)
    draw = draw_plan(actor=ours.system, plan_id=sample.pk, period_start=WEEK)[0]
    for place, item in enumerate(draw.items.all()):
        Review.objects.create(
            workspace=ours.workspace,
            conversation=item.conversation,
            agent=item.agent,
            reviewer=ours.people["reviewer"],
            scorecard=ours.rows["scorecard"],
            version=ours.rows["version"],
            state="submitted",
            selection="random",
            queue_item=item,
            stratum=item.stratum,
            score=Decimal(70 if place % 2 else 90),
            submitted_at=item.conversation.closed_at,
            submitted_on=WEEK,
        )
    found = selectors.preview(ours.system, sample)
    assert not found.sd_assumed
    assert found.sd == round((12 * 100 / 11) ** 0.5, 4)
