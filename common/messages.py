"""One message of a conversation as HTML.

In Python, since a page shows hundreds of them: rendered as a template each would take ten times as long. The
standard library escapes as Django does, without asking each text whether it is a lazy one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.icons import icon

REL = 'rel="noopener noreferrer nofollow"'


def message_html(
    *,
    id: str,
    author_type: str,
    author_name: str = "",
    html: str = "",
    text: str = "",
    sent_at: datetime | None = None,
    lang: str = "",
    internal: bool = False,
    attachments: Iterable[Mapping[str, Any]] = (),
    counted: str = "",
    muted: bool = False,
) -> SafeString:
    """An item of <ol class="messages">.

    author_type: customer, agent, bot, system; html is sanitised, text is plain; internal: a note the customer
    never saw; attachments: url and name, one of which may be empty, linked and never fetched; counted: the
    text in which passages count, where what is shown differs from it; muted: another agent's.
    """
    css = f"message by-{author_type}{' is-internal' if internal else ''}{' is-muted' if muted else ''}"
    named = author_type != "system" and author_name
    author = f'<b dir="auto">{escape(author_name)}</b>' if named else ""
    said_as = f' data-counted="{escape(counted)}"' if counted else ""
    language = get_language() or ""
    spoken = f' lang="{escape(lang)}"' if lang else ""
    head = f"{_role(author_type, bool(internal), language)}{author}{_time(sent_at, language)}"
    return SafeString(
        f'<li class="{css}" id="{id}" tabindex="-1" data-message>'
        f'<div class="message-head">{head}</div> '
        f'<div class="message-body{"" if html else " is-text"}" dir="auto"{said_as}{spoken}>'
        f"{html or escape(text)}</div>{_attachments(attachments)}</li>"
    )


@lru_cache(maxsize=256)
def _role(author_type: str, internal: bool, language: str) -> str:
    """Who wrote it, in the language of the page."""
    if internal:
        return f"{icon('lock')}<span>{_('Internal note')}</span>"
    if author_type == "bot":
        return f"{icon('bot')}<span>{_('Bot')}</span>"
    words = {"customer": _("Customer"), "agent": _("Agent")}.get(author_type)
    return f"<span>{words}</span>" if words else ""


def _time(sent_at: datetime | None, language: str) -> str:
    if not sent_at:
        return ""
    local = timezone.localtime(sent_at)
    shown = f"{_day(local.date(), language)}, {local.hour:02}:{local.minute:02}"
    return f'<time datetime="{local.isoformat()}">{shown}</time>'


@lru_cache(maxsize=1024)
def _day(day: date, language: str) -> str:
    """The day as the language of the page writes it."""
    return date_format(day, "j M Y")


def _attachments(files: Iterable[Mapping[str, Any]]) -> str:
    items = "".join(f"<li>{_file(file.get('url') or '', file.get('name') or '')}</li>" for file in files)
    return f'<ul class="attachments" aria-label="{_("Attachments")}">{items}</ul>' if items else ""


def _file(url: str, name: str) -> str:
    named = f"{icon('attachment')}<bdi>{escape(name or url)}</bdi>"
    return f'<a href="{escape(url)}" {REL}>{named}</a>' if url else f'<span class="badge">{named}</span>'
