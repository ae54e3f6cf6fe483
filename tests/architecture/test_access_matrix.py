"""Every route, every person, the neighbour's workspace, and the neighbour's rows under our slug."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.views_base import WorkspaceAPIView, WorkspacePage
from tests.architecture.routes import PEOPLE, Route
from tests.world import Place, World, add_talk, build_world

APPS = ("accounts", "notices", "conversations", "scorecards", "qa_reviews", "insights", "coaching", "desk")
TABLES = [importlib.import_module(f"tests.architecture.routes.{app}").ROUTES for app in APPS]
MATRIX: dict[tuple[str, str], Route] = {key: route for table in TABLES for key, route in table.items()}
OPEN = {
    "home",
    "healthz",
    "readyz",
    "metrics",
    "schema",
    "docs",
    "docs-script",
    "invitation",
}  # no workspace in their address
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
CASES = [pytest.param(name, method, id=f"{method} {name}") for name, method in sorted(MATRIX)]


def patterns(found: list[Any] | None = None) -> Iterator[URLPattern]:
    for entry in get_resolver().url_patterns if found is None else found:
        if isinstance(entry, URLResolver):
            if str(entry.pattern) != "accounts/":  # allauth's own
                yield from patterns(entry.url_patterns)
        else:
            yield entry


def methods_of(pattern: URLPattern) -> list[str]:
    view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
    return [m for m in METHODS if hasattr(view, m.lower())]


def test_every_route_and_method_is_classed() -> None:
    served = {(str(p.name), m) for p in patterns() if p.name not in OPEN for m in methods_of(p)}
    assert served == set(MATRIX)


def test_every_workspace_view_names_its_capability() -> None:
    for pattern in patterns():
        view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
        if pattern.name in OPEN:
            continue
        assert view is not None, pattern.name
        if issubclass(view, WorkspaceAPIView):
            assert {m for m in METHODS if hasattr(view, m.lower())} == set(view.capabilities), pattern.name
        else:
            assert issubclass(view, WorkspacePage), pattern.name
            assert view.capability, pattern.name


def address(name: str, slug: str, rows_of: Place) -> str:
    route = next(route for (other, _), route in MATRIX.items() if other == name)
    kwargs = {
        arg: getattr(rows_of.rows[row], "number", rows_of.rows[row].pk)
        if arg == "number"
        else rows_of.rows[row].pk
        for arg, row in route.rows.items()
    }
    return reverse(name, kwargs={"slug": slug} | dict(route.fixed) | kwargs)


def call(place: Place, person: str, method: str, url: str, body: Any, client: Client) -> int:
    if url.startswith("/api/"):
        headers = {"Authorization": f"Bearer {place.keys[person]}"}
        data = json.dumps({} if body is None else body) if method != "GET" else ""
        return client.generic(method, url, data, content_type="application/json", headers=headers).status_code
    user = place.people[person].user
    assert user is not None
    client.force_login(user)
    if method == "GET":
        return client.get(url).status_code
    return client.post(url, body or {}).status_code


@pytest.fixture(scope="module")
def places(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, written once for all cases of this module: each takes back only its own changes."""
    with django_db_blocker.unblock():
        built = build_world()
        for place in built.values():
            add_talk(place)
    yield built
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


@pytest.fixture
def world(db: None, places: World) -> World:
    return places


@pytest.mark.parametrize(("name", "method"), CASES)
def test_each_person(world: World, name: str, method: str) -> None:
    route, ours = MATRIX[name, method], world["ours"]
    client = Client()
    for person in PEOPLE:
        with transaction.atomic():  # what one deletes is there for the next
            status = call(ours, person, method, address(name, "ours", ours), route.body, client)
            transaction.set_rollback(True)
        expected = route.expected(person)
        if expected == "through":
            assert status not in (401, 403, 404, 405), (person, status)
            assert status < 500, (person, status)
        else:
            assert status == int(expected), (person, status)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_the_neighbours_workspace_and_rows_are_404(world: World, name: str, method: str) -> None:
    route, ours, theirs = MATRIX[name, method], world["ours"], world["theirs"]
    someone, client = route.allowed.split()[0], Client()
    assert call(ours, someone, method, address(name, "theirs", theirs), route.body, client) == 404
    if route.rows:
        assert call(ours, someone, method, address(name, "ours", theirs), route.body, client) == 404


@pytest.mark.parametrize("name", sorted({name for name, _ in MATRIX}))
def test_a_stranger_is_asked_to_sign_in(world: World, name: str) -> None:
    response = Client().get(address(name, "ours", world["ours"]))
    if name.startswith("api-"):
        assert response.status_code in (401, 405)
    else:
        assert response.status_code in (302, 405)
