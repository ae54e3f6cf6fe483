"""What people review, their goals, and when they are away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import selectors
from accounts.access import Role
from accounts.models import Absence, AuditEvent, Member, MemberRole
from accounts.services import absences, members, profiles
from common.errors import Invalid, Missing, Refused, Stale
from common.etags import etag
from conversations.models import Facet
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]
JULY = (date(2026, 7, 6), date(2026, 7, 17))


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def url(name: str, *args: Any) -> str:
    return reverse(name, args=["ours", *args])


def scope_reviewer(place: Place, team: str | None = "team") -> Member:
    """The reviewer, who now grades only one team."""
    row = place.rows[team] if team else None
    MemberRole.objects.filter(member=place.people["reviewer"]).update(team=row)
    return place.people["reviewer"]


# --- what somebody reviews --------------------------------------------------------------------------------


def test_a_profile_is_changed_and_audited(ours: Place) -> None:
    reviewer = ours.people["reviewer"]
    changes: members.MemberChanges = {
        "languages": [" en ", "de", "EN", ""],
        "channels": ["chat"],
        "topics": [],
        "goal_reviews": 12,
        "goal_period": "week",
    }
    members.update_member(actor=ours.actor("manager"), member_id=reviewer.pk, changes=changes)
    reviewer.refresh_from_db()
    assert (reviewer.languages, reviewer.channels, reviewer.topics) == (["en", "de"], ["chat"], [])
    assert (reviewer.goal_reviews, reviewer.goal_period) == (12, "week")
    event = AuditEvent.objects.get(action="member.updated")
    assert event.changes["goal_reviews"] == [None, 12]
    assert set(event.changes) == {"languages", "channels", "goal_reviews", "goal_period"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"languages": ["x" * 36]}, "/languages"),
        ({"channels": ["x" * 65]}, "/channels"),
        ({"topics": ["x" * 256]}, "/topics"),
        ({"topics": [f"topic {number}" for number in range(201)]}, "/topics"),
        ({"goal_reviews": 0}, "/goal_reviews"),
        ({"goal_reviews": 1001}, "/goal_reviews"),
        ({"goal_period": "month"}, "/goal_period"),
    ],
)
def test_wrong_values_are_named_and_change_nothing(ours: Place, changes: Any, pointer: str) -> None:
    reviewer = ours.people["reviewer"]
    given: Any = {"name": "New"} | changes
    with pytest.raises(Invalid) as found:
        members.update_member(actor=ours.actor("admin"), member_id=reviewer.pk, changes=given)
    assert [error.pointer for error in found.value.errors] == [pointer]
    assert Member.objects.get(pk=reviewer.pk).name == "Reviewer"


def test_leads_set_goals_in_their_teams_only(ours: Place) -> None:
    reviewer = scope_reviewer(ours)
    goal: members.MemberChanges = {"goal_reviews": 5}
    members.update_member(actor=ours.actor("lead"), member_id=reviewer.pk, changes=goal)
    assert Member.objects.get(pk=reviewer.pk).goal_reviews == 5
    with pytest.raises(Refused, match="who plans for his teams"):
        members.update_member(actor=ours.actor("other_lead"), member_id=reviewer.pk, changes=goal)
    everywhere = scope_reviewer(ours, None)
    with pytest.raises(Refused, match="who plans for his teams"):
        members.update_member(actor=ours.actor("lead"), member_id=everywhere.pk, changes=goal)
    agent = ours.people["agent"]  # his role is for all, but he works in the lead's team
    members.update_member(actor=ours.actor("lead"), member_id=agent.pk, changes=goal)


def test_names_and_roles_stay_an_administrators(ours: Place) -> None:
    reviewer = scope_reviewer(ours)
    for changes in ({"name": "X"}, {"agent": None}, {"goal_reviews": 3, "name": "X"}):
        with pytest.raises(Refused, match="change settings, people and keys"):
            members.update_member(actor=ours.actor("lead"), member_id=reviewer.pk, changes=changes)  # type: ignore[arg-type]
    assert Member.objects.get(pk=reviewer.pk).goal_reviews is None


def test_everybody_sets_his_own_goal_and_languages_and_no_more(ours: Place) -> None:
    actor = ours.actor("reviewer")
    profiles.update_own_profile(actor=actor, changes={"languages": ["fr"], "goal_reviews": 8})
    reviewer = Member.objects.get(pk=ours.people["reviewer"].pk)
    assert (reviewer.languages, reviewer.goal_reviews) == (["fr"], 8)
    with pytest.raises(Refused, match="not channels"):
        profiles.update_own_profile(actor=actor, changes={"channels": ["chat"]})
    with pytest.raises(Missing):  # he sees nobody else
        members.update_member(
            actor=actor, member_id=ours.people["second_reviewer"].pk, changes={"goal_reviews": 1}
        )


def test_nothing_changed_writes_nothing(ours: Place) -> None:
    profiles.update_own_profile(actor=ours.actor("reviewer"), changes={"languages": [], "goal_reviews": None})
    assert not AuditEvent.objects.filter(action="member.updated").exists()


def test_a_stale_etag_is_412(ours: Place) -> None:
    reviewer = ours.people["reviewer"]
    before = etag(reviewer)
    manager = ours.actor("manager")
    members.update_member(actor=manager, member_id=reviewer.pk, changes={"goal_reviews": 1}, if_match=before)
    with pytest.raises(Stale):
        members.update_member(
            actor=manager, member_id=reviewer.pk, changes={"goal_reviews": 2}, if_match=before
        )


# --- away -------------------------------------------------------------------------------------------------


def away(place: Place, person: str, member: str = "reviewer", days: tuple[date, date] = JULY) -> Absence:
    return absences.add_absence(
        actor=place.actor(person),
        member_id=place.people[member].pk,
        starts_on=days[0],
        ends_on=days[1],
        note=" Holidays ",
    )


@pytest.mark.parametrize("person", ["reviewer", "lead", "manager", "admin"])
def test_oneself_and_planners_say_when_somebody_is_away(ours: Place, person: str) -> None:
    found = away(ours, person)
    assert (found.starts_on, found.ends_on, found.note) == (*JULY, "Holidays")
    assert AuditEvent.objects.get(action="absence.added").changes["starts_on"] == "2026-07-06"
    absences.remove_absence(actor=ours.actor(person), absence_id=found.pk)
    assert not Absence.objects.filter(pk=found.pk).exists()
    assert AuditEvent.objects.get(action="absence.removed").subject_id == found.pk


def test_others_know_nothing_of_it(world: World, ours: Place) -> None:
    found = away(ours, "reviewer")
    for place, person in ((ours, "second_reviewer"), (ours, "agent"), (world["theirs"], "admin")):
        assert not selectors.find_absences(place.actor(person), member_ids=[found.member_id]).exists()
        with pytest.raises(Missing):
            absences.remove_absence(actor=place.actor(person), absence_id=found.pk)
    with pytest.raises(Missing):
        away(ours, "second_reviewer")


def test_days_away_go_forward_and_may_be_one(ours: Place) -> None:
    with pytest.raises(Invalid, match="before the first"):
        away(ours, "reviewer", days=(JULY[1], JULY[0]))
    assert away(ours, "reviewer", days=(JULY[0], JULY[0])).pk


def test_absences_are_found_by_member_and_days(ours: Place) -> None:
    found, manager = away(ours, "reviewer"), ours.actor("manager")
    theirs = ours.rows["absence"]
    assert list(selectors.find_absences(manager)) == [theirs, found]
    assert list(selectors.find_absences(manager, member_ids=[found.member_id])) == [found]
    assert list(selectors.find_absences(manager, first=JULY[1])) == [found]
    assert list(selectors.find_absences(manager, first=date(2026, 7, 18))) == []
    assert list(selectors.find_absences(manager, last=date(2026, 7, 5))) == [theirs]


# --- over the API -----------------------------------------------------------------------------------------


def test_me_says_and_sets_goal_and_languages(api: Api) -> None:
    reviewer = api("reviewer")
    said = reviewer.patch("me/", {"goal_reviews": 10, "goal_period": "week", "languages": ["en"]})
    assert said.status_code == 200
    shown = reviewer.get("me/").json()
    assert said.json() == shown
    assert (shown["goal_reviews"], shown["goal_period"], shown["languages"]) == (10, "week", ["en"])
    assert (shown["channels"], shown["topics"]) == ([], [])
    wrong = reviewer.patch("me/", {"goal_reviews": 0, "channels": ["chat"], "goal_period": "month"})
    assert {error["pointer"] for error in wrong.json()["errors"]} == {
        "/goal_reviews",
        "/channels",
        "/goal_period",
    }


def test_a_members_profile_over_the_api(ours: Place, api: Api) -> None:
    reviewer, manager = ours.people["reviewer"], api("manager")
    said = manager.patch(
        f"members/{reviewer.pk}/", {"channels": ["chat"], "topics": ["shipping"], "goal_reviews": 3}
    )
    assert said.status_code == 200
    shown = said.json()
    assert (shown["channels"], shown["topics"], shown["goal_reviews"]) == (["chat"], ["shipping"], 3)
    assert manager.patch(f"members/{reviewer.pk}/", {"name": "X"}).status_code == 403
    assert api("lead").patch(f"members/{reviewer.pk}/", {"goal_reviews": 4}).status_code == 403
    assert (
        api("admin").patch(f"members/{reviewer.pk}/", {"name": "Rita", "goal_reviews": None}).json()["name"]
        == "Rita"
    )


def test_absences_over_the_api(ours: Place, api: Api) -> None:
    reviewer, lead, pk = api("reviewer"), api("lead"), ours.people["reviewer"].pk
    body = {"starts_on": "2026-07-06", "ends_on": "2026-07-17", "note": "Holidays"}
    made = reviewer.post("absences/", body)
    assert made.status_code == 201
    assert made.json()["member"]["id"] == pk
    assert lead.get(f"absences/?member={pk}&from=2026-07-10&to=2026-07-10").json()["results"] == [made.json()]
    assert reviewer.get("absences/").json()["results"] == [made.json()]
    assert lead.post("absences/", body | {"member": pk}).status_code == 201
    other = reviewer.post("absences/", body | {"member": ours.people["lead"].pk})
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/member")
    wrong = reviewer.post("absences/", body | {"ends_on": "2026-07-05"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "before_start")
    assert reviewer.delete(f"absences/{made.json()['id']}/").status_code == 204
    assert reviewer.delete(f"absences/{made.json()['id']}/").status_code == 404


def test_the_new_settings_over_the_api(api: Api) -> None:
    admin = api("admin")
    said = admin.patch("settings/", {"peer_in_iqs": False, "claim_hours": 24}).json()
    assert (said["peer_in_iqs"], said["claim_hours"]) == (False, 24)
    for hours in (0, 169):
        wrong = admin.patch("settings/", {"claim_hours": hours})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/claim_hours")


# --- pages ------------------------------------------------------------------------------------------------


@pytest.fixture
def facets(ours: Place) -> None:
    named = {"language": ["en", "de"], "channel": ["chat", "email"], "topic": ["shipping"]}
    rows = [
        Facet(workspace=ours.workspace, kind=kind, value=value)
        for kind, values in named.items()
        for value in values
    ]
    Facet.objects.bulk_create(rows, ignore_conflicts=True)


def test_a_reviewer_keeps_his_languages_and_goal_himself(ours: Place, browse: Browse, facets: None) -> None:
    client = browse("reviewer")
    page = client.get(url("settings-reviewing")).content.decode()
    assert 'value="de"' in page
    assert 'name="channels"' not in page
    assert "Set by who plans" in page
    saved = client.post(
        url("settings-reviewing"),
        {"languages": ["en"], "more_languages": "pt-BR, fr", "goal_reviews": "9", "goal_period": "day"},
    )
    assert saved["Location"] == url("settings-reviewing")
    reviewer = Member.objects.get(pk=ours.people["reviewer"].pk)
    assert (reviewer.languages, reviewer.goal_reviews) == (["en", "pt-BR", "fr"], 9)
    again = client.get(url("settings-reviewing")).content.decode()
    assert 'value="pt-BR" id="id_languages_3" checked' in again.replace("  ", " ")
    wrong = client.post(url("settings-reviewing"), {"goal_reviews": "0", "goal_period": "day"})
    assert wrong.status_code == 422
    assert "error-summary" in wrong.content.decode()


def test_a_lead_sees_all_reviewers_and_changes_his_own(ours: Place, browse: Browse, facets: None) -> None:
    reviewer, client = scope_reviewer(ours), browse("lead")
    Member.objects.filter(pk=reviewer.pk).update(goal_reviews=7, goal_period="week", languages=["nl"])
    listed = client.get(url("settings-reviewers")).content.decode()
    assert "7 reviews a week" in listed
    assert "Second_Reviewer" in listed
    assert "Sunny Spare" not in listed  # an agent grades only what peers' plans give him
    page = client.get(url("settings-reviewer", reviewer.pk)).content.decode()
    assert 'name="topics"' in page
    saved = client.post(
        url("settings-reviewer", reviewer.pk),
        {"languages": ["nl"], "channels": ["chat"], "goal_reviews": "", "goal_period": "week"},
    )
    assert saved["Location"] == url("settings-reviewer", reviewer.pk)
    reviewer.refresh_from_db()
    assert (reviewer.languages, reviewer.channels, reviewer.goal_reviews) == (["nl"], ["chat"], None)
    second = ours.people["second_reviewer"].pk  # for the whole workspace: not only the lead's
    shown = client.get(url("settings-reviewer", second)).content.decode()
    assert "Only who plans for the teams of Second_Reviewer" in shown
    assert client.post(url("settings-reviewer", second), {"goal_period": "day"}).status_code == 403


def test_a_managers_own_page_has_everything(ours: Place, browse: Browse, facets: None) -> None:
    client = browse("manager")
    assert 'name="channels"' in client.get(url("settings-reviewing")).content.decode()
    client.post(url("settings-reviewing"), {"channels": ["email"], "goal_period": "week"})
    assert Member.objects.get(pk=ours.people["manager"].pk).channels == ["email"]


def test_days_away_are_added_and_taken_back_on_the_page(ours: Place, browse: Browse) -> None:
    client, reviewer = browse("reviewer"), ours.people["reviewer"]
    add = url("settings-absence-add", reviewer.pk)
    said = client.post(add, {"starts_on": "2099-07-06", "ends_on": "2099-07-17", "note": "Sea"})
    assert said["Location"] == url("settings-reviewing")
    page = client.get(url("settings-reviewing")).content.decode()
    assert "6 Jul 2099 to 17 Jul 2099" in page
    wrong = client.post(add, {"starts_on": "2099-07-06", "ends_on": "2099-07-05"})
    assert wrong.status_code == 422
    assert "The last day cannot be before the first." in wrong.content.decode()
    found = Absence.objects.get(member=reviewer)
    lead = browse("lead")
    removed = lead.post(url("settings-absence-remove", found.pk))
    assert removed["Location"] == url("settings-reviewer", reviewer.pk)
    assert not Absence.objects.filter(member=reviewer).exists()


def test_who_is_away_is_seen_in_the_list(ours: Place, browse: Browse) -> None:
    away(ours, "lead", days=(date(2026, 1, 1), date(2099, 7, 17)))
    assert "until 17 Jul" in browse("lead").get(url("settings-reviewers")).content.decode()


def test_settings_of_peers_claims_and_headline_are_saved_from_the_form(ours: Place, browse: Browse) -> None:
    client = browse("admin")
    page = client.get(url("settings"))
    assert "The plan whose draws give the IQS" in page.content.decode()
    form = page.context["form"]
    said = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in said.items() if value not in (None, False)}
    data |= {"claim_hours": "12", "headline_plan_id": ""}
    data.pop("peer_in_iqs")
    saved = client.post(url("settings"), data)
    assert saved.status_code == 302, saved.context["form"].errors
    settings = selectors.settings_of(ours.actor("admin"))
    assert (settings.claim_hours, settings.peer_in_iqs, settings.headline_plan_id) == (12, False, None)
    data |= {"headline_plan_id": str(ours.rows["plan"].pk)}
    client.post(url("settings"), data)
    assert selectors.settings_of(ours.actor("admin")).headline_plan_id == ours.rows["plan"].pk
    assert client.post(url("settings"), data | {"claim_hours": "0"}).status_code == 422


def test_agents_reach_the_page_too(browse: Browse) -> None:
    assert browse("agent").get(url("settings-reviewing")).status_code == 200
    assert browse("agent").get(url("settings-reviewers")).status_code == 403


def test_reviewers_are_who_may_grade(ours: Place) -> None:
    names = {member.name for member in selectors.reviewers(ours.actor("manager"))}
    assert names == {"Admin", "Manager", "Lead", "Other_Lead", "Reviewer", "Second_Reviewer"}
    MemberRole.objects.filter(member=ours.people["reviewer"]).update(role=Role.AGENT)
    Member.objects.filter(pk=ours.people["lead"].pk).update(deactivated_at="2026-01-01T00:00:00Z")
    left = {member.name for member in selectors.reviewers(ours.actor("manager"))}
    assert left == {"Admin", "Manager", "Other_Lead", "Second_Reviewer"}
