"""The rows of the list of conversations: one cell a column, as HTML, since a template for each would take
longer than the query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import Actor, Capability
from common.icons import icon
from common.templatetags.ui import UNKNOWN, number
from conversations.filter_words import CHOICES
from conversations.models import Conversation
from conversations.risks import Flag
from qa_reviews.policies.conversations import may_review
from qa_reviews.selectors import conversations as selectors
from qa_reviews.selectors.conversation_columns import Column
from qa_reviews.templatetags.durations import duration

SHOWN_FLAGS, SHOWN_TAGS = 2, 3
SHORT = {
    "low_csat": gettext_lazy("Low CSAT"),
    "silence": gettext_lazy("Long silence"),
    "waited_at_end": gettext_lazy("Waited at the end"),
    "many_agents": gettext_lazy("Many agents"),
    "handed_over": gettext_lazy("Handed over"),
    "escalation": gettext_lazy("Escalation"),
    "cancellation": gettext_lazy("Cancellation"),
}
"""Signals in two words, where their own are more than a row has room for."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What a row shows beside the conversation itself."""

    reviews: int
    flags: Sequence[Flag]
    csat_hidden: bool


def table(actor: Actor, found: Sequence[Conversation], columns: Sequence[Column]) -> dict[str, Any]:
    """The rows with their cells, and whether each can be reviewed by hand. At most five queries, for what the
    columns need."""
    keys = {column.key for column in columns}
    counts = selectors.review_counts(actor, found) if "reviews" in keys else {}
    flags = selectors.flags_of(actor, found) if "flags" in keys else {}
    hidden = selectors.hidden_from(actor, found) if "csat" in keys else set()
    grades = actor.can(Capability.GRADE)
    heads = [_head(column) for column in columns]
    rows = []
    for one in found:
        extra = Extra(counts.get(one.pk, 0), flags.get(one.pk, ()), one.pk in hidden)
        cells = [
            f"{head}{CELLS[column.key](one, extra)}</td>" for head, column in zip(heads, columns, strict=True)
        ]
        rows.append(
            {
                "conversation": one,
                "cells": mark_safe("".join(cells)),
                "review": grades and may_review(actor, one).allowed,
            }
        )
    return {"rows": rows, "grades": grades}


def _head(column: Column) -> str:
    number_class = ' class="number"' if column.number else ""
    return f'<td{number_class} data-label="{escape(str(column.label))}">'


def _text(value: object) -> str:
    return f"<bdi>{escape(str(value))}</bdi>" if value else UNKNOWN


def _day(at: datetime | None, day: date | None = None) -> str:
    if at is None:
        return UNKNOWN
    local = localtime(at)
    return f'<time datetime="{local.isoformat()}">{escape(date_format(day or local, "j M Y"))}</time>'


def _customer(one: Conversation) -> str:
    customer = one.customer
    return _text(customer and (customer.name or customer.email or customer.external_id))


def _tags(one: Conversation) -> str:
    shown = [f'<span class="badge"><bdi>{escape(tag)}</bdi></span>' for tag in one.tags[:SHOWN_TAGS]]
    return f'<span class="badges">{_with_more(shown, len(one.tags))}</span>' if shown else UNKNOWN


def _flags(flags: Sequence[Flag]) -> str:
    """The first ones, each with its reason for the pointer and for screen readers."""
    shown = []
    for flag in flags[:SHOWN_FLAGS]:
        label, why = escape(str(SHORT.get(flag.key, flag.label))), escape(flag.why)
        hidden = f'<span class="visually-hidden">: {why}</span>'
        shown.append(f'<span class="badge bad" title="{why}">{icon("flag")}{label}{hidden}</span>')
    return f'<span class="badges">{_with_more(shown, len(flags))}</span>' if shown else ""


def _with_more(shown: Sequence[str], count: int) -> str:
    more = count - len(shown)
    if more > 0:
        words = ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more}
        shown = [*shown, f'<span class="muted">{escape(words)}</span>']
    return " ".join(shown)


def _wait(seconds: float | None) -> str:
    """A first response; zero or less was excluded."""
    return duration(seconds) if seconds is not None and seconds > 0 else UNKNOWN


def _csat(one: Conversation, extra: Extra) -> str:
    return UNKNOWN if one.csat is None or extra.csat_hidden else number(one.csat.normalize())


CELLS: dict[str, Callable[[Conversation, Extra], str]] = {
    "agent": lambda one, extra: _text(one.agent),
    "team": lambda one, extra: _text(one.team),
    "customer": lambda one, extra: _customer(one),
    "channel": lambda one, extra: _text(one.channel),
    "language": lambda one, extra: _text(one.language),
    "topic": lambda one, extra: _text(one.topic),
    "tags": lambda one, extra: _tags(one),
    "source": lambda one, extra: _text(one.source),
    "status": lambda one, extra: str(CHOICES[one.status]),
    "opened": lambda one, extra: _day(one.opened_at),
    "closed": lambda one, extra: _day(one.closed_at, one.closed_on),
    "changed": lambda one, extra: _day(one.updated_at),
    "messages": lambda one, extra: number(one.message_count),
    "replies": lambda one, extra: number(one.reply_count),
    "first_response": lambda one, extra: _wait(one.first_response_seconds),
    "handling": lambda one, extra: duration(one.reported_handling_seconds),
    "reopened": lambda one, extra: number(one.reopened_count),
    "csat": _csat,
    "flags": lambda one, extra: _flags(extra.flags),
    "reviews": lambda one, extra: number(extra.reviews),
}
"""How each column of conversation_columns.COLUMNS shows a row, as HTML."""
