"""A message to the workspace's chat: its shape, and the one HTTP request that carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from django.utils.translation import gettext as _

from notices import hosts

TIMEOUT = httpx2.Timeout(10, connect=5)  # seconds, of each read and write
LONGEST_WAIT = 3600  # seconds that the other side may ask us to wait
GONE, LATER = (404, 410), (408, 425, 429)
WORKFLOW_HOSTS = (".logic.azure.com", ".api.powerplatform.com", ".powerautomate.com", "flow.microsoft.com")


class Trouble(Exception):
    """It did not arrive. The words never hold the address, which is a secret."""


class Transient(Trouble):
    """It may arrive later; not before so many seconds."""

    def __init__(self, words: str, wait: int = 0) -> None:
        super().__init__(words)
        self.wait = wait


class Gone(Trouble):
    """There is no webhook at this address any more."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing told: a sentence and where it leads."""

    text: str
    url: str


def payload(host: str, lines: Sequence[Line]) -> dict[str, Any]:
    """What the host takes: workflows of Teams an adaptive card, all others (Slack, connectors of Teams,
    Mattermost, Rocket.Chat) a text."""
    return _card(lines) if host.endswith(WORKFLOW_HOSTS) else _text(lines)


def _text(lines: Sequence[Line]) -> dict[str, Any]:
    return {"text": "\n".join(f"{_escaped(line.text)}\n{line.url}" for line in lines)}


def _escaped(text: str) -> str:
    """So that a name is never a link or a call to everybody (Slack reads <!channel>)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _card(lines: Sequence[Line]) -> dict[str, Any]:
    """Rich text blocks, which (unlike text blocks) read no Markdown out of a name."""
    body = [
        {
            "type": "RichTextBlock",
            "inlines": [
                {
                    "type": "TextRun",
                    "text": line.text,
                    "selectAction": {"type": "Action.OpenUrl", "url": line.url},
                }
            ],
        }
        for line in lines
    ]
    action = {"type": "Action.OpenUrl", "title": _("Open"), "url": lines[0].url}
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [action] if len(lines) == 1 else [],
    }
    card = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [card]}


def post(address: str, lines: Sequence[Line], message_id: str) -> None:
    """Send it once: no redirect is followed, no proxy asked, the answer's body not read. Trouble if it did
    not arrive: Transient, Gone, or neither when trying again is of no use."""
    try:
        url = hosts.parsed(address)
        pinned = url.copy_with(host=hosts.address_of(url))
    except hosts.Blocked as reason:
        raise Trouble(str(reason)) from None
    except hosts.Unresolved as reason:
        raise Transient(str(reason)) from None
    headers = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": "Plumbline",
        "Plumbline-Message": message_id,
    }
    name = {"sni_hostname": url.raw_host.decode("ascii")}  # whose certificate the other side must show
    try:
        with (
            httpx2.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT) as client,
            client.stream(
                "POST", pinned, json=payload(url.host, lines), headers=headers, extensions=name
            ) as answer,
        ):
            _judge(answer)
    except httpx2.TransportError as error:
        raise Transient(_("No answer: %(error)s") % {"error": type(error).__name__}) from None


def _judge(answer: httpx2.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    words = _("The chat answered %(status)d.") % {"status": status}
    if status in GONE:
        raise Gone(words)
    if status in LATER or status >= 500:
        raise Transient(words, _wait(answer.headers.get("Retry-After", "")))
    if 300 <= status < 400:
        raise Trouble(words + " " + _("Redirects are not followed: give the address it leads to."))
    raise Trouble(words)


def _wait(seconds: str) -> int:
    """Seconds of a Retry-After; a date, as any other nonsense, is 0."""
    return min(int(seconds[:9]), LONGEST_WAIT) if seconds.isascii() and seconds.isdigit() else 0
