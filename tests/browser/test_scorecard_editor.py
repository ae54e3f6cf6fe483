"""The editor of a draft in a real browser: keyboard, findings beside their fields, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from scorecards import services
from scorecards.models import ScorecardVersion
from scorecards.ready import SUPPORT_QUALITY
from tests.world import Place

SignIn = Callable[[str], Page]


@pytest.fixture
def draft(ours: Place) -> ScorecardVersion:
    _, version = services.create_scorecard(actor=ours.system, name="Voice", definition=SUPPORT_QUALITY)
    return version


@pytest.fixture
def editor(sign_in: SignIn, live_server: LiveServer, draft: ScorecardVersion) -> Page:
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/scorecards/{draft.scorecard_id}/versions/1/edit/")
    expect(page.locator("[data-part=category]")).to_have_count(9)
    return page


def category(page: Page, place: int) -> Locator:
    return page.locator("[data-part=category]").nth(place)


def save(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The draft is saved.")).to_be_visible()


def test_saving_untouched_changes_nothing(editor: Page, draft: ScorecardVersion) -> None:
    save(editor)
    before = draft.definition
    draft.refresh_from_db()
    assert draft.definition == before


def test_a_category_is_added_moved_and_saved(editor: Page, draft: ScorecardVersion) -> None:
    editor.get_by_role("button", name="Add a category").first.click()
    editor.keyboard.type("Grüße und Abschied")
    added = category(editor, 2)
    added.locator("[data-field=scale]").select_option("")
    expect(added.locator("[data-part=option]")).to_have_count(5)
    added.locator("[data-field=critical]").select_option("group")
    added.locator(":scope > .sc-tools [data-move='-1']").click()
    expect(editor.locator("[data-said]")).to_have_text("Moved to place 2 of 3")
    save(editor)
    draft.refresh_from_db()
    saved = draft.definition["groups"][0]["categories"]
    assert [each["key"] for each in saved] == ["tone", "grusse-und-abschied", "empathy"]
    assert (saved[1]["critical"], len(saved[1]["options"]), saved[1]["weight"]) == ("group", 5, "10")


def test_what_is_wrong_is_said_beside_the_field(editor: Page, draft: ScorecardVersion) -> None:
    first = category(editor, 0)
    first.locator("summary").first.click()
    weight = first.locator("[data-field=weight]")
    weight.fill("1000")
    expect(first.get_by_text("Must be from 0 to 100.")).to_be_visible()
    expect(weight).to_have_attribute("aria-invalid", "true")
    first.locator("summary").first.click()
    editor.get_by_role("button", name=re.compile("To fix")).click()
    expect(weight).to_be_focused()
    weight.fill("12,5")
    expect(first.get_by_text("Must be from 0 to 100.")).to_be_hidden()
    save(editor)
    draft.refresh_from_db()
    assert draft.definition["groups"][0]["categories"][0]["weight"] == "12.5"


def test_a_refused_save_keeps_what_was_typed(editor: Page, troubles: list[str]) -> None:
    first = category(editor, 0)
    first.locator("summary").first.click()
    first.locator("[data-field=name]").fill("")
    first.get_by_label("What to look for").fill("Typed with care")
    editor.keyboard.press("Control+Enter")
    expect(editor.get_by_text("There is a problem")).to_be_visible()
    first.locator("summary").first.click()
    expect(first.get_by_label("What to look for")).to_have_value("Typed with care")
    expect(first.locator("[data-field=name]")).to_have_attribute("aria-invalid", "true")
    troubles[:] = [each for each in troubles if "422" not in each]


def test_removing_can_be_undone(editor: Page) -> None:
    name = category(editor, 1).locator("[data-shown=name]")
    expect(name).to_have_text("Empathy")
    category(editor, 1).locator(":scope > .sc-tools [data-remove]").click()
    expect(editor.locator("[data-part=category]")).to_have_count(8)
    editor.get_by_role("button", name="Undo").click()
    expect(name).to_have_text("Empathy")


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_their_width(
    sign_in: SignIn, live_server: LiveServer, draft: ScorecardVersion, width: int
) -> None:
    page = sign_in("manager")
    page.set_viewport_size({"width": width, "height": 800})
    card = f"{draft.scorecard_id}/"
    for path in ("", "new/", card, f"{card}versions/1/edit/"):
        page.goto(f"{live_server.url}/w/ours/scorecards/{path}")
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
