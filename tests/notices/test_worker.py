"""A real worker, killed while the chat is answering: the message goes out again, as the same one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from email import message_from_string
from pathlib import Path

import pytest
from django.db import transaction

from jobs.services import ring
from notices import services
from notices.models import Delivery, Notice
from notices.services import chat as chats
from notices.services.telling import ask_delivery
from tests.journeys.test_worker import COMMAND, ROOT, environment, kill, wait_for
from tests.notices.conftest import make_due
from tests.notices.receiver import Chat
from tests.world import Place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts workers that may reach our own chat and put their mail into files, and leaves none behind."""
    own = {"PLUMBLINE_HOME": str(tmp_path), "NOTICES_ALLOW_PRIVATE_HOSTS": "true"}
    started: list[subprocess.Popen[bytes]] = []

    def one() -> subprocess.Popen[bytes]:
        with open(tmp_path / f"worker{len(started)}.log", "wb") as log:
            started.append(
                subprocess.Popen(
                    COMMAND, cwd=ROOT, env=environment() | own, stdout=log, stderr=log, start_new_session=True
                )
            )
        return started[-1]

    yield one
    for worker in started:
        kill(worker)


def test_killed_while_sending_it_is_sent_again_under_the_same_id(
    ours: Place, receiver: Chat, start: Start, tmp_path: Path
) -> None:
    chats.set_chat(actor=ours.actor("admin"), url=receiver.url, kinds=["dispute_raised"])
    receiver.open.clear()  # the chat has the message, and does not answer yet
    one = start()
    with transaction.atomic():
        recipients = [ours.people["reviewer"].pk]
        services.notify(recipients=recipients, kind="dispute_raised", subject=ours.rows["review"], key="k")
    wait_for(lambda: receiver.bodies)
    kill(one)
    receiver.open.set()

    row = Delivery.objects.get(channel="chat")
    assert (row.state, row.attempts) == ("pending", 1)
    make_due()
    start()
    ring([ask_delivery(workspace_id=ours.workspace.pk).pk])
    wait_for(lambda: Delivery.objects.filter(channel="chat", state="sent").exists())
    assert [each["Plumbline-Message"] for each in receiver.headers] == [row.message_id] * 2

    wait_for(lambda: Delivery.objects.filter(channel="email", state="sent").exists())
    (file,) = (tmp_path / "outbox").iterdir()
    mail = message_from_string(file.read_text())
    assert mail["Message-ID"] == Delivery.objects.get(channel="email").message_id
    assert mail["To"] == "reviewer@ours.example"
    assert not Notice.objects.filter(waiting=True).exists()
