"""How members are told: their own choices, the workspace's defaults and locks, by API and in pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from common.errors import Refused
from notices import registry, selectors, services
from notices.models import Notice, NoticeChoice
from notices.selectors import Choice, settled
from notices.services import choices
from notices.services.choices import Change
from tests.notices.receiver import Chat
from tests.world import ApiClient, Place

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]
OWN, WORKSPACE = "/w/ours/settings/notices/", "/w/ours/settings/notices/workspace/"
REVIEWS = "review_submitted"


def kinds_of(answer: Any) -> dict[str, dict[str, Any]]:
    return {row["kind"]: row for row in answer.json()["kinds"]}


@pytest.mark.parametrize(
    ("default", "own", "expected"),
    [
        (None, None, Choice(True, True)),
        (None, (False, True), Choice(False, True)),
        ((True, False, False), None, Choice(True, False)),
        ((True, False, False), (False, True), Choice(False, True)),
        ((True, False, True), (False, True), Choice(True, False, locked=True)),
        ((False, False, True), None, Choice(False, False, locked=True)),
    ],
)
def test_which_choice_counts(
    default: tuple[bool, bool, bool] | None, own: tuple[bool, bool] | None, expected: Choice
) -> None:
    said = NoticeChoice(inbox=default[0], email=default[1], locked=default[2]) if default else None
    chosen = NoticeChoice(inbox=own[0], email=own[1]) if own else None
    assert settled(registry.kinds[REVIEWS], said, chosen) == expected


class TestPreferences:
    def test_each_role_finds_the_kinds_it_can_be_told_of(self, api: Api) -> None:
        told = {
            person: set(kinds_of(api(person).get("notice-preferences/")))
            for person in ("agent", "reviewer", "admin")
        }
        assert REVIEWS in told["agent"]
        assert "dispute_raised" not in told["agent"]
        assert {"dispute_raised", "mentioned"} <= told["reviewer"]
        assert REVIEWS not in told["reviewer"]
        assert "chat_webhook_paused" in told["admin"]
        assert "chat_webhook_paused" not in told["reviewer"]

    def test_a_change_keeps_the_rest(self, api: Api) -> None:
        client = api("agent")
        answer = client.patch("notice-preferences/", {"kinds": [{"kind": REVIEWS, "email": False}]})
        row = kinds_of(answer)[REVIEWS]
        assert (row["inbox"], row["email"], row["locked"]) == (True, False, False)
        client.patch("notice-preferences/", {"kinds": [{"kind": REVIEWS, "inbox": False}]})
        row = kinds_of(client.get("notice-preferences/"))[REVIEWS]
        assert (row["inbox"], row["email"]) == (False, False)
        assert kinds_of(api("other_agent").get("notice-preferences/"))[REVIEWS]["email"] is True
        assert NoticeChoice.objects.count() == 1

    @pytest.mark.parametrize("kind", ["dispute_raised", "nonsense"])
    def test_a_kind_he_is_never_told_of_is_refused(self, api: Api, kind: str) -> None:
        body = {"kinds": [{"kind": REVIEWS, "email": False}, {"kind": kind, "email": False}]}
        answer = api("agent").patch("notice-preferences/", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/kinds/1/kind"
        assert not NoticeChoice.objects.exists()

    def test_a_locked_kind_is_refused_and_stays_as_the_workspace_says(self, api: Api) -> None:
        body = {"kinds": [{"kind": REVIEWS, "email": True, "locked": True}]}
        assert api("admin").patch("notice-defaults/", body).status_code == 200
        refused = api("agent").patch("notice-preferences/", {"kinds": [{"kind": REVIEWS, "email": False}]})
        assert (refused.status_code, refused.json()["title"]) == (409, "Not possible in this state")
        assert kinds_of(api("agent").get("notice-preferences/"))[REVIEWS] | {"title": ""} == {
            "kind": REVIEWS, "title": "", "inbox": True, "email": True, "locked": True,
        }  # fmt: skip

    def test_members_do_not_lock(self, api: Api) -> None:
        answer = api("agent").patch("notice-preferences/", {"kinds": [{"kind": REVIEWS, "locked": True}]})
        assert answer.status_code == 422

    def test_the_service_itself_has_none(self, ours: Place) -> None:
        with pytest.raises(Refused):
            choices.set_preferences(actor=ours.system, changes=[Change(REVIEWS, email=False)])


class TestDefaults:
    def test_they_are_audited_with_before_and_after(self, ours: Place) -> None:
        actor = ours.actor("admin")
        choices.set_defaults(actor=actor, changes=[Change(REVIEWS, email=False, locked=True)])
        choices.set_defaults(actor=actor, changes=[Change(REVIEWS, email=False)])  # nothing new
        event = AuditEvent.objects.get(action="notices.defaults_updated")
        assert event.changes == {
            REVIEWS: [
                {"inbox": True, "email": True, "locked": False},
                {"inbox": True, "email": False, "locked": True},
            ]
        }

    def test_another_workspaces_do_not_count(self, ours: Place, world: Any) -> None:
        choices.set_defaults(actor=world["theirs"].actor("admin"), changes=[Change(REVIEWS, email=False)])
        member = ours.people["agent"].pk
        found = selectors.choices_of_members(ours.workspace.pk, REVIEWS, [member])
        assert found == {member: Choice(True, True)}


class TestInboxApi:
    def test_only_his_own_in_words(self, api: Api, ours: Place) -> None:
        (row,) = api("agent").get("notices/").json()["results"]
        assert row["title"] == "A coaching assignment for you"
        assert row["subject"] == {"type": "assignment", "id": ours.rows["assignment"].pk}
        assert api("manager").get("notices/").json()["results"] == []

    def test_filters_and_reading(self, api: Api, ours: Place) -> None:
        client, agent = api("agent"), ours.rows["agent"].pk
        services.notify_agent(agent_id=agent, kind=REVIEWS, subject=ours.rows["review"], key="k")
        (row,) = client.get("notices/", {"kind": REVIEWS}).json()["results"]
        read = client.post(f"notices/{row['id']}/read/").json()
        assert read["read_at"] is not None
        assert len(client.get("notices/", {"read": "false"}).json()["results"]) == 1
        assert client.post("notices/read/").json() == {"read": 1}
        assert client.get("notices/", {"read": "false"}).json()["results"] == []
        assert len(client.get("notices/", {"read": "true"}).json()["results"]) == 2

    @pytest.mark.parametrize("query", [{"read": "maybe"}, {"kind": "nonsense"}, {"nonsense": "1"}])
    def test_unknown_filters_are_refused(self, api: Api, query: dict[str, str]) -> None:
        assert api("agent").get("notices/", query).status_code == 422

    def test_a_silenced_kind_is_not_in_the_inbox_nor_counted(self, api: Api, ours: Place) -> None:
        client = api("agent")
        client.patch("notice-preferences/", {"kinds": [{"kind": REVIEWS, "inbox": False}]})
        agent = ours.rows["agent"].pk
        services.notify_agent(agent_id=agent, kind=REVIEWS, subject=ours.rows["review"], key="k")
        assert Notice.objects.filter(key="k").exists()
        assert client.get("notices/", {"kind": REVIEWS}).json()["results"] == []
        assert selectors.unread_count(ours.actor("agent")) == 1


class TestPages:
    def test_an_agent_saves_his_boxes_and_sees_no_tab_of_administrators(self, browse: Browse) -> None:
        client = browse("agent")
        page = client.get(OWN).content.decode()
        assert "New reviews" in page
        assert "/w/ours/settings/people/" not in page
        form = {f"{row.kind.name}-inbox": "on" for row in client.get(OWN).context["form"].kinds}
        assert client.post(OWN, form).status_code == 302
        saved = {row.kind.name: row.choice for row in client.get(OWN).context["form"].kinds}
        assert saved[REVIEWS] == Choice(inbox=True, email=False)

    def test_boxes_of_locked_kinds_cannot_be_changed(self, browse: Browse, ours: Place) -> None:
        choices.set_defaults(actor=ours.actor("admin"), changes=[Change(REVIEWS, locked=True)])
        client = browse("agent")
        assert "Your workspace decides" in client.get(OWN).content.decode()
        assert client.post(OWN, {}).status_code == 302
        saved = {row.kind.name: row.choice for row in client.get(OWN).context["form"].kinds}
        assert saved[REVIEWS] == Choice(inbox=True, email=True, locked=True)
        assert saved["mentioned"] == Choice(inbox=False, email=False)

    def test_an_administrator_sets_defaults_and_the_chat(self, browse: Browse, receiver: Chat) -> None:
        client = browse("admin")
        assert (
            client.post(WORKSPACE, {f"{REVIEWS}-inbox": "on", f"{REVIEWS}-locked": "on"}).status_code == 302
        )
        rows = {row.kind.name: row.choice for row in client.get(WORKSPACE).context["kinds_form"].kinds}
        assert rows[REVIEWS] == Choice(inbox=True, email=False, locked=True)
        chat = {"url": receiver.url, "kinds": ["dispute_raised"]}
        assert client.post(f"{WORKSPACE}chat/", chat).status_code == 302
        page = client.get(WORKSPACE).content.decode()
        assert "127.0.0.1 …abcd" in page
        assert "very-secret" not in page
        kept = client.post(f"{WORKSPACE}chat/", {"url": "", "kinds": []})  # the address that stands stays
        assert kept.status_code == 302
        client.post(f"{WORKSPACE}chat/test/")
        assert "Chat (test)" in client.get(WORKSPACE).content.decode()
        client.post(f"{WORKSPACE}chat/remove/")
        assert "127.0.0.1 …abcd" not in client.get(WORKSPACE).content.decode()

    def test_a_refused_address_is_explained_and_what_was_chosen_stays(self, browse: Browse) -> None:
        answer = browse("admin").post(
            f"{WORKSPACE}chat/", {"url": "https://10.0.0.1/x", "kinds": ["dispute_raised"]}
        )
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "The host is inside a private network" in page
        assert 'value="dispute_raised" aria-describedby' in page or "checked" in page
