"""Signs that a conversation deserves a look, found without any model: ready filters, flags with their reason.

A flag and the ready filter of the same key say the same (tests/conversations/test_risks.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

LOW_CSAT = 2  # of 1 to 5
LONG_SILENCE = 86_400  # seconds
LATE_SILENCE = 3_600  # seconds; a shorter wait at the end is a chat's
MANY_AGENTS = 3
SHOWN_WORDS = 3


class Flag(NamedTuple):
    """`why` is one sentence with the figures."""

    key: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Signal:
    """A ready risk filter, with its name for people."""

    key: str
    label: Any
    filter: dict[str, Any]


READY: tuple[Signal, ...] = (
    Signal("low_csat", gettext_lazy("Low CSAT (1 or 2 of 5)"), {"csat_max": LOW_CSAT}),
    Signal("reopened", gettext_lazy("Reopened"), {"reopened_min": 1}),
    Signal(
        "silence",
        gettext_lazy("The customer waited a day or longer for an answer"),
        {"silence_min": LONG_SILENCE},
    ),
    Signal(
        "waited_at_end",
        gettext_lazy("The customer waited longest at the end, an hour or more"),
        {"waited_at_end": True, "silence_min": LATE_SILENCE},
    ),
    Signal("closing_missing", gettext_lazy("No closing message"), {"closing_missing": True}),
    Signal("many_agents", gettext_lazy("Three agents or more"), {"agents_min": MANY_AGENTS}),
    Signal("handed_over", gettext_lazy("A bot handed over to a person"), {"bot": True, "replies_min": 1}),
    Signal("long", gettext_lazy("Long for its topic"), {"long_for_topic": True}),
    Signal("escalation", gettext_lazy("Words of escalation"), {"words": ["escalation"]}),
    Signal("cancellation", gettext_lazy("Words of cancellation"), {"words": ["cancellation"]}),
)
LABELS = {signal.key: signal.label for signal in READY}


class Facts(Protocol):
    """What is looked at of a conversation."""

    topic: str
    csat: Decimal | None
    reopened_count: int
    message_count: int
    reply_count: int
    agent_count: int
    longest_silence_seconds: float | None
    waited_at_end: bool
    closing_missing: bool
    has_bot: bool


class Usual(NamedTuple):
    """How many messages conversations of a topic have: half of them at most `median`, nine in ten at most
    `long_from`."""

    median: float
    long_from: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What one conversation is held against: its topic's usual length, and the words it was found to say, by
    kind."""

    usual: Usual | None = None
    said: Mapping[str, Collection[str]] = field(default_factory=dict)


def flags(facts: Facts, limits: Limits) -> list[Flag]:
    """The signs of a conversation, in the order of READY."""
    why = {key: reason for key, reason in _reasons(facts, limits) if reason}
    return [Flag(key, str(label), why[key]) for key, label in LABELS.items() if key in why]


def _reasons(facts: Facts, limits: Limits) -> Iterator[tuple[str, str]]:
    yield "low_csat", _csat(facts.csat)
    yield "reopened", _reopened(facts.reopened_count)
    yield from _waits(facts.longest_silence_seconds or 0, facts.waited_at_end)
    if facts.closing_missing:
        yield (
            "closing_missing",
            _("The customer asked or told something at the end, and nobody answered before it was closed."),
        )
    if facts.agent_count >= MANY_AGENTS:
        yield "many_agents", _("%(count)d agents wrote to the customer.") % {"count": facts.agent_count}
    if facts.has_bot and facts.reply_count:
        yield "handed_over", _handed_over(facts.reply_count)
    yield "long", _long(facts, limits.usual)
    for kind in ("escalation", "cancellation"):
        yield kind, _said(limits.said.get(kind, ()))


def _csat(csat: Decimal | None) -> str:
    if csat is None or csat > LOW_CSAT:
        return ""
    return _("The customer gave %(score)s on a scale of 1 to 5.") % {"score": f"{csat.normalize():f}"}


def _reopened(count: int) -> str:
    if not count:
        return ""
    return ngettext("It was reopened once.", "It was reopened %(count)d times.", count) % {"count": count}


def _waits(seconds: float, at_end: bool) -> Iterator[tuple[str, str]]:
    waited = {"time": lasting(seconds)}
    if seconds >= LONG_SILENCE:
        yield "silence", _("The customer waited %(time)s for an answer.") % waited
    if at_end and seconds >= LATE_SILENCE:
        yield "waited_at_end", _("The customer's last wait was the longest: %(time)s.") % waited


def _handed_over(replies: int) -> str:
    return ngettext(
        "A bot took part, and a person wrote %(count)d reply.",
        "A bot took part, and people wrote %(count)d replies.",
        replies,
    ) % {"count": replies}


def _long(facts: Facts, usual: Usual | None) -> str:
    if usual is None or facts.message_count <= usual.long_from:
        return ""
    told = {"count": facts.message_count, "topic": facts.topic, "usual": round(usual.median)}
    if facts.topic:
        return _("%(count)d messages; conversations about “%(topic)s” usually have %(usual)d.") % told
    return _("%(count)d messages; conversations without a topic usually have %(usual)d.") % told


def _said(words: Collection[str]) -> str:
    if not words:
        return ""
    shown = ", ".join(f"“{word.replace('*', '…')}”" for word in sorted(words)[:SHOWN_WORDS])
    if len(words) > SHOWN_WORDS:
        return _("It says %(words)s and more.") % {"words": shown}
    return _("It says %(words)s.") % {"words": shown}


def lasting(seconds: float) -> str:
    """A time span in the largest unit that it fills more than once or twice, rounded down: "90 minutes",
    "26 hours", "3 days"."""
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86_400)
    if days > 2:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if hours > 1:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    if minutes > 1:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    whole = int(seconds)
    return ngettext("%(count)d second", "%(count)d seconds", whole) % {"count": whole}
