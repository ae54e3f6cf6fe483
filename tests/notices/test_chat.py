"""The workspace's chat: what is posted, to whom it is not, and what happens when it does not arrive."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.access import Actor
from accounts.models import AuditEvent, Member, WorkspaceSettings
from common.errors import Conflict, Invalid
from notices import chat as posting
from notices import services
from notices.chat import Line, payload
from notices.models import ChatWebhook, Delivery, Notice
from notices.services import chat as chats
from notices.services import deliveries
from qa_reviews.models import Review
from tests.notices.conftest import Deliver, make_due
from tests.notices.receiver import Chat, chat_server
from tests.world import ApiClient, Place

Api = Callable[..., ApiClient]
LINES = [
    Line("<!channel> & *Ana* [x](https://evil.example)", "https://q.example/1"),
    Line("b", "https://q.example/2"),
]


@pytest.fixture
def admin(ours: Place) -> Actor:
    return ours.actor("admin")


def tell(place: Place, kind: str = "review_submitted", key: str = "k") -> None:
    agent = place.rows["agent"].pk
    services.notify_agent(agent_id=agent, kind=kind, subject=place.rows["review"], key=key)


def posted(rows: list[Delivery]) -> list[Delivery]:
    return [row for row in rows if row.channel != "email"]


class TestShape:
    def test_slack_and_connectors_take_a_text(self) -> None:
        body = payload("hooks.slack.com", LINES)
        assert body == {
            "text": "&lt;!channel&gt; &amp; *Ana* [x](https://evil.example)\nhttps://q.example/1\n"
            "b\nhttps://q.example/2"
        }

    @pytest.mark.parametrize(
        "host",
        [
            "prod-00.westeurope.logic.azure.com",
            "default123.4f.environment.api.powerplatform.com",
            "api.powerautomate.com",
        ],
    )
    def test_workflows_of_teams_take_a_card_that_reads_no_markdown(self, host: str) -> None:
        (attachment,) = payload(host, LINES)["attachments"]
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        blocks = attachment["content"]["body"]
        assert {block["type"] for block in blocks} == {"RichTextBlock"}
        assert blocks[0]["inlines"][0]["text"] == LINES[0].text
        assert payload(host, LINES[:1])["attachments"][0]["content"]["actions"][0]["url"] == LINES[0].url

    def test_a_host_that_only_ends_alike_is_no_workflow(self) -> None:
        assert "text" in payload("evil-logic.azure.com.example", LINES)


class TestPosting:
    def test_a_chosen_kind_is_posted_with_its_link(self, ours: Place, chat: Chat, deliver: Deliver) -> None:
        tell(ours)
        (row,) = posted(deliver())
        assert (row.state, row.channel, row.member) == ("sent", "chat", None)
        link = f"http://127.0.0.1:8000/w/ours/reviews/{ours.rows['review'].pk}/"
        assert chat.texts == [f"A conversation of Ana Silva was reviewed\n{link}"]
        assert chat.paths == ["/hooks/very-secret-abcd"]
        assert chat.headers[0]["Plumbline-Message"] == row.message_id
        assert chat.headers[0]["Host"].startswith("127.0.0.1:")
        webhook = ChatWebhook.objects.get()
        assert webhook.sent_at is not None

    def test_what_happened_once_is_posted_once_however_many_are_told(
        self, ours: Place, chat: Chat, deliver: Deliver
    ) -> None:
        members = [ours.people[name].pk for name in ("reviewer", "lead", "manager")]
        for recipients in (members[:2], members):
            services.notify(
                recipients=recipients, kind="dispute_raised", subject=ours.rows["review"], key="k"
            )
        deliver()
        assert len(chat.bodies) == 1
        assert chat.texts[0].startswith("A review of Ana Silva was disputed\n")
        assert chat.texts[0].endswith("#dispute")

    def test_also_of_an_agent_without_a_log_in(self, ours: Place, chat: Chat, deliver: Deliver) -> None:
        Member.objects.filter(agent=ours.rows["agent"]).update(agent=None)
        tell(ours)
        deliver()
        assert len(chat.bodies) == 1

    def test_other_kinds_and_other_workspaces_are_not_posted(
        self, ours: Place, world: Any, chat: Chat, deliver: Deliver
    ) -> None:
        tell(ours, "review_revised")
        tell(world["theirs"])
        deliver()
        assert chat.bodies == []

    def test_no_score_no_comment_no_customer_and_no_reviewer(
        self, ours: Place, chat: Chat, deliver: Deliver
    ) -> None:
        """Whether or not the workspace hides reviewers: a room full of people reads along."""
        for number, hidden in enumerate((False, True)):
            WorkspaceSettings.objects.filter(workspace=ours.workspace).update(hide_reviewer=hidden)
            parameters = {"by": ours.people["reviewer"].pk}
            services.notify_agent(
                agent_id=ours.rows["agent"].pk,
                kind="dispute_resolved",
                subject=ours.rows["review"],
                key=f"k{number}",
                parameters=parameters,
            )
        deliver()
        assert len(chat.bodies) == 1
        lines = chat.texts[0].splitlines()
        assert lines[::2] == ["A dispute about a review of Ana Silva was answered"] * 2
        assert all(line.startswith("http://127.0.0.1:8000/w/ours/reviews/") for line in lines[1::2])

    @pytest.mark.parametrize(
        "change",
        [
            {"held": True},
            {"release_at": timezone.now() + timedelta(days=1)},
            {"state": "retracted", "retracted_at": timezone.now()},
        ],
    )
    def test_what_the_agent_may_not_see_yet_or_any_more_is_dropped(
        self, ours: Place, chat: Chat, deliver: Deliver, change: dict[str, Any]
    ) -> None:
        tell(ours)
        Review.objects.filter(pk=ours.rows["review"].pk).update(**change)
        (row,) = posted(deliver())
        assert (row.state, row.error) == ("dropped", deliveries.NOT_FOR_CHAT)
        assert chat.bodies == []

    def test_much_at_once_is_one_message_of_twenty_lines(
        self, ours: Place, chat: Chat, deliver: Deliver
    ) -> None:
        for number in range(23):
            tell(ours, key=f"k{number}")
        rows = posted(deliver())
        assert [row.notices.count() for row in rows] == [20, 3]
        assert [text.count("Ana Silva") for text in chat.texts] == [20, 3]


class TestTrouble:
    def test_a_redirect_is_not_followed(self, ours: Place, chat: Chat, deliver: Deliver) -> None:
        with chat_server() as elsewhere:
            chat.answers = [(307, {"Location": elsewhere.url})]
            tell(ours)
            (row,) = posted(deliver())
            assert elsewhere.bodies == []
        assert (row.state, row.attempts) == ("dead", 1)
        assert "Redirects are not followed" in row.error

    @pytest.mark.parametrize("status", [404, 410])
    def test_one_that_is_gone_is_paused_and_the_administrators_are_told(
        self, ours: Place, chat: Chat, deliver: Deliver, status: int
    ) -> None:
        chat.answers = [(status, {})]
        tell(ours)
        (row,) = posted(deliver())
        assert (row.state, row.error) == ("dead", f"The chat answered {status}.")
        assert ChatWebhook.objects.get().paused_at is not None
        told = Notice.objects.get(kind="chat_webhook_paused")
        assert told.recipient == ours.people["admin"]
        tell(ours, key="later")
        assert not Notice.objects.filter(recipient=None, key="later").exists()

    def test_what_may_heal_is_tried_again_and_then_given_up(
        self, ours: Place, chat: Chat, deliver: Deliver
    ) -> None:
        chat.answers = [(503, {})]
        tell(ours)
        for _ in range(deliveries.TRIES):
            (row,) = posted(deliver())
            make_due()
        row.refresh_from_db()
        assert (row.state, row.attempts, len(chat.bodies)) == ("dead", 8, 8)
        assert len({each["Plumbline-Message"] for each in chat.headers}) == 1

    def test_a_pause_that_is_asked_for_is_kept(self, ours: Place, chat: Chat, deliver: Deliver) -> None:
        chat.answers = [(429, {"Retry-After": "900"}), (200, {})]
        tell(ours)
        (row,) = posted(deliver())
        assert 890 < (row.due_at - timezone.now()).total_seconds() < 910
        make_due()
        assert [each.state for each in posted(deliver())] == ["sent"]

    def test_after_ten_failures_in_a_row_it_is_paused(
        self, ours: Place, chat: Chat, deliver: Deliver
    ) -> None:
        chat.answers = [(400, {})]
        for number in range(chats.PAUSE_AFTER + 2):
            tell(ours, key=f"k{number}")
            deliver()
        webhook = ChatWebhook.objects.get()
        assert (webhook.failures, len(chat.bodies)) == (chats.PAUSE_AFTER, chats.PAUSE_AFTER)
        assert webhook.paused_at is not None

    def test_an_arrival_counts_anew(self, ours: Place, chat: Chat, deliver: Deliver) -> None:
        chat.answers = [(400, {}), (200, {})]
        for key in ("a", "b"):
            tell(ours, key=key)
            deliver()
        webhook = ChatWebhook.objects.get()
        assert (webhook.failures, webhook.problem) == (0, "")

    def test_nobody_there_is_tried_again(self, ours: Place, chat: Chat, deliver: Deliver) -> None:
        ChatWebhook.objects.update(url="http://127.0.0.1:9/x")
        tell(ours)
        (row,) = posted(deliver())
        assert (row.state, row.error) == ("pending", "No answer: ConnectError")

    def test_an_address_that_turned_private_is_not_knocked_at(
        self, ours: Place, chat: Chat, deliver: Deliver, settings: Settings
    ) -> None:
        settings.NOTICES_ALLOW_PRIVATE_HOSTS = False
        for url in (chat.url, chat.url.replace("http:", "https:")):
            ChatWebhook.objects.update(url=url)
            tell(ours, key=url)
        assert {row.state for row in posted(deliver())} == {"dead"}
        assert chat.bodies == []

    def test_the_address_is_in_no_log_and_no_error(
        self, ours: Place, chat: Chat, deliver: Deliver, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        for status in (200, 500, 404):
            chat.answers = [(status, {})]
            tell(ours, key=str(status))
            deliver()
        assert "very-secret" not in caplog.text
        assert not Delivery.objects.filter(error__contains="secret").exists()
        assert not AuditEvent.objects.filter(changes__icontains="secret").exists()

    def test_a_wait_is_a_number_of_seconds_of_an_hour_at_most(self) -> None:
        assert [posting._wait(word) for word in ("30", "99999999999", "Wed, 21 Oct", "-1", "")] == [
            30, 3600, 0, 0, 0,
        ]  # fmt: skip


class TestAdministration:
    def test_a_test_message_arrives_and_ends_a_pause(
        self, ours: Place, admin: Actor, chat: Chat, deliver: Deliver
    ) -> None:
        ChatWebhook.objects.update(paused_at=timezone.now(), failures=10, problem="The chat answered 404.")
        chats.send_test(actor=admin)
        (row,) = deliver()
        assert (row.channel, row.state) == ("test", "sent")
        assert chat.texts[0].startswith("A test from Plumbline: messages of Ours arrive here.\n")
        webhook = ChatWebhook.objects.get()
        assert (webhook.paused_at, webhook.failures, webhook.problem) == (None, 0, "")

    def test_without_a_webhook_there_is_nothing_to_test(self, admin: Actor) -> None:
        with pytest.raises(Conflict):
            chats.send_test(actor=admin)

    @pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::1]", "169.254.169.254", "10.0.0.1"])
    def test_private_addresses_are_not_taken(self, admin: Actor, host: str) -> None:
        with pytest.raises(Invalid) as refused:
            chats.set_chat(actor=admin, url=f"https://{host}/x", kinds=[])
        assert refused.value.errors[0].pointer == "/url"

    def test_a_name_that_is_unknown_now_is_taken(self, admin: Actor) -> None:
        assert chats.set_chat(actor=admin, url="https://no-such-host.invalid/x").pk

    @pytest.mark.parametrize("kind", ["mentioned", "assignment_assigned", "nonsense"])
    def test_what_is_personal_is_nothing_for_the_chat(self, admin: Actor, receiver: Chat, kind: str) -> None:
        with pytest.raises(Invalid):
            chats.set_chat(actor=admin, url=receiver.url, kinds=[kind])

    def test_removed_it_gets_nothing_any_more(
        self, ours: Place, admin: Actor, chat: Chat, deliver: Deliver
    ) -> None:
        chat.answers = [(503, {})]
        tell(ours, key="tried")
        deliver()
        tell(ours, key="waiting")
        chats.remove_chat(actor=admin)
        make_due()
        assert [row.state for row in posted(deliver())] == ["dropped"]
        assert len(chat.bodies) == 1
        chats.remove_chat(actor=admin)  # again: nothing happens

    def test_the_api_never_gives_the_address(self, api: Api, receiver: Chat) -> None:
        client = api("admin")
        assert client.get("chat-webhook/").json()["url_hint"] is None
        assert client.post("chat-webhook/test/").status_code == 409
        missing = client.patch("chat-webhook/", {"kinds": []})
        assert missing.status_code == 422
        body = {"url": receiver.url, "kinds": ["dispute_raised"]}
        put = client.client.put(
            client.url("chat-webhook/"), body, content_type="application/json", headers=client.headers
        )
        assert put.status_code == 200
        given = client.get("chat-webhook/")
        assert given.json()["url_hint"] == "127.0.0.1 …abcd"
        assert given.json()["kinds"] == ["dispute_raised"]
        assert "very-secret" not in put.content.decode() + given.content.decode()
        asked = client.post("chat-webhook/test/")
        assert asked.status_code == 202
        assert client.get(f"jobs/{asked.json()['job']['id']}/").status_code == 200
        assert client.delete("chat-webhook/").status_code == 204
        assert client.get("chat-webhook/").json()["url_hint"] is None

    def test_the_audit_tells_who_changed_it(self, admin: Actor, receiver: Chat) -> None:
        chats.set_chat(actor=admin, url=receiver.url, kinds=["dispute_raised"])
        event = AuditEvent.objects.get(action="chat_webhook.set")
        assert event.changes["address"] == [None, "127.0.0.1 …abcd"]
