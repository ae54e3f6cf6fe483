"""The filters of the list of conversations as controls of a form and as chips.

A name that may hold several values is a choice that adds one: what is set already stays, as a chip. So all of
it works without script, and the form stays as small as what there is to choose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Agent
from conversations.filter_words import LABELS, value_in_words
from conversations.filters import ATTRIBUTE, NAMES
from conversations.models import SignalWords
from qa_reviews.policies.conversations import may_see_csat, may_see_flags
from qa_reviews.selectors.conversation_choices import Choices, Options
from qa_reviews.selectors.conversations import SIGNALS
from qa_reviews.views.listing import address_with

MINUTE, HOUR, DAY = 60, 3600, 86_400
WAITS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, DAY, 3 * DAY)
WORK = (5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, DAY)
SILENCES = (HOUR, 4 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY)
SPANS = {
    **dict.fromkeys(("first_response_min", "first_response_max"), WAITS),
    **dict.fromkeys(("handling_min", "handling_max"), WORK),
    "silence_min": SILENCES,
}
CSAT = {"csat_min", "csat_max", "csat_comment", "csat_answered"}
YES_OR_NO = {"csat_comment", "csat_answered", "internal_notes", "bot", "reviewed", "reviewed_by_me"}
ONLY_YES = {"waited_at_end", "closing_missing", "long_for_topic"}
LISTED = {"topic": "topic", "tag": "tag", "not_tag": "tag"}
"""Names whose values are typed, with a list to choose from, since there may be hundreds: their facets."""
BY_NAME = {"agent": "agent_name", "not_agent": "not_agent_name"}
"""Names of people, of whom there may be thousands, and the parameters in which they are typed."""
ATTRIBUTE_NAME, ATTRIBUTE_VALUE = "attribute_name", "attribute_value"
"""Parameters of the form alone, like those of BY_NAME: the page turns them into filters."""

FREQUENT = ("q", "agent", "team", "channel", "topic", "closed_from", "closed_to")
GROUPS: Sequence[tuple[str | Promise, Sequence[str]]] = (
    (gettext_lazy("People"), ("agent_kind", "not_agent", "not_team", "tenure_min", "tenure_max", "bot")),
    (gettext_lazy("Dates"), ("opened_from", "opened_to")),
    (
        gettext_lazy("Content"),
        (
            *("tag", "not_tag", "language", "not_channel", "source", "attribute", "messages_min"),
            *("messages_max", "replies_min", "replies_max", "internal_notes"),
        ),
    ),
    (
        gettext_lazy("Times"),
        (*("first_response_min", "first_response_max", "handling_min", "handling_max", "reopened_min"),),
    ),
    (gettext_lazy("Customer"), ("csat_min", "csat_max", "csat_answered", "csat_comment")),
    (gettext_lazy("Risk"), SIGNALS),
    (gettext_lazy("Reviews"), ("reviewed", "reviewed_by_me", "scorecard")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One input of the form. `kind`: select, check, or the type of an input; `list`: the id of its
    suggestions; `kept`: names and values that stay as they are, hidden."""

    name: str
    label: str
    kind: str = "text"
    options: Options = ()
    value: str = ""
    list: str = ""
    kept: Sequence[tuple[str, str]] = ()

    @property
    def options_html(self) -> SafeString:
        """All options in one go: a template would take a while for hundreds of teams."""
        parts = []
        for value, label in self.options:
            chosen = " selected" if value == self.value else ""
            parts.append(f'<option value="{escape(value)}"{chosen}>{escape(label)}</option>')
        return mark_safe("".join(parts))


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    controls: Sequence[Control]


@dataclass(frozen=True, slots=True)
class Controls:
    """`lists`: suggestions, as HTML, by the id of their list; `set_below`: how many of the rarer filters are
    set."""

    frequent: Sequence[Control]
    groups: Sequence[Group]
    lists: Mapping[str, SafeString]
    set_below: int


def controls_of(actor: Actor, query: QueryDict, offered: Choices) -> Controls:
    """The form for what the address has set, without what the actor must not ask."""
    hidden = set() if may_see_csat(actor).allowed else set(CSAT)
    hidden |= set() if may_see_flags(actor).allowed else set(SIGNALS)
    hidden |= set() if offered.scorecards else {"scorecard"}
    groups = []
    for label, names in GROUPS:
        shown = [one for name in names if name not in hidden for one in _controls(name, query, offered)]
        if shown:
            groups.append(Group(str(label), shown))
    set_below = {
        name for name in query if name.startswith(ATTRIBUTE) or name in NAMES - {*FREQUENT, "status"}
    }
    return Controls(
        frequent=[one for name in FREQUENT for one in _controls(name, query, offered)],
        groups=groups,
        lists={
            "agents": _suggestions(name for _pk, name in offered.agents),
            "topics": _suggestions(offered.facets["topic"]),
            "tags": _suggestions(offered.facets["tag"]),
        },
        set_below=len(set_below),
    )


def _suggestions(values: Iterable[str]) -> SafeString:
    """As options of a list, escaped in one go: there may be thousands of agents. No value holds a NUL."""
    joined = escape("\0".join(values)).replace("\0", '"><option value="')
    return mark_safe(f'<option value="{joined}">' if joined else "")


def _controls(name: str, query: QueryDict, offered: Choices) -> Iterator[Control]:
    label = str(LABELS.get(name, ""))
    values = query.getlist(name)
    kept = [(name, value) for value in values]
    if name == "attribute":
        yield from _attribute(query, offered)
    elif name in BY_NAME:
        yield Control(name=BY_NAME[name], label=label, list="agents", kept=kept)
    elif name in LISTED:
        yield Control(name=name, label=label, list=f"{LISTED[name]}s", kept=kept)
    elif name in ONLY_YES:
        yield Control(name=name, label=label, kind="check", value=values[0] if values else "")
    elif (options := _options(name, offered)) is not None:
        free = [one for one in options if one[0] not in values]
        yield Control(name=name, label=label, kind="select", options=free, kept=kept)
    else:
        yield _single(name, label, values)


def _single(name: str, label: str, values: Sequence[str]) -> Control:
    """A control that holds the one value of its name."""
    value = values[-1] if values else ""
    if name in YES_OR_NO:
        options: Options = [("true", _("Yes")), ("false", _("No"))]
        return Control(name=name, label=label, kind="select", options=options, value=value)
    if name in SPANS:
        spans = {str(each): _in_words(name, str(each)) for each in SPANS[name]}
        spans |= {value: _in_words(name, value)} if value else {}
        return Control(name=name, label=label, kind="select", options=list(spans.items()), value=value)
    if name in ("csat_min", "csat_max"):
        scale = {str(each): str(each) for each in range(1, 6)} | ({value: value} if value else {})
        return Control(name=name, label=label, kind="select", options=list(scale.items()), value=value)
    if name.endswith(("_min", "_max")):
        return Control(name=name, label=label, kind="number", value=value)
    kind = "date" if name.endswith(("_from", "_to")) else "search"
    return Control(name=name, label=label, kind=kind, value=value)


def _in_words(name: str, value: str) -> str:
    """A value in words; a time span that is one unit by that unit, as "1 day"."""
    units = {str(MINUTE): _("1 minute"), str(HOUR): _("1 hour"), str(DAY): _("1 day")}
    return units[value] if name in SPANS and value in units else value_in_words(name, value)


def _attribute(query: QueryDict, offered: Choices) -> Iterator[Control]:
    """Which attribute, and its value: one more than there are."""
    kept = [(name, value) for name, values in query.lists() if name.startswith(ATTRIBUTE) for value in values]
    names = [(name, name) for name in offered.facets["attribute"]]
    if names or kept:
        label = _("Attribute")
        yield Control(name=ATTRIBUTE_NAME, label=label, kind="select", options=names, kept=kept)
        yield Control(name=ATTRIBUTE_VALUE, label=_("Its value"))


def _options(name: str, offered: Choices) -> Options | None:
    """The values to choose from, for names that may hold several of a few."""
    if name in ("team", "not_team"):
        return offered.teams
    if name == "scorecard":
        return offered.scorecards
    if name in ("channel", "not_channel", "language", "source"):
        return [(value, value) for value in offered.facets[name.removeprefix("not_")]]
    if name in ("agent_kind", "words"):
        kinds = Agent.Kind.values if name == "agent_kind" else SignalWords.Kind.values
        return [(kind, value_in_words(name, kind)) for kind in kinds]
    return None


def chips_of(query: QueryDict, offered: Choices) -> list[dict[str, Any]]:
    """One for each value that narrows the list, in words, with the address without it."""
    agents, teams = dict(offered.agents), dict(offered.teams)
    named = {"agent": agents, "not_agent": agents, "team": teams, "not_team": teams}
    named["scorecard"] = dict(offered.scorecards)
    found = []
    for name, values in query.lists():
        if (name not in NAMES and not name.startswith(ATTRIBUTE)) or name == "status":
            continue
        for value in values:
            others = [other for other in values if other != value]
            found.append(
                {
                    "label": LABELS.get(name) or name.removeprefix(ATTRIBUTE),
                    "value": named.get(name, {}).get(value) or _in_words(name, value),
                    "remove_url": address_with(query, {name: others}),
                }
            )
    return found
