"""A real chromium against a live server. Any request that leaves the machine and any error on the console
fails the test."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import Client
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.world import Place, World, build_world

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LOCAL = {"", "localhost", "127.0.0.1"}

# Playwright's event loop runs in the test's own thread, where Django would refuse its ORM.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SignIn = Callable[[str], Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason=f"{CHROMIUM} is missing: install chromium to run the browser tests")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": str(CHROMIUM), "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", "locale": "en-GB"}


class CountingHandler(StaticFilesHandler):
    """Serves static files and pages, and knows how many requests are being answered."""

    answering = 0
    lock = Lock()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with self.lock:
            CountingHandler.answering += 1
        try:
            return super().__call__(environ, start_response)
        finally:
            with self.lock:
                CountingHandler.answering -= 1


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """pytest-django's own looks for the stock staticfiles app to serve files from; ours has a config of its
    own."""
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = CountingHandler
    server.start()
    yield server
    server.stop()


@pytest.fixture
def world(transactional_db: None) -> World:
    """Committed, so that the live server sees it."""
    return build_world()


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def troubles() -> list[str]:
    """What went wrong in the browser; a test that provokes an error takes it out again."""
    return []


def leave(page: Page) -> None:
    """Close the page and wait for what it still sends, such as the draft it saves when it is left: afterwards
    the database is taken away."""
    page.goto("about:blank")
    page.close()
    quiet = 0
    for _ in range(200):
        quiet = quiet + 1 if CountingHandler.answering == 0 else 0
        if quiet == 5:
            return
        time.sleep(0.02)


@pytest.fixture
def page(transactional_db: None, context: BrowserContext, troubles: list[str]) -> Iterator[Page]:
    page = context.new_page()

    def check(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOCAL:
            troubles.append(f"outside request: {url}")

    page.on("request", lambda request: check(request.url))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield page
    leave(page)
    assert troubles == []


@pytest.fixture
def sign_in(ours: Place, page: Page, live_server: LiveServer) -> SignIn:
    """`sign_in("reviewer")`: the page, with that person's session."""

    def enter(person: str) -> Page:
        client, user = Client(), ours.people[person].user
        assert user is not None
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
        )
        return page

    return enter
