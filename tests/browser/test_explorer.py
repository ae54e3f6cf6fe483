"""The explorer of conversations in a real browser: filters, count, rows by keyboard, at both widths
and in both themes, and without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import grave_findings
from tests.conversations.rows import bring, conversation, message, survey
from tests.world import Place

SignIn = Callable[[str], Page]
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}


@pytest.fixture
def full(ours: Place) -> Place:
    """A dozen conversations, with what filters need to offer something."""
    bring(
        ours.system,
        *[
            conversation(
                f"f{n}",
                subject=f"Refund for order {n}, please: the parcel came too late",
                topic="billing" if n % 2 else "shipping",
                tags=["vip", "angry", "second order", "gift"][: n % 5],
                closed_at=f"2026-04-{n + 1:02}T10:00:00+00:00",
                surveys=[survey(score=1 + n % 5)],
                messages=[message(str(m), "customer", m, "Where is my refund?") for m in range(n + 1)],
            )
            for n in range(12)
        ],
    )
    return ours


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", "?topic=billing&tag=vip&csat_max=3&order=-messages", "?q=nowhere"])
def test_nothing_grave_and_nothing_overflows(
    full: Place, sign_in: SignIn, live_server: LiveServer, size: tuple[int, int], scheme: str, query: str
) -> None:
    page = sign_in("manager")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{live_server.url}/w/ours/conversations/{query}")
    for opened in (None, "More filters", "Columns", "Views"):
        if opened:
            page.locator("summary", has_text=opened).click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), opened
        assert grave_findings(page) == [], opened


def test_filters_are_set_and_taken_away(full: Place, sign_in: SignIn, live_server: LiveServer) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/conversations/")
    expect(page.locator("output.found")).to_have_text("14 conversations")
    page.locator("#filter_topic").fill("billing")
    page.locator("#filter_agent_name").fill("ana silva")
    page.get_by_text("More filters").click()
    page.get_by_label("Messages at least").fill("6")
    page.get_by_label("CSAT at most (of 1 to 5)").select_option("3")
    page.get_by_role("button", name="Show", exact=True).last.click()
    address = page.url.split("?")[1]
    assert set(address.split("&")) == {
        "topic=billing",
        "messages_min=6",
        "csat_max=3",
        f"agent={full.rows['agent'].pk}",
    }
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("output.found")).to_have_text("3 conversations")
    page.get_by_role("link", name="Remove filter Messages at least: 6").click()
    expect(page.locator("output.found")).to_have_text("4 conversations")
    page.get_by_role("link", name="Make a sample plan of this").click()
    assert "/plans/new/?" in page.url
    assert "topic=billing" in page.url


def test_a_view_brings_filters_columns_and_order_back(
    full: Place, sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/conversations/?topic=billing")
    page.locator("summary", has_text="Columns").click()
    page.locator("#column_handling").check()
    page.locator("#column_channel").uncheck()
    page.get_by_role("button", name="Show these").click()
    page.locator("summary", has_text="Columns").click()
    page.get_by_label("Order", exact=True).select_option("Most messages first")
    page.get_by_role("button", name="Show these").click()
    kept = page.url.split("?")[1]
    page.locator("summary", has_text="Views").click()
    page.get_by_label("Name", exact=True).fill("Billing, longest first")
    page.get_by_role("button", name="Keep these filters").click()
    page.goto(f"{live_server.url}/w/ours/conversations/")
    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="Billing, longest first").click()
    assert page.url.split("?")[1] == kept
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Messages")
    expect(page.locator("tbody tr").first).to_contain_text("order 11")


def test_rows_by_keyboard(full: Place, sign_in: SignIn, live_server: LiveServer) -> None:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/conversations/")
    page.locator("h1").click()
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    focused = page.evaluate("document.activeElement.textContent")
    assert "order 10" in focused
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("order 10")


def test_on_a_phone_the_rarer_filters_wait_behind_one_press(
    full: Place, sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in("manager")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/w/ours/conversations/")
    expect(page.locator("#filter_q")).to_be_visible()
    expect(page.locator("#filter_topic")).to_be_hidden()
    page.get_by_text("More filters").click()
    expect(page.locator("#filter_topic")).to_be_visible()


def test_without_script_all_works(
    full: Place, sign_in: SignIn, live_server: LiveServer, browser: Browser
) -> None:
    cookies = sign_in("manager").context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": c["name"], "value": c["value"], "url": live_server.url} for c in cookies])
    page = context.new_page()
    page.goto(f"{live_server.url}/w/ours/conversations/")
    page.locator("#filter_agent_name").fill("Ana Silva")
    page.get_by_role("button", name="Show", exact=True).first.click()
    page.get_by_text("More filters").click()
    page.locator("#filter_tag").fill("angry")
    page.get_by_role("button", name="Show", exact=True).last.click()
    page.get_by_role("link", name="Count them").click()
    expect(page.locator("output.found")).to_have_text("6 conversations")
    context.close()
