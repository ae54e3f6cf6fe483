"""The notices of this app itself: that the chat does not take messages, and the test of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Capability
from notices.models import ChatWebhook
from notices.registry import Words, wording
from notices.selectors import chat_webhooks


def _administers(actor: Actor) -> bool:
    return actor.can(Capability.ADMINISTER)


def _webhooks(actor: Actor, ids: Collection[int]) -> Mapping[int, ChatWebhook]:
    return chat_webhooks(actor).in_bulk(ids)


def _page(actor: Actor) -> str:
    return reverse("settings-notices-workspace", kwargs={"slug": actor.workspace.slug})


@wording(
    "chat_webhook_paused",
    _webhooks,
    title=gettext_lazy("Trouble with the workspace's chat"),
    suits=_administers,
    last=True,
)
def paused(actor: Actor, row: ChatWebhook, parameters: Mapping[str, Any]) -> Words:
    return Words(_("Messages to the workspace's chat are paused"), _page(actor), row.problem, "warning")


def trial_words(actor: Actor) -> Words:
    """What a test message says in the chat."""
    words = _("A test from Plumbline: messages of %(name)s arrive here.") % {"name": actor.workspace.name}
    return Words(words, _page(actor))
