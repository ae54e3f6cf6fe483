"""Which conversations: one filter for the list's query parameters and for the JSON object of a sample plan.

Every name may hold one value or several, any of which will do; all names together must hold. Numbers and
dates with several values take the widest one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.lookups import In
from django.http import QueryDict

from accounts import selectors
from accounts.access import Actor
from accounts.models import Agent
from common.errors import FieldError, Invalid, invalid
from conversations import filter_values as values_of
from conversations.fields import printable, step_to
from conversations.filter_refs import resolve_people
from conversations.filter_values import Wrong
from conversations.models import Conversation, SignalWords
from conversations.searching import Home, saying, using
from conversations.selectors import home_of, longer_than_usual

T = TypeVar("T")
Texts = tuple[str, ...]

ATTRIBUTE = "attribute."
NOT_IN_PLANS = frozenset(
    {"reviewed", "reviewed_by_me", "scorecard", "closed_from", "closed_to", "opened_from", "opened_to"}
)
MOST_VALUES = 1000
# Names that compare a column with one value, or with any of several.
AMONG = ("status", "source", "team", "channel", "language", "topic")
AT_LEAST = {
    "closed_from": "closed_on",
    "reopened_min": "reopened_count",
    "messages_min": "message_count",
    "replies_min": "reply_count",
    "handling_min": "reported_handling_seconds",
    "csat_min": "csat",
    "silence_min": "longest_silence_seconds",
    "agents_min": "agent_count",
}
AT_MOST = {
    "closed_to": "closed_on",
    "messages_max": "message_count",
    "replies_max": "reply_count",
    "handling_max": "reported_handling_seconds",
    "csat_max": "csat",
}
WHETHER = {
    "csat_comment": "csat_commented",
    "internal_notes": "has_internal",
    "bot": "has_bot",
    "waited_at_end": "waited_at_end",
    "closing_missing": "closing_missing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a conversation must be. Empty means anything.

    `reviewed`, `reviewed_by_me` and `scorecard` are not part of `q()`: reviews live above this app, so
    whoever asks for them applies them. `home` is no part of what is asked: `bound` fills it in.
    """

    status: Texts = ()
    source: Texts = ()
    agent: tuple[int, ...] = ()
    agent_kind: Texts = ()
    team: tuple[int, ...] = ()
    channel: Texts = ()
    language: Texts = ()
    tag: Texts = ()
    topic: Texts = ()
    attributes: tuple[tuple[str, Texts], ...] = ()
    not_agent: tuple[int, ...] = ()
    not_team: tuple[int, ...] = ()
    not_tag: Texts = ()
    not_channel: Texts = ()
    opened_from: date | None = None
    opened_to: date | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    tenure_min: int | None = None  # days from the agent's start to the closing, both counted
    tenure_max: int | None = None
    reopened_min: int | None = None
    messages_min: int | None = None
    messages_max: int | None = None
    replies_min: int | None = None
    replies_max: int | None = None
    first_response_min: int | None = None  # seconds; zero or less was excluded and is never found
    first_response_max: int | None = None
    handling_min: int | None = None  # seconds, as the helpdesk reported them
    handling_max: int | None = None
    csat_min: Decimal | None = None  # on a scale from 1 to 5
    csat_max: Decimal | None = None
    csat_comment: bool | None = None
    csat_answered: bool | None = None
    internal_notes: bool | None = None
    bot: bool | None = None
    reviewed: bool | None = None
    reviewed_by_me: bool | None = None
    scorecard: tuple[int, ...] = ()
    silence_min: int | None = None  # seconds
    agents_min: int | None = None
    waited_at_end: bool | None = None
    closing_missing: bool | None = None
    long_for_topic: bool | None = None
    words: Texts = ()  # kinds of signal words
    said: Texts = ()  # the parameter q
    home: Home | None = field(default=None, compare=False, repr=False)

    @property
    def uses_csat(self) -> bool:
        """Whether it tells what customers answered, which a blind reviewer must not learn."""
        asked = (self.csat_min, self.csat_max, self.csat_comment, self.csat_answered)
        return any(each is not None for each in asked)

    @property
    def needs_home(self) -> bool:
        """Whether its condition depends on something of the workspace beside the conversation."""
        return bool(self.words or self.said or self.opened_from or self.opened_to)

    def q(self, agent_field: str = "agent") -> Q:
        """The condition on rows of Conversation. `agent_field` names the agent whose work it counts as."""
        return reduce(and_, self._conditions(agent_field), Q())

    def _conditions(self, agent_field: str) -> Iterator[Q]:
        yield from self._about_people(agent_field)
        for name in AMONG:
            if values := getattr(self, name):
                yield Q(**{f"{name}__in": values})
        if self.tag:
            yield Q(tags__overlap=list(self.tag))
        if self.not_tag:
            yield ~Q(tags__overlap=list(self.not_tag))
        if self.not_channel:
            yield ~Q(channel__in=self.not_channel)
        for name, texts in self.attributes:
            yield Q(In(_attribute_text(name), texts))
        yield from self._bounds()
        for name, column in WHETHER.items():
            if (asked := getattr(self, name)) is not None:
                yield Q(**{column: asked})
        if self.csat_answered is not None:
            yield Q(csat__isnull=not self.csat_answered)
        if self.long_for_topic is not None:
            yield Q(longer_than_usual()) if self.long_for_topic else ~Q(longer_than_usual())
        if self.needs_home:
            yield from self._at_home()

    def _about_people(self, agent_field: str) -> Iterator[Q]:
        if self.agent:
            yield Q(**{f"{agent_field}__in": self.agent})
        if self.not_agent:
            yield ~Q(**{f"{agent_field}__in": self.not_agent})
        if self.not_team:
            yield ~Q(team__in=self.not_team)
        if self.agent_kind:
            yield Q(**{f"{agent_field}__kind__in": self.agent_kind})
        start = f"{agent_field}__starts_on"
        if self.tenure_min is not None:
            since = F(start) + timedelta(days=self.tenure_min - 1)
            yield Q(**{f"{agent_field}__isnull": False, f"{start}__isnull": True}) | Q(closed_on__gte=since)
        if self.tenure_max is not None:
            yield Q(closed_on__lte=F(start) + timedelta(days=self.tenure_max - 1))

    def _bounds(self) -> Iterator[Q]:
        for names, lookup in ((AT_LEAST, "gte"), (AT_MOST, "lte")):
            for name, column in names.items():
                if (bound := getattr(self, name)) is not None:
                    yield Q(**{f"{column}__{lookup}": bound})
        if self.first_response_min is not None or self.first_response_max is not None:
            yield Q(first_response_seconds__gt=0, first_response_seconds__gte=self.first_response_min or 0)
        if self.first_response_max is not None:
            yield Q(first_response_seconds__lte=self.first_response_max)

    def _at_home(self) -> Iterator[Q]:
        if self.home is None:
            raise RuntimeError("filters.bound must give this filter its workspace first")
        zone = ZoneInfo(self.home.timezone)
        if self.opened_from:
            yield Q(opened_at__gte=datetime.combine(self.opened_from, time(), zone))
        if self.opened_to:
            yield Q(opened_at__lte=datetime.combine(self.opened_to, time.max, zone))
        if self.words:
            yield any_of([using(self.home.words[kind]) for kind in self.words])
        if self.said:
            yield saying(self.said, self.home.languages)

    def as_json(self) -> dict[str, Any]:
        """The same filter as a plan keeps it: ids, not references; a list wherever several may stand."""
        found: dict[str, Any] = {}
        for name in ASKED:
            value = getattr(self, name)
            if name == "attributes":
                found |= {f"{ATTRIBUTE}{key}": list(values) for key, values in value}
            elif value not in (None, ()):
                found[PARAMETERS.get(name, name)] = list(value) if isinstance(value, tuple) else _plain(value)
        return found


ASKED = tuple(each.name for each in fields(Filter) if each.name != "home")
PARAMETERS = {"said": "q"}  # fields that are not called as their parameter
FIELDS = {parameter: name for name, parameter in PARAMETERS.items()}


def bound(actor: Actor, *found: Filter) -> tuple[Filter, ...]:
    """The filters with what their conditions need of the actor's workspace: its zone, languages and signal
    words as they are now, and the agents whom merged ones went into. Two queries where one needs the first,
    one where agents are named."""
    found = _of_persons(actor, found)
    if not any(each.needs_home for each in found):
        return found
    home = home_of(actor)
    return tuple(replace(each, home=home) for each in found)


def _of_persons(actor: Actor, found: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """The filters by the agents that are; whoever was merged stands for the one he went into."""
    named = {agent_id for each in found for agent_id in (*each.agent, *each.not_agent)}
    persons = selectors.persons(actor.workspace_id, named) if named else {}
    if not persons:
        return found

    def followed(agents: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted({persons.get(agent_id, agent_id) for agent_id in agents}))

    return tuple(
        replace(each, agent=followed(each.agent), not_agent=followed(each.not_agent)) for each in found
    )


def any_of(conditions: Collection[Q]) -> Q:
    """Rows for which at least one of the conditions holds; none for no condition."""
    return reduce(or_, conditions, Q(pk__in=[]))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value


def _attribute_text(name: str) -> Func:
    """The attribute as text, whatever its name (a lookup would take "1" or "a__b" apart)."""
    return Func(F("attributes"), Value(name), function="jsonb_extract_path_text", output_field=TextField())


# --- Reading ------------------------------------------------------------------------------------

READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("source", "channel", "language", "tag", "topic", "not_tag", "not_channel", "q"),
                    values_of.text),
    **dict.fromkeys(("agent", "team", "not_agent", "not_team"), values_of.ref),
    **dict.fromkeys(("opened_from", "opened_to", "closed_from", "closed_to"), values_of.day),
    **dict.fromkeys(("tenure_min", "tenure_max"), values_of.days),
    **dict.fromkeys(
        (
            *("reopened_min", "messages_min", "messages_max", "replies_min", "replies_max", "handling_min"),
            *("handling_max", "first_response_min", "first_response_max", "silence_min", "agents_min"),
        ),
        values_of.count,
    ),
    **dict.fromkeys(("csat_min", "csat_max"), values_of.csat),
    **dict.fromkeys(
        (*WHETHER, "csat_answered", "long_for_topic", "reviewed", "reviewed_by_me"), values_of.truth
    ),
    "status": values_of.one_of(Conversation.Status.values),
    "agent_kind": values_of.one_of(Agent.Kind.values),
    "words": values_of.one_of(SignalWords.Kind.values),
    "scorecard": values_of.row_id,
}  # fmt: skip


def _widest(name: str) -> Callable[[list[Any]], Any]:
    if READERS[name] is values_of.truth:
        return lambda values: values[0] if len(set(values)) == 1 else None
    if name.endswith(("_min", "_from")):
        return min
    return max if name.endswith(("_max", "_to")) else tuple


NAMES = frozenset(READERS)
"""The parameters of the list, besides `attribute.<name>`."""
assert {*ASKED} == (NAMES - {*FIELDS}) | {*PARAMETERS, "attributes"}


def from_query(actor: Actor, query: QueryDict, also: Collection[str] = ()) -> Filter:
    """The filter of a list's address; `also` names parameters that mean something else (paging).
    At most four queries. Raises Invalid naming each parameter that is unknown or wrong."""
    given = {name: [raw for raw in query.getlist(name) if raw] for name in query if name not in also}
    return _read(actor, given, pointer="", unknown="unknown_parameter")


def from_json(actor: Actor, raw: Any, pointer: str) -> Filter:
    """The filter of a plan's JSON object. At most four queries. Raises Invalid with pointers below `pointer`;
    `not_allowed_in_plan` for what says which conversations were reviewed, or from when they are."""
    if not isinstance(raw, Mapping):
        raise invalid(pointer, "invalid", "A filter is an object with the names of the list's parameters.")
    refused = [
        FieldError(f"{pointer}/{name}", "not_allowed_in_plan", f"A plan cannot filter by “{name}”.")
        for name in raw
        if name in NOT_IN_PLANS
    ]
    if refused:
        raise Invalid(refused)
    given = {str(name): value if isinstance(value, list) else [value] for name, value in raw.items()}
    return _read(actor, given, pointer, unknown="unknown_field", empty=False)


def risks_from_json(actor: Actor, raw: Any, pointer: str) -> tuple[Filter, ...]:
    """A risk filter: one filter, or a list of which any may hold. Raises as `from_json`; an object that asks
    for nothing is refused, since everything would be a risk."""
    several = isinstance(raw, list)
    found = []
    for place, each in enumerate(raw if several else [raw]):
        here = f"{pointer}/{place}" if several else pointer
        if not (one := from_json(actor, each, here)).as_json():
            raise invalid(here, "required", "Say what makes a conversation a risk.")
        found.append(one)
    if not found:
        raise invalid(pointer, "required", "Give at least one filter, or leave the risk filter out.")
    return tuple(found)


def _read(
    actor: Actor, given: Mapping[str, list[Any]], pointer: str, unknown: str, empty: bool = True
) -> Filter:
    errors: list[FieldError] = []
    found: dict[str, Any] = {}
    attributes: list[tuple[str, Texts]] = []
    for name, raw in given.items():
        here = f"{pointer}{step_to(name)}"
        key = name.removeprefix(ATTRIBUTE) if name.startswith(ATTRIBUTE) and values_of.storable(name) else ""
        read = values_of.attribute if key else READERS.get(name)
        if read is None:
            errors.append(FieldError(here, unknown, f"There is no filter “{printable(name)[:80]}”."))
        elif not raw and not empty:
            errors.append(FieldError(here, "required", "Give at least one value."))
        elif values := _values(raw, read, here, errors):
            if key:
                attributes.append((key, tuple(values)))
            else:
                found[FIELDS.get(name, name)] = _widest(name)(values)
    resolve_people(actor, found, pointer, errors)
    if errors:
        raise Invalid(errors)
    [asked] = bound(actor, Filter(**found, attributes=tuple(sorted(attributes))))
    return asked


def _values(raw: list[Any], read: Callable[[Any], T], pointer: str, errors: list[FieldError]) -> list[T]:
    if len(raw) > MOST_VALUES:
        errors.append(FieldError(pointer, "too_many", f"At most {MOST_VALUES} values can be given."))
        return []
    found = []
    for value in raw:
        try:
            found.append(read(value))
        except Wrong as wrong:
            errors.append(FieldError(pointer, wrong.code, wrong.detail))
    return list(dict.fromkeys(found))


def stored(kept: Mapping[str, Any]) -> Filter:
    """The filter that `as_json` wrote, without looking at the database; `bound` it before asking for its
    condition."""
    found: dict[str, Any] = {}
    for name in ASKED:
        parameter = PARAMETERS.get(name, name)
        if (value := kept.get(parameter)) is None:
            continue
        if isinstance(value, list):
            found[name] = tuple(value)
        else:
            found[name] = READERS[parameter](value)
    attributes = [
        (name.removeprefix(ATTRIBUTE), tuple(values))
        for name, values in kept.items()
        if name.startswith(ATTRIBUTE)
    ]
    return Filter(**found, attributes=tuple(sorted(attributes)))
