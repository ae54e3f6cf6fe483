"""Fixtures of the suite. Real PostgreSQL and Redis: embedded unless the environment names others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, settings

from config import embedded
from tests.keeping import Kept
from tests.world import ApiClient, World, build_world

kept_world = Kept(build_world)

embedded.ensure()

# A busy machine generates slowly; that says nothing about the code under test.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture
def world(db: None) -> World:
    """Two workspaces, "ours" and "theirs", with one person a role and one of everything."""
    return kept_world.again()


@pytest.fixture
def api(world: World) -> Callable[..., ApiClient]:
    """`api("manager")`: a client with a key of that person of our workspace (or `where="theirs"`)."""

    def client(person: str, where: str = "ours") -> ApiClient:
        return ApiClient(world[where], person)

    return client


@pytest.fixture
def browse(world: World) -> Callable[..., Client]:
    """`browse("lead")`: a Django test client signed in as that person."""

    def client(person: str, where: str = "ours") -> Client:
        found = Client()
        user = world[where].people[person].user
        assert user is not None
        found.force_login(user)
        return found

    return client


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()
