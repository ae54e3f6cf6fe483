"""Sending in tests: claims are committed one by one, and what they send goes out at once, as in a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from notices.models import Delivery
from notices.services import chat as chats
from notices.services import deliveries
from tests.notices.receiver import Chat, chat_server
from tests.world import Place, World

Deliver = Callable[[], list[Delivery]]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def deliver(ours: Place, django_capture_on_commit_callbacks: Any) -> Deliver:
    """Sends all that is due now in our workspace; the deliveries there are then, oldest first."""

    def run() -> list[Delivery]:
        going = True
        while going:
            with django_capture_on_commit_callbacks(execute=True):
                going = deliveries.deliver_next(workspace_id=ours.workspace.pk)
        return list(Delivery.objects.order_by("pk"))

    return run


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Chat]:
    settings.NOTICES_ALLOW_PRIVATE_HOSTS = True
    with chat_server() as chat:
        yield chat


@pytest.fixture
def chat(ours: Place, receiver: Chat) -> Chat:
    """Our workspace's chat, told of new reviews and disputes."""
    kinds = ["review_submitted", "dispute_raised", "dispute_resolved"]
    chats.set_chat(actor=ours.actor("admin"), url=receiver.url, kinds=kinds)
    return receiver


def make_due() -> None:
    """As if the pause before the next try, or the lease of a dead sender, were over."""
    Delivery.objects.filter(state="pending").update(due_at=Now())
