"""The inbox and the settings of notices in a real browser: by keyboard, at both widths, for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from notices import services
from notices.models import ChatWebhook, Delivery, Notice
from tests.world import Place

SignIn = Callable[[str], Page]
WIDTHS = {"wide": (1280, 800), "narrow": (390, 844)}
SERIOUS = {"serious", "critical"}


@pytest.fixture
def full(ours: Place) -> Place:
    """New and read notices, a chat in trouble, and deliveries of each state."""
    agent, admin = ours.rows["agent"].pk, ours.people["admin"].pk
    services.notify_agent(agent_id=agent, kind="review_submitted", subject=ours.rows["review"], key="new")
    services.notify_agent(agent_id=agent, kind="review_revised", subject=ours.rows["review"], key="read")
    services.mark_read(actor=ours.actor("agent"), notice_id=Notice.objects.get(key="read").pk)
    chat = ChatWebhook.objects.create(
        workspace=ours.workspace,
        url="https://hooks.example.com/secret-abcd",
        problem="The chat answered 500.",
    )
    services.notify(recipients=[admin], kind="chat_webhook_paused", subject=chat, key="paused")
    for state in Delivery.State:
        Delivery.objects.create(
            workspace=ours.workspace,
            channel="email",
            member=ours.people["agent"],
            message_id=f"<{state}>",
            state=state,
            error="The mail server: SMTPConnectError: (421, b'busy')" if state == "dead" else "",
        )
    return ours


@pytest.mark.parametrize("size", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize(
    ("person", "path"),
    [
        ("agent", "inbox/"),
        ("admin", "inbox/"),
        ("agent", "settings/notices/"),
        ("admin", "settings/notices/"),
        ("admin", "settings/notices/workspace/"),
    ],
)
def test_axe_finds_nothing_serious_and_nothing_overflows(
    full: Place,
    sign_in: SignIn,
    live_server: LiveServer,
    size: tuple[int, int],
    person: str,
    path: str,
) -> None:
    page = sign_in(person)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{live_server.url}/w/ours/{path}")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in SERIOUS] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_inbox_by_keyboard(full: Place, sign_in: SignIn, live_server: LiveServer) -> None:
    page = sign_in("agent")
    page.goto(f"{live_server.url}/w/ours/inbox/")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="A conversation of yours was reviewed")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="A coaching assignment for you")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reviews/{full.rows['review'].pk}/")
    page.goto(f"{live_server.url}/w/ours/inbox/")
    expect(page.get_by_role("region", name="New").get_by_role("link")).to_have_count(1)


def test_boxes_are_kept(full: Place, sign_in: SignIn, live_server: LiveServer) -> None:
    page = sign_in("agent")
    page.goto(f"{live_server.url}/w/ours/settings/notices/")
    box = page.get_by_role("checkbox", name="E-mail: New reviews")
    expect(box).to_be_checked()
    box.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("checkbox", name="E-mail: New reviews")).not_to_be_checked()
