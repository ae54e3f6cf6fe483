"""Pages around reviewing that no test of their own looks at: nothing grave for axe, no sideways scrolling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import grave_findings
from tests.world import Place, add_talk

SignIn = Callable[[str], Page]
VIEWS = [((1280, 800), "light"), ((390, 844), "dark")]
PAGES = [
    ("lead", ""),
    ("reviewer", ""),
    ("reviewer", "queue/"),
    ("reviewer", "templates/"),
    ("reviewer", "templates/new/"),
    ("manager", "suggestion-rules/"),
    ("manager", "suggestion-rules/new/"),
    ("manager", "conversations/{conversation}/"),
    ("manager", "reviews/new/?conversation={unreviewed}"),
    ("manager", "imports/"),
    ("manager", "imports/{import_run}/"),
    ("manager", "imports/{import_run}/parity/"),
    ("manager", "imports/parity/"),
    ("admin", "settings/"),
]


@pytest.mark.parametrize(("person", "path"), PAGES)
def test_nothing_grave_in_both_themes_and_widths(
    ours: Place, sign_in: SignIn, live_server: LiveServer, person: str, path: str
) -> None:
    add_talk(ours)
    page = sign_in(person)
    ids = {name: row.pk for name, row in ours.rows.items()}
    for (width, height), scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        response = page.goto(f"{live_server.url}/w/ours/{path.format(**ids)}")
        assert response is not None
        assert response.ok
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, path)
        assert grave_findings(page) == [], (scheme, path)
