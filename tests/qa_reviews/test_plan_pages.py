"""Pages of plans: made from scratch or from a filter, previewed, changed, paused, ended, copied, drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Agent
from qa_reviews.models import Draw, QueueItem, SamplePlan
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import QuotaInput, ReviewerInput, change_plan, end_plan, pause_plan
from qa_reviews.views.plan_forms import MOST_AGENTS
from tests.qa_reviews.samples import conversations, plan
from tests.world import Place, World

Browse = Callable[..., Client]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def at(name: str, sample: SamplePlan | None = None) -> str:
    return reverse(name, kwargs={"slug": "ours"} | ({} if sample is None else {"pk": sample.pk}))


def form(place: Place, **more: Any) -> dict[str, Any]:
    return {
        "name": "From the page",
        "kind": "standard",
        "scorecard": place.rows["scorecard"].pk,
        "period": "week",
        "automatic": "on",
        "quota": "4",
        "unit": "agent-number",
        "team": [place.rows["team"].pk],
        "channel": "chat, phone",
        "reviewee": "assignee",
        "assignment": "assigned",
        "risk_ready": ["reopened"],
        "risk_csat_max": "1.5",
        "risk_handling_min": "30",
        "risk_share": "25",
        "reviewers": [place.people["reviewer"].pk],
        "own_team": "on",
    } | more


def sent(response: Any) -> dict[str, Any]:
    """What the page's form would send if somebody pressed its button at once."""
    found: dict[str, Any] = {}
    shown = response.context["form"]
    for field in shown:
        value = field.value()
        if hasattr(field.field.widget, "value_omitted_from_data") and field.widget_type == "checkbox":
            if value:
                found[field.name] = "on"
        elif field.name in ("more", "risk_more"):
            found[field.name] = shown[field.name].as_widget().partition('value="')[2].partition('"')[0]
            found[field.name] = unescape(found[field.name])
        elif value not in (None, ""):
            found[field.name] = value
    return found


def test_a_plan_is_previewed_made_and_changed(ours: Place, browse: Browse) -> None:
    conversations(ours, ours.rows["agent"], 12)
    client = browse("manager")
    before = SamplePlan.objects.count()
    preview = client.post(at("plan-new"), form(ours, name="", preview="1"))
    assert preview.status_code == 200
    assert b"What it would give" in preview.content
    wrong = client.post(at("plan-new"), form(ours, quota="0", preview="1"))
    assert (wrong.status_code, "Must lie between 1 and 1000" in wrong.content.decode()) == (200, True)
    assert SamplePlan.objects.count() == before
    assert client.post(at("plan-new"), form(ours)).status_code == 302
    made = SamplePlan.objects.latest("pk")
    assert made.filter == {"team": [ours.rows["team"].pk], "channel": ["chat", "phone"]}
    assert made.risk_filter == [{"reopened_min": 1}, {"csat_max": "1.5"}, {"handling_min": 1800}]
    assert (str(made.risk_share), made.blind, made.automatic) == ("0.2500", False, True)
    shown = client.get(at("plan", made)).content.decode()
    assert "Chat EU" in shown
    assert "CSAT at most" in shown
    assert "4 conversations of each agent a week" in shown
    edit = client.get(at("plan-edit", made))
    begun = sent(edit)
    assert client.post(at("plan-edit", made), begun | {"name": "Changed", "quota": "5"}).status_code == 302
    changed = SamplePlan.objects.get(pk=made.pk)
    assert (changed.name, changed.quota, changed.risk_filter) == ("Changed", Decimal(5), made.risk_filter)
    assert "Changed" in client.get(at("plan-list")).content.decode()


def test_saving_a_plan_as_it_stands_changes_nothing(ours: Place, browse: Browse) -> None:
    made = plan(
        ours,
        filter={
            "team": [ours.rows["team"].pk],
            "attribute.plan": ["pro"],
            "messages_min": 3,
            "tag": ["a", "b"],
        },
        risk_filter=[{"csat_max": 2}, {"tag": ["angry"]}, {"source": ["mail"], "agents_min": 2}],
        risk_share=Decimal("0.35"),
        period="month",
        weekly_parts=True,
        starts_on=date(2026, 4, 1),
        draw_time=time(7, 30),
        timezone="Asia/Tokyo",
        quota=QuotaInput(of="total", kind="share", value=Decimal("0.125")),
        reviewer_teams=(ours.rows["other_team"].pk,),
        assignment="pool",
        due_days=9,
        second_review_share=Decimal("0.1"),
    )
    weighted = {"reviewers": (ReviewerInput(ours.people["reviewer"].pk, Decimal("1.5")),)}
    change_plan(actor=ours.actor("manager"), plan_id=made.pk, changes=weighted)
    before = SamplePlan.objects.filter(pk=made.pk).values().get()
    client = browse("manager")
    shown = client.get(at("plan-edit", made))
    assert "plan: pro" in shown.content.decode()
    assert client.post(at("plan-edit", made), sent(shown)).status_code == 302
    assert SamplePlan.objects.filter(pk=made.pk).values().get() == before
    assert made.reviewer_rows.get().weight == Decimal("1.5")


def test_what_came_along_can_be_left_out(ours: Place, browse: Browse) -> None:
    made = plan(ours, filter={"messages_min": 3, "attribute.plan": ["pro"]}, risk_filter={"replies_min": 4})
    client = browse("manager")
    begun = sent(client.get(at("plan-edit", made)))
    assert begun["kept"] == ["messages_min", "attribute.plan"]
    client.post(at("plan-edit", made), begun | {"kept": ["attribute.plan"], "risk_kept": []})
    made.refresh_from_db()
    assert (made.filter, made.risk_filter) == ({"attribute.plan": ["pro"]}, None)


@pytest.mark.parametrize(
    "odd", [{"more": "[1]"}, {"more": "{"}, {"more": '{"agent": ["x"]}'}, {"risk_more": '{"a": 1}'}]
)
def test_hidden_fields_that_were_tampered_with_break_nothing(
    ours: Place, browse: Browse, odd: dict[str, str]
) -> None:
    for kept in ({}, {"kept": ["agent"]}, {"risk_kept": ["0"]}):
        answer = browse("manager").post(at("plan-new"), form(ours, **odd, **kept))
        assert answer.status_code in (302, 422)


def test_the_explorers_filter_is_taken_over(ours: Place, browse: Browse) -> None:
    query = {
        "channel": "chat",
        "csat_max": "2",
        "attribute.plan": "pro",
        "closed_from": "2026-01-01",
        "reviewed": "false",
        "team": str(ours.rows["team"].pk),
        "tag": "no,such",
        "order": "-closed_at",
        "columns": "agent",
        "handling_min": "many",
    }
    shown = browse("manager").get(at("plan-new"), query)
    text = shown.content.decode()
    assert (
        "A plan cannot filter by these, so they were left out: Closed from, Reviewed, Handling at least."
        in text
    )
    begun = sent(shown)
    assert (begun["channel"], begun["team"]) == ("chat", [ours.rows["team"].pk])
    assert set(begun["kept"]) == {"csat_max", "attribute.plan", "tag"}
    assert browse("manager").post(at("plan-new"), begun | {"name": "Taken over"}).status_code == 302
    assert SamplePlan.objects.get(name="Taken over").filter == {
        "channel": ["chat"],
        "team": [ours.rows["team"].pk],
        "tag": ["no,such"],
        "csat_max": "2",
        "attribute.plan": ["pro"],
    }


def test_a_new_plan_begins_with_what_is_usual(ours: Place, browse: Browse) -> None:
    begun = sent(browse("manager").get(at("plan-new")))
    assert (begun["quota"], begun["unit"], begun["period"], begun["automatic"]) == (
        "5",
        "agent-number",
        "week",
        "on",
    )
    assert begun["risk_ready"] == ["low_csat", "reopened"]
    reviewers = {ours.people["reviewer"].pk, ours.people["second_reviewer"].pk}
    assert set(begun["reviewers"]) == reviewers
    assert "team" not in begun
    assert sent(browse("lead").get(at("plan-new")))["team"] == [ours.rows["team"].pk]
    refused = browse("lead").post(at("plan-new"), begun | {"name": "All"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["team"])
    assert "This plan reaches beyond your teams." in refused.content.decode()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"quota": "0"}, "quota"),
        ({"quota": "150", "unit": "total-share"}, "quota"),
        ({"period": "days", "starts_on": "2026-04-01"}, "period_days"),
        ({"period": "days", "period_days": "3"}, "starts_on"),
        ({"starts_on": "2026-04-02", "ends_on": "2026-04-01"}, "ends_on"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"seed": "a\tb"}, "seed"),
        ({"unit": "reviewer-number", "reviewers": []}, "reviewers"),
        ({"name": " "}, "name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    ours: Place, browse: Browse, more: dict[str, Any], field: str
) -> None:
    answer = browse("manager").post(at("plan-new"), form(ours, **more))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_a_filter_by_an_agent_is_kept_among_many(ours: Place, browse: Browse) -> None:
    """With more agents than are offered one by one."""
    Agent.objects.bulk_create(
        Agent(workspace=ours.workspace, source="helpdesk", external_id=f"m-{n}", name=f"Many {n}")
        for n in range(MOST_AGENTS)
    )
    address = f"{at('plan-new')}?agent={ours.rows['agent'].pk}"
    begun = sent(browse("manager").get(address))
    assert browse("manager").post(address, begun | {"name": "Of Ana"}).status_code == 302
    assert SamplePlan.objects.get(name="Of Ana").filter == {"agent": [ours.rows["agent"].pk]}


def test_peers_are_told_at_their_own_field(ours: Place, browse: Browse) -> None:
    """The field of reviewers is out of sight then."""
    own_team = {"kind": "peer", "peers": [ours.people["agent"].pk], "assignment": "pool"}
    del (asked := form(ours, **own_team))["own_team"]
    refused = browse("manager").post(at("plan-new"), asked)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["peers"])


def test_peers_keep_their_weights(ours: Place, browse: Browse) -> None:
    member = ours.people["agent"].pk
    made = plan(ours, kind="peer", reviewers=(member,))
    weighted = {"reviewers": (ReviewerInput(member, Decimal("2.5")),)}
    change_plan(actor=ours.actor("manager"), plan_id=made.pk, changes=weighted)
    client = browse("manager")
    begun = sent(client.get(at("plan-edit", made)))
    assert client.post(at("plan-edit", made), begun | {"name": "New"}).status_code == 302
    assert made.reviewer_rows.get().weight == Decimal("2.5")
    client.post(at("plan-edit", made), begun | {f"peer_weight_{member}": "3", "assignment": "pool"})
    made.refresh_from_db()
    assert (made.reviewer_rows.get().weight, made.assignment) == (Decimal(3), "assigned")


def test_peers_are_chosen_apart_from_reviewers(ours: Place, browse: Browse) -> None:
    client = browse("manager")
    peers = {"kind": "peer", "team": [], "peers": [ours.people["agent"].pk]}
    del (asked := form(ours, name="Peers", **peers))["own_team"]
    assert client.post(at("plan-new"), asked).status_code == 302
    made = SamplePlan.objects.get(name="Peers")
    assert [each.member_id for each in made.reviewer_rows.all()] == [ours.people["agent"].pk]
    assert (made.kind, made.own_team) == ("peer", False)
    assert client.post(at("plan-edit", made), sent(client.get(at("plan-edit", made)))).status_code == 302
    assert made.reviewer_rows.count() == 1


def test_a_plan_is_paused_started_again_copied_and_ended(ours: Place, browse: Browse) -> None:
    made = plan(ours)
    client = browse("manager")
    client.post(at("plan-pause", made))
    assert "Start again" in client.get(at("plan", made)).content.decode()
    client.post(at("plan-resume", made))
    made.refresh_from_db()
    assert made.active
    copied = client.post(at("plan-clone", made))
    copy = SamplePlan.objects.latest("pk")
    assert copied["Location"] == at("plan-edit", copy)
    assert (copy.name, copy.active) == ("Copy of Weekly sample", False)
    client.post(at("plan-end", made))
    shown = client.get(at("plan", made)).content.decode()
    assert "Ended" in shown
    assert "The plan has ended. Copy it to sample on." in shown
    again = client.post(at("plan-resume", made), follow=True).content.decode()
    assert "The plan has ended." in again
    assert client.get(at("plan-edit", made)).status_code == 409


def test_ended_plans_come_last(ours: Place, browse: Browse) -> None:
    manager = ours.actor("manager")
    over, paused = plan(ours, name="A, over"), plan(ours, name="B, paused")
    end_plan(actor=manager, plan_id=over.pk)
    pause_plan(actor=manager, plan_id=paused.pk)
    plan(ours, name="C, active")
    names = [line["plan"].name for line in browse("manager").get(at("plan-list")).context["lines"]]
    assert names[-2:] == ["B, paused", "A, over"]
    assert "C, active" in names[:-2]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"quota": QuotaInput(kind="precision", value=Decimal("7.5"))},
            "enough to know each agent to ±7.5 points a week",
        ),
        ({"quota": QuotaInput(value=Decimal(1))}, "1 conversation of each agent a week"),
        ({"risk_filter": {"tag": "vip"}, "risk_share": Decimal("0.125")}, "12.5 % of the sample"),
        ({"second_review_share": Decimal("0.004")}, "0.4 % of the sample"),
        ({"timezone": "Asia/Tokyo"}, "Time in Asia/Tokyo."),
    ],
)
def test_the_rule_in_words(ours: Place, browse: Browse, given: dict[str, Any], says: str) -> None:
    assert says in browse("manager").get(at("plan", plan(ours, **given))).content.decode()


@time_machine.travel("2026-05-20T12:00:00+02:00", tick=False)
def test_only_periods_that_can_be_drawn_are_offered(ours: Place, browse: Browse) -> None:
    made, manager = plan(ours), ours.actor("manager")
    draw_plan(actor=manager, plan_id=made.pk, period_start=date(2026, 4, 27))  # until 3 May
    change_plan(actor=manager, plan_id=made.pk, changes={"period": "month"})
    client = browse("manager")
    offered = client.get(at("plan", made)).context["form"].fields["period_start"].widget.choices
    assert [str(first) for first, _words in offered][:2] == ["2026-03-01", "2026-02-01"]
    refused = client.post(at("plan-draw", made), {"period_start": "2026-04-27"}, follow=True)
    assert refused.status_code == 200  # drawn already: the draw
    refused = client.post(at("plan-draw", made), {"period_start": "2026-04-20"}, follow=True)
    assert "No period of the plan starts on 2026-04-20" in refused.content.decode()


@time_machine.travel("2026-04-22T12:00:00+02:00", tick=False)
def test_the_page_says_what_is_drawn_next_and_draws(ours: Place, browse: Browse) -> None:
    conversations(ours, ours.rows["agent"], 8)
    made = plan(ours)
    client = browse("manager")
    shown = client.get(at("plan", made)).content.decode()
    assert "The next draw is of 20 Apr 2026 to 26 Apr 2026, on 27 Apr 2026 at 06:00." in shown
    assert client.post(at("plan-draw", made), {"period_start": "2026-04-06"}).status_code == 302
    draw = Draw.objects.get(plan=made)
    shown = client.get(at("plan", made)).content.decode()
    assert reverse("draw-board", kwargs={"slug": "ours", "pk": draw.pk}) in shown
    assert "6 Apr 2026 to 12 Apr 2026" in shown
    assert QueueItem.objects.filter(draw=draw).count() == 5
    end_plan(actor=ours.actor("manager"), plan_id=made.pk)
    assert set(QueueItem.objects.filter(draw=draw).values_list("state", flat=True)) == {"expired"}
