"""A filter in words, for people to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import selectors as people
from accounts.access import Actor
from conversations.filters import ATTRIBUTE
from conversations.risks import lasting

LABELS = {
    "status": gettext_lazy("Status"),
    "source": gettext_lazy("Source"),
    "agent": gettext_lazy("Agent"),
    "agent_kind": gettext_lazy("Kind of agent"),
    "team": gettext_lazy("Team"),
    "channel": gettext_lazy("Channel"),
    "language": gettext_lazy("Language"),
    "tag": gettext_lazy("Tag"),
    "topic": gettext_lazy("Topic"),
    "not_agent": gettext_lazy("Agent is not"),
    "not_team": gettext_lazy("Team is not"),
    "not_tag": gettext_lazy("Without tag"),
    "not_channel": gettext_lazy("Channel is not"),
    "opened_from": gettext_lazy("Opened from"),
    "opened_to": gettext_lazy("Opened to"),
    "closed_from": gettext_lazy("Closed from"),
    "closed_to": gettext_lazy("Closed to"),
    "tenure_min": gettext_lazy("Agent's days here at least"),
    "tenure_max": gettext_lazy("Agent's days here at most"),
    "reopened_min": gettext_lazy("Reopened at least"),
    "messages_min": gettext_lazy("Messages at least"),
    "messages_max": gettext_lazy("Messages at most"),
    "replies_min": gettext_lazy("Replies at least"),
    "replies_max": gettext_lazy("Replies at most"),
    "first_response_min": gettext_lazy("First response after at least"),
    "first_response_max": gettext_lazy("First response within"),
    "handling_min": gettext_lazy("Handling at least"),
    "handling_max": gettext_lazy("Handling at most"),
    "csat_min": gettext_lazy("CSAT at least (of 1 to 5)"),
    "csat_max": gettext_lazy("CSAT at most (of 1 to 5)"),
    "csat_comment": gettext_lazy("CSAT comment"),
    "csat_answered": gettext_lazy("CSAT answered"),
    "internal_notes": gettext_lazy("Internal notes"),
    "bot": gettext_lazy("A bot took part"),
    "reviewed": gettext_lazy("Reviewed"),
    "reviewed_by_me": gettext_lazy("Reviewed by me"),
    "scorecard": gettext_lazy("Reviewed with scorecard"),
    "silence_min": gettext_lazy("Customer waited at least"),
    "agents_min": gettext_lazy("Agents at least"),
    "waited_at_end": gettext_lazy("Longest wait at the end"),
    "closing_missing": gettext_lazy("No closing message"),
    "long_for_topic": gettext_lazy("Long for its topic"),
    "words": gettext_lazy("Words of"),
    "q": gettext_lazy("Words"),
}
CHOICES = {
    "open": gettext_lazy("Open"),
    "pending": gettext_lazy("Pending"),
    "closed": gettext_lazy("Closed"),
    "human": gettext_lazy("Human"),
    "bot": gettext_lazy("Bot"),
    "escalation": gettext_lazy("Escalation"),
    "cancellation": gettext_lazy("Cancellation"),
}
CHOSEN = frozenset({"status", "agent_kind", "words"})
SECONDS = frozenset(
    {"first_response_min", "first_response_max", "handling_min", "handling_max", "silence_min"}
)
DAYS = frozenset({"opened_from", "opened_to", "closed_from", "closed_to"})
PEOPLE = {"agent": "agent", "not_agent": "agent", "team": "team", "not_team": "team"}
ROWS: dict[str, Callable[[Actor], QuerySet[Any]]] = {"agent": people.agents, "team": people.teams}


def described(actor: Actor, filter_json: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A filter as `as_json` writes it, in words: what, and which values. At most three queries."""
    given = {name: value if isinstance(value, list) else [value] for name, value in filter_json.items()}
    named = _names(actor, given)
    found = []
    for name, values in given.items():
        label = LABELS.get(name) or name.removeprefix(ATTRIBUTE)
        words = named.get(name) or [value_in_words(name, each) for each in values]
        found.append((str(label), _(" or ").join(words)))
    return found


def value_in_words(name: str, value: Any) -> str:
    """One value of a name, other than those that name agents or teams."""
    if (
        (isinstance(value, bool) or value in ("true", "false"))
        and not name.startswith(ATTRIBUTE)
        and name != "q"
    ):
        return _("Yes") if value in (True, "true") else _("No")
    if name in CHOSEN and value in CHOICES:
        return str(CHOICES[value])
    if name in SECONDS and str(value).isdigit():
        return lasting(int(value))
    if name in DAYS and (day := parse_date(str(value))):
        return date_format(day)
    return str(value)


def _names(actor: Actor, given: Mapping[str, list[Any]]) -> dict[str, list[str]]:
    """The agents and teams that are named, by parameter: merged agents by whom they went into; those that are
    gone are left out."""
    found: dict[str, list[str]] = {}
    for kind, rows in ROWS.items():
        names = [name for name, of in PEOPLE.items() if of == kind and name in given]
        if names:
            wanted = {pk for name in names for pk in given[name]}
            heirs = people.persons(actor.workspace_id, wanted) if kind == "agent" else {}
            now = {pk: heirs.get(pk, pk) for pk in wanted}
            known = {row.pk: str(row) for row in rows(actor).filter(pk__in=now.values())}
            for name in names:
                ids = dict.fromkeys(now[pk] for pk in given[name])
                found[name] = [known[pk] for pk in ids if pk in known]
    return found
