"""The workspace's chat webhook: set, changed, removed, tested, and paused when nothing arrives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.access import Actor, Capability
from accounts.models import Workspace
from accounts.services.audit import record
from common.errors import Conflict, FieldError, Invalid, invalid
from jobs.models import Job
from notices import hosts, mail, selectors
from notices.models import ChatWebhook, Delivery, Notice
from notices.registry import chat_kinds
from notices.selectors import address_hint
from notices.services.telling import ask_delivery, notify

PAUSE_AFTER = 10  # failed tries in a row, after which nothing more is sent until an administrator acts
LONGEST_URL = 2000


@transaction.atomic
def set_chat(*, actor: Actor, url: str | None = None, kinds: Sequence[str] | None = None) -> ChatWebhook:
    """The workspace's one webhook with what is given; None stays as it is. A pause ends. Invalid for an
    address that is not public, and for kinds that are nothing for a room full of people."""
    actor.require(Capability.ADMINISTER)
    row = _locked(actor) or ChatWebhook(workspace_id=actor.workspace_id)
    before = _state(row)
    if url is not None:
        row.url = _checked(url)
    if not row.url:
        raise invalid("/url", "required", "Give the address that your chat made for incoming messages.")
    if kinds is not None:
        row.kinds = _known(kinds)
    row.failures, row.paused_at, row.problem = 0, None, ""
    row.save()
    after = _state(row)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    record(actor, "chat_webhook.set", row, changed)
    return row


@transaction.atomic
def remove_chat(*, actor: Actor) -> None:
    """Forget the address; what waits for the chat is dropped. Nothing happens where there is none."""
    actor.require(Capability.ADMINISTER)
    row = _locked(actor)
    if row is None:
        return
    drop_waiting(workspace_id=actor.workspace_id, why="The chat webhook was removed.")
    record(actor, "chat_webhook.removed", row, {"address": [address_hint(row), None]})
    row.delete()


@transaction.atomic
def send_test(*, actor: Actor) -> Job:
    """Ask a worker for a test message; the job, and the list of deliveries, tell how it went."""
    actor.require(Capability.ADMINISTER)
    if _locked(actor) is None:
        raise Conflict("There is no chat webhook to test.", code="no_webhook")
    Delivery.objects.create(
        workspace_id=actor.workspace_id, channel=Delivery.Channel.TEST, message_id=mail.new_message_id()
    )
    return ask_delivery(workspace_id=actor.workspace_id, member_id=actor.member_id)


@transaction.atomic
def note_arrival(*, webhook_id: int) -> None:
    """A message arrived: the tries count anew, and a pause ends."""
    ChatWebhook.objects.filter(pk=webhook_id).update(failures=0, problem="", paused_at=None, sent_at=Now())


@transaction.atomic
def note_failure(*, webhook_id: int, url: str, why: str, gone: bool, tried: int) -> None:
    """A try failed. When the webhook is gone, or PAUSE_AFTER tries in a row failed, it is paused and the
    administrators are told. `tried` is the delivery, whose own end its sender records. Nothing happens if the
    address was changed meanwhile."""
    row = ChatWebhook.objects.select_for_update().filter(pk=webhook_id, url=url).first()
    if row is None:
        return
    row.failures, row.problem = row.failures + 1, why
    row.save(update_fields=["failures", "problem"])
    if row.paused_at is None and (gone or row.failures >= PAUSE_AFTER):
        _pause(row, tried)


def _pause(row: ChatWebhook, tried: int) -> None:
    ChatWebhook.objects.filter(pk=row.pk).update(paused_at=Now())
    row.refresh_from_db(fields=["paused_at"])
    drop_waiting(workspace_id=row.workspace_id, why="The chat webhook was paused.", spare=tried)
    assert row.paused_at is not None
    notify(
        recipients=selectors.admin_ids(row.workspace_id),
        kind="chat_webhook_paused",
        subject=row,
        key=f"chat_webhook:{row.pk}:paused:{row.paused_at.isoformat()}",
    )


def drop_waiting(*, workspace_id: int, why: str, spare: int = 0) -> None:
    """Nothing that waits for the chat goes out any more, that delivery aside."""
    pending = Delivery.objects.in_workspace(workspace_id).filter(
        state=Delivery.State.PENDING, channel__in=[Delivery.Channel.CHAT, Delivery.Channel.TEST]
    )
    pending.exclude(pk=spare).update(state=Delivery.State.DROPPED, error=why, finished_at=Now())
    Notice.objects.in_workspace(workspace_id).filter(recipient=None, waiting=True).update(waiting=False)


def _locked(actor: Actor) -> ChatWebhook | None:
    """The row, and a lock that keeps two administrators from making two."""
    Workspace.objects.select_for_update().get(pk=actor.workspace_id)
    return ChatWebhook.objects.visible_to(actor).select_for_update().first()


def _checked(url: str) -> str:
    """The address, judged now as it will be at each sending. A name that is not known now may be later."""
    if len(url) > LONGEST_URL:
        raise invalid("/url", "too_long", f"An address has at most {LONGEST_URL} characters.")
    try:
        hosts.address_of(hosts.parsed(url))
    except hosts.Blocked as reason:
        raise invalid("/url", "blocked", str(reason)) from None
    except hosts.Unresolved:
        pass
    return url.strip()


def _known(kinds: Sequence[str]) -> list[str]:
    known = {kind.name for kind in chat_kinds()}
    unknown = [
        FieldError(f"/kinds/{place}", "not_found", f"“{kind[:80]}” cannot be told in the chat.")
        for place, kind in enumerate(kinds)
        if kind not in known
    ]
    if unknown:
        raise Invalid(unknown)
    return sorted(set(kinds))


def _state(row: ChatWebhook) -> dict[str, Any]:
    """For the audit: never the address itself."""
    return {"address": address_hint(row) if row.url else None, "kinds": list(row.kinds)}
