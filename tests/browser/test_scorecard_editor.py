"""The builder of a draft in a real browser: keyboard, dragging, findings beside fields, nothing lost."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from scorecards import services
from scorecards.models import LibraryItem, ScorecardVersion
from scorecards.ready import STARTER, SUPPORT_QUALITY
from tests.browser.axe import grave_findings
from tests.world import Place

SignIn = Callable[[str], Page]

RICH: dict[str, Any] = {
    "start": "best",
    "groups": [
        {
            "key": "talk",
            "name": "Talk",
            "weight": "60",
            "categories": [
                {
                    "key": "tone",
                    "name": "Tone",
                    "options": [
                        {"key": "bad", "label": "Bad", "points": 0, "description": "Rude", "fails": True},
                        {"key": "good", "label": "Good", "points": 2},
                    ],
                    "critical": "group",
                    "tags": ["customer-critical", "brand"],
                    "root_causes": {
                        "negative": [
                            "Template",
                            {"cause": "Process", "details": ["No macro", "Wrong macro"]},
                        ],
                        "positive": ["Warm"],
                        "other": True,
                    },
                },
                {
                    "key": "repair",
                    "name": "Repair",
                    "comment_required": "negative",
                    "show_when": {
                        "channel": ["chat", "e-mail, letters"],
                        "csat": True,
                        "answers": {"tone": ["bad", "na"]},
                    },
                },
            ],
            "questions": [
                {"key": "read", "name": "Read it all", "answer": "instruction"},
                {
                    "key": "reason",
                    "name": "Reason",
                    "answer": "choice",
                    "choices": ["A", "B"],
                    "required": True,
                    "show_when": {"answers": {"repair": ["1"]}},
                },
            ],
        },
        {
            "key": "extra",
            "name": "Extra",
            "weight": "40",
            "categories": [
                {"key": "right", "name": "Right", "scale": "binary"},
                {"key": "wow", "name": "Wow", "kind": "bonus", "weight": "5", "allow_na": False},
            ],
        },
    ],
}


def draft_of(ours: Place, definition: object) -> ScorecardVersion:
    _, version = services.create_scorecard(actor=ours.system, name="Voice", definition=definition)
    return version


@pytest.fixture
def draft(ours: Place) -> ScorecardVersion:
    return draft_of(ours, SUPPORT_QUALITY)


Open = Callable[[ScorecardVersion], Page]


@pytest.fixture
def open_builder(sign_in: SignIn, live_server: LiveServer) -> Open:
    def enter(version: ScorecardVersion) -> Page:
        page = sign_in("manager")
        page.goto(f"{live_server.url}/w/ours/scorecards/{version.scorecard_id}/versions/1/edit/")
        expect(page.locator("[data-part=category]").first).to_be_visible()
        return page

    return enter


@pytest.fixture
def editor(open_builder: Open, draft: ScorecardVersion) -> Page:
    return open_builder(draft)


def category(page: Page, place: int) -> Locator:
    return page.locator("[data-part=category]").nth(place)


def field(row: Locator, name: str) -> Locator:
    return row.locator(f'[data-field="{name}"]').first


def unfold(row: Locator) -> None:
    row.locator("[data-toggle]").click()


def save(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-state]")).to_have_text(re.compile("^Saved at"))


def names(page: Page) -> list[str]:
    inputs = page.locator("[data-part=category] .sc-name input").all()
    return [each.input_value() for each in inputs]


@pytest.mark.parametrize("definition", [SUPPORT_QUALITY, RICH], ids=["support", "rich"])
def test_saving_untouched_changes_nothing(
    ours: Place, open_builder: Open, definition: dict[str, Any]
) -> None:
    version = draft_of(ours, definition)
    before = version.definition
    save(open_builder(version))
    version.refresh_from_db()
    assert version.definition == before


def test_a_card_is_built_by_keyboard_alone(
    ours: Place, sign_in: SignIn, live_server: LiveServer, troubles: list[str]
) -> None:
    version = draft_of(ours, STARTER)
    page = sign_in("manager")
    page.goto(f"{live_server.url}/w/ours/scorecards/{version.scorecard_id}/versions/1/edit/")
    expect(category(page, 0)).to_be_visible()
    keyboard = page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            focused = page.evaluate(
                "() => { const one = document.activeElement; const label = one.closest('label');"
                " return (one.getAttribute('aria-label') || one.textContent.trim()"
                " || one.querySelector?.('svg')?.getAttribute('aria-label') || '') + '|'"
                " + (label?.textContent ?? ''); }"
            )
            if name in focused:
                return
        raise AssertionError(f"no way to {name} by Tab")

    tab_to("Add a category")
    keyboard.press("Enter")
    keyboard.type("Grüße und Abschied")
    tab_to("Weight")
    keyboard.press("Control+A")
    keyboard.type("20")
    tab_to("What to look for")
    keyboard.type("A greeting and a goodbye")
    tab_to("When it fails")
    keyboard.press("ArrowDown")
    page.locator('[data-part="category"] .sc-name input').nth(1).focus()
    keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-said]")).to_have_text(re.compile("Moved to place 1 of 2"))
    assert page.evaluate("document.activeElement.value") == "Grüße und Abschied"
    save(page)
    version.refresh_from_db()
    made = version.definition["groups"][0]["categories"][0]
    assert (made["key"], made["weight"], made["critical"]) == ("grusse-und-abschied", "20", "group")
    assert made["description"] == "A greeting and a goodbye"
    keyboard.type(" jetzt")
    save(page)
    version.refresh_from_db()
    renamed = version.definition["groups"][0]["categories"][0]
    assert (renamed["key"], renamed["name"]) == ("grusse-und-abschied", "Grüße und Abschied jetzt")


def drag(page: Page, row: Locator, onto: Locator) -> None:
    """From the row's handle to just above the middle of another row."""
    start, end = row.locator("[data-handle]").first.bounding_box(), onto.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, start["y"] - 20, steps=4)
    page.mouse.move(end["x"] + 20, end["y"] + 4, steps=8)
    expect(page.locator(".sc-marker")).to_have_count(1)
    page.mouse.up()


def test_a_category_is_dragged_into_another_group(editor: Page, draft: ScorecardVersion) -> None:
    before = names(editor)
    drag(editor, category(editor, 2), category(editor, 1))
    assert names(editor) == [before[0], before[2], before[1], *before[3:]]
    expect(editor.locator("[data-said]")).to_have_text("Moved to place 2 of 3 in Style, voice and tone")
    save(editor)
    draft.refresh_from_db()
    keys = [each["key"] for each in draft.definition["groups"][0]["categories"]]
    assert keys == ["tone", "understanding", "empathy"]


def test_a_category_is_dragged_by_finger(editor: Page) -> None:
    before = names(editor)
    start = category(editor, 1).locator("[data-handle]").first.bounding_box()
    goal = category(editor, 0).bounding_box()
    assert start is not None
    assert goal is not None
    finger = editor.context.new_cdp_session(editor)
    x, y = start["x"] + 8, start["y"] + 8

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": left, "y": top} for left, top in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", (x, y))
    for share in range(1, 6):
        touch("touchMove", (x, y + (goal["y"] + 4 - y) * share / 5))
    expect(editor.locator(".sc-marker")).to_have_count(1)
    touch("touchEnd")
    assert names(editor) == [before[1], before[0], *before[2:]]


def test_escape_leaves_a_dragged_row_where_it_was(editor: Page) -> None:
    before = names(editor)
    box = category(editor, 1).locator("[data-handle]").first.bounding_box()
    assert box is not None
    editor.mouse.move(box["x"] + 5, box["y"] + 5)
    editor.mouse.down()
    editor.mouse.move(box["x"] + 5, box["y"] - 80, steps=5)
    editor.keyboard.press("Escape")
    editor.mouse.up()
    assert names(editor) == before
    expect(editor.locator(".sc-marker")).to_have_count(0)


def test_move_buttons_keep_the_focus(editor: Page) -> None:
    before = names(editor)
    down = category(editor, 1).get_by_role("button", name="Move down").first
    down.focus()
    editor.keyboard.press("Enter")
    assert names(editor)[:3] == before[:3]  # on into the next group, before its first
    expect(editor.locator("[data-said]")).to_have_text(re.compile("place 1 of 3 in Solution quality"))
    expect(category(editor, 1).get_by_role("button", name="Move down").first).to_be_focused()


def test_what_is_wrong_is_said_while_typing(editor: Page, draft: ScorecardVersion) -> None:
    first = category(editor, 0)
    weight = field(first, "weight")
    weight.fill("1000")
    expect(first.get_by_text("Must be from 0 to 100.")).to_be_visible()
    expect(weight).to_have_attribute("aria-invalid", "true")
    listed = editor.get_by_role("button", name="Tone of voice: Must be from 0 to 100.")
    expect(listed).to_be_visible()
    listed.click()
    expect(weight).to_be_focused()
    weight.fill("12,5")
    expect(first.get_by_text("Must be from 0 to 100.")).to_be_hidden()
    save(editor)
    draft.refresh_from_db()
    assert draft.definition["groups"][0]["categories"][0]["weight"] == "12.5"


def test_a_finding_leads_into_what_is_folded(editor: Page) -> None:
    third = category(editor, 2)
    unfold(third)
    field(third, "critical").select_option("review")
    field(third, "comment_required").evaluate("one => one.value = 'never'")
    unfold(third)
    link = editor.locator("[data-findings] li button").filter(has_text="N/A never fails")
    expect(link).to_be_visible()
    link.click()
    expect(field(third, "allow_na")).to_be_focused()
    expect(third.get_by_text("Warning:").first).to_be_visible()


def test_shares_follow_the_weights_and_the_groups(ours: Place, open_builder: Open) -> None:
    page = open_builder(draft_of(ours, RICH))
    shares = page.locator('[data-part=category] [data-shown="share"]')
    expect(shares).to_have_text(["30%", "30%", "40%", "up to +5"])
    page.get_by_label("Groups have weights of their own").uncheck()
    expect(shares).to_have_text(["33.3%", "33.3%", "33.3%", "up to +5"])
    field(category(page, 2), "weight").fill("20")
    expect(shares).to_have_text(["25%", "25%", "50%", "up to +5"])


def test_a_condition_follows_its_category(ours: Place, open_builder: Open) -> None:
    version = draft_of(ours, RICH)
    page = open_builder(version)
    fresh = page.get_by_role("button", name="Add a category").first
    fresh.click()
    page.keyboard.type("Mood")
    row = category(page, 1)
    unfold(row)
    row.locator(".sc-more > summary").click()
    answer = row.locator("[data-part=answer]")
    answer.locator("select").select_option(label="Mood")
    answer.get_by_label("Poor", exact=True).check()
    answer.get_by_label("N/A").check()
    field(category(page, 2), "name").fill("Spirit")
    expect(answer.locator("select option:checked")).to_have_text("Spirit")
    save(page)
    version.refresh_from_db()
    saved = version.definition["groups"][0]["categories"][1]["show_when"]["answers"]
    assert saved == {"spirit": ["2", "na"]}


def test_a_refused_save_keeps_what_was_typed(editor: Page, troubles: list[str]) -> None:
    first = category(editor, 0)
    unfold(first)
    field(first, "name").fill("")
    first.get_by_label("What to look for").fill("Typed with care")
    editor.keyboard.press("Control+Enter")
    expect(editor.get_by_text("Not saved: some fields need mending first.")).to_be_visible()
    expect(first.get_by_label("What to look for")).to_have_value("Typed with care")
    expect(field(first, "name")).to_have_attribute("aria-invalid", "true")
    field(first, "name").fill("Tone")
    save(editor)
    expect(editor.locator("[data-trouble]")).to_be_hidden()
    troubles[:] = [each for each in troubles if "422" not in each]


def test_a_stale_save_is_refused_and_may_replace(
    editor: Page, ours: Place, draft: ScorecardVersion, troubles: list[str]
) -> None:
    field(category(editor, 0), "weight").fill("33")
    theirs = copy.deepcopy(SUPPORT_QUALITY)
    theirs["groups"] = theirs["groups"][:1]  # type: ignore[index]
    services.change_draft(actor=ours.system, scorecard_id=draft.scorecard_id, number=1, definition=theirs)
    editor.keyboard.press("Control+Enter")
    expect(editor.get_by_text("somebody changed this draft")).to_be_visible()
    expect(field(category(editor, 0), "weight")).to_have_value("33")
    draft.refresh_from_db()
    assert len(draft.definition["groups"]) == 1
    editor.get_by_role("button", name="Replace it with mine").click()
    expect(editor.locator("[data-state]")).to_have_text(re.compile("^Saved at"))
    draft.refresh_from_db()
    assert draft.definition["groups"][0]["categories"][0]["weight"] == "33"
    troubles[:] = [each for each in troubles if "412" not in each]


def test_unsaved_text_survives_a_reload(editor: Page, draft: ScorecardVersion) -> None:
    editor.on("dialog", lambda dialog: dialog.accept())
    unfold(category(editor, 0))
    category(editor, 0).get_by_label("What to look for").fill("Typed before the lights went out")
    expect(editor.locator("[data-state]")).to_have_text("Unsaved changes")
    editor.reload()
    expect(editor.locator("[data-restore]")).to_contain_text("that were not saved")
    editor.get_by_role("button", name="Restore them").click()
    expect(field(category(editor, 0), "description")).to_have_value("Typed before the lights went out")
    save(editor)
    draft.refresh_from_db()
    saved = draft.definition["groups"][0]["categories"][0]["description"]
    assert saved == "Typed before the lights went out"
    editor.reload()
    expect(category(editor, 0)).to_be_visible()
    expect(editor.locator("[data-restore]")).to_be_hidden()


def test_losing_the_session_loses_no_text(
    editor: Page, context: BrowserContext, sign_in: SignIn, draft: ScorecardVersion, troubles: list[str]
) -> None:
    editor.on("dialog", lambda dialog: dialog.accept())
    field(category(editor, 0), "name").fill("Our voice")
    context.clear_cookies()
    editor.keyboard.press("Control+Enter")
    expect(editor.get_by_text("Not saved: you are logged out.")).to_be_visible()
    expect(editor.get_by_role("link", name="Log in again")).to_be_visible()
    sign_in("manager")
    editor.reload()
    editor.get_by_role("button", name="Restore them").click()
    expect(field(category(editor, 0), "name")).to_have_value("Our voice")
    save(editor)
    troubles[:] = [each for each in troubles if not re.search("40[13]", each)]


def test_options_of_its_own_start_from_the_scale(ours: Place, open_builder: Open) -> None:
    version = draft_of(ours, RICH)
    page = open_builder(version)
    row = category(page, 1)
    unfold(row)
    row.get_by_role("button", name="Say what each option looks like").click()
    expect(row.locator("[data-part=option]")).to_have_count(5)
    page.keyboard.type("Shouts")
    row.get_by_role("button", name="Add an option").click()
    page.keyboard.type("Perfect")
    field(row.locator("[data-part=option]").nth(5), "points").fill("5")
    expect(row.locator('[data-shown="worth"]')).to_have_text(["0%", "20%", "40%", "60%", "80%", "100%"])
    save(page)
    version.refresh_from_db()
    options = version.definition["groups"][0]["categories"][1]["options"]
    assert [each["key"] for each in options] == ["1", "2", "3", "4", "5", "6"]
    assert (options[0]["description"], options[5]["label"]) == ("Shouts", "Perfect")


def test_the_library_gives_and_takes(ours: Place, open_builder: Open) -> None:
    version = draft_of(ours, RICH)
    page = open_builder(version)
    row = category(page, 2)
    row.get_by_label("More for this category").click()
    row.get_by_role("button", name="Save to the library").first.click()
    page.get_by_label("Name in the library").fill("Right answer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved to the library")).to_be_visible()
    assert LibraryItem.objects.filter(kind="category", name="Right answer").count() == 1
    page.get_by_role("button", name="From the library").first.click()
    page.get_by_role("button", name="Insert Right answer").click()
    expect(page.locator("[data-part=category]")).to_have_count(5)
    page.locator(".sc-edit-body").nth(0).wait_for(state="attached")
    unfold(category(page, 0))
    category(page, 0).locator(".sc-more > summary").click()
    category(page, 0).get_by_role("button", name="Take from the library").click()
    page.get_by_role("button", name="Insert Product").click()
    save(page)
    version.refresh_from_db()
    saved = version.definition["groups"][0]["categories"]
    assert [each["key"] for each in saved] == ["tone", "repair", "right-2"]
    assert saved[0]["root_causes"]["negative"][-1] == "Wrong product"


def test_removing_can_be_undone(editor: Page) -> None:
    before = names(editor)
    category(editor, 1).get_by_label("More for this category").click()
    category(editor, 1).get_by_role("button", name="Remove", exact=True).first.click()
    expect(editor.locator("[data-part=category]")).to_have_count(8)
    editor.get_by_role("button", name="Undo").click()
    assert names(editor) == before


def pages_of(version: ScorecardVersion) -> list[str]:
    card = f"{version.scorecard_id}/"
    return [
        "",
        "new/",
        "gallery/?card=chat",
        "import/",
        "library/",
        card,
        f"{card}settings/",
        f"{card}versions/1/duplicate/",
        f"{card}versions/2/changes/",
        f"{card}versions/2/edit/",
    ]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_their_width_and_axe_finds_nothing_grave(
    sign_in: SignIn, live_server: LiveServer, ours: Place, width: int, scheme: Any
) -> None:
    version = draft_of(ours, RICH | {"groups": [*RICH["groups"]]})
    page = sign_in("manager")
    before = copy.deepcopy(RICH)
    before["groups"][1]["categories"][0]["weight"] = "30"
    before["groups"][0]["categories"][1]["show_when"].pop("csat")
    services.change_draft(actor=ours.system, scorecard_id=version.scorecard_id, number=1, definition=before)
    services.publish(actor=ours.system, scorecard_id=version.scorecard_id, number=1)
    services.add_version(actor=ours.system, scorecard_id=version.scorecard_id, definition=RICH)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    for path in pages_of(version):
        page.goto(f"{live_server.url}/w/ours/scorecards/{path}")
        expect(page.locator("h1")).to_be_visible()
        if path.endswith("edit/"):
            for place in range(4):
                unfold(category(page, place))
                category(page, place).locator(".sc-more > summary").click()
            field(category(page, 0), "weight").fill("1000")
            expect(page.locator(".sc-finding").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert grave_findings(page) == [], path
