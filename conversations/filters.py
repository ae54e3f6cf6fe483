"""Which conversations: one filter for the list's query parameters and for the JSON object of a sample plan.

Every name may hold one value or several, any of which will do; all names together must hold. Numbers and
dates with several values take the widest one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.db.models import Exists, F, Func, Q, TextField, Value
from django.db.models.lookups import In
from django.http import QueryDict
from django.utils.dateparse import parse_date

from accounts import selectors
from accounts.access import Actor
from common.errors import FieldError, Invalid, invalid
from common.params import BIGGEST_ID
from common.refs import EXTERNAL, EXTERNAL_FIELD, Ref
from conversations.fields import printable, step_to
from conversations.models import Conversation
from conversations.selectors import answered_at_most, saying

T = TypeVar("T")
Texts = tuple[str, ...]

ATTRIBUTE = "attribute."
NOT_IN_PLANS = frozenset({"reviewed", "closed_from", "closed_to"})
MOST_VALUES = 1000
LONGEST_TEXT = 1000
BIGGEST_COUNT = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a conversation must be. Empty means anything.

    `reviewed` is not part of `q()`: reviews live above this app, so whoever asks for it applies it.
    """

    status: Texts = ()
    source: Texts = ()
    agent: tuple[int, ...] = ()
    team: tuple[int, ...] = ()
    channel: Texts = ()
    language: Texts = ()
    tag: Texts = ()
    topic: Texts = ()
    attributes: tuple[tuple[str, Texts], ...] = ()
    closed_from: date | None = None
    closed_to: date | None = None
    csat_max: Decimal | None = None  # on a scale from 1 to 5
    reopened_min: int | None = None
    messages_min: int | None = None
    handling_min: int | None = None  # seconds, as the helpdesk reported them
    reviewed: bool | None = None
    words: Texts = ()

    @property
    def uses_csat(self) -> bool:
        """Whether it tells what customers answered, which a blind reviewer must not learn."""
        return self.csat_max is not None

    def q(self, agent_field: str = "agent") -> Q:
        """The condition on rows of Conversation. `agent_field` names the agent whose work it counts as."""
        found = Q(**{f"{agent_field}__in": self.agent}) if self.agent else Q()
        for name in ("status", "source", "team", "channel", "language", "topic"):
            if values := getattr(self, name):
                found &= Q(**{f"{name}__in": values})
        if self.tag:
            found &= Q(tags__overlap=list(self.tag))
        for name, values in self.attributes:
            found &= Q(In(_attribute_text(name), values))
        for lookup, value in self._bounds():
            if value is not None:
                found &= Q(**{lookup: value})
        if self.csat_max is not None:
            found &= Q(Exists(answered_at_most(self.csat_max)))
        if self.words:
            found &= any_of([saying(words) for words in self.words])
        return found

    def _bounds(self) -> Sequence[tuple[str, date | int | None]]:
        return (
            ("closed_on__gte", self.closed_from),
            ("closed_on__lte", self.closed_to),
            ("reopened_count__gte", self.reopened_min),
            ("message_count__gte", self.messages_min),
            ("reported_handling_seconds__gte", self.handling_min),
        )

    def as_json(self) -> dict[str, Any]:
        """The same filter as a plan keeps it: ids, not references; a list wherever several may stand."""
        found: dict[str, Any] = {}
        for name, value in asdict(self).items():
            if name == "attributes":
                found |= {f"{ATTRIBUTE}{key}": list(values) for key, values in value}
            elif name == "words":
                found |= {"q": list(value)} if value else {}
            elif value not in (None, ()):
                found[name] = list(value) if isinstance(value, tuple) else _plain(value)
        return found


def any_of(conditions: Collection[Q]) -> Q:
    """Rows for which at least one of the conditions holds; none for no condition."""
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value


def _attribute_text(name: str) -> Func:
    """The attribute as text, whatever its name (a lookup would take "1" or "a__b" apart)."""
    return Func(F("attributes"), Value(name), function="jsonb_extract_path_text", output_field=TextField())


# --- Reading ------------------------------------------------------------------------------------


class _Wrong(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise _Wrong("invalid", "Must be a text.")
    if len(raw) > LONGEST_TEXT or "\0" in raw or any("\ud800" <= c <= "\udfff" for c in raw):
        raise _Wrong("invalid_text", "This text is too long or has characters that cannot be stored.")
    return raw


def _attribute(raw: Any) -> str:
    """Attributes are compared as text; numbers and truth values as JSON writes them."""
    return json.dumps(raw) if isinstance(raw, bool | int | float) else _text(raw)


def _status(raw: Any) -> str:
    if raw not in Conversation.Status.values:
        raise _Wrong("invalid", f"Must be one of {', '.join(Conversation.Status.values)}.")
    return str(raw)


def _decimal(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise _Wrong("invalid", "Must be a number.")
    try:
        found = Decimal(str(raw))
    except InvalidOperation:
        raise _Wrong("invalid", "Must be a number.") from None
    if not found.is_finite():
        raise _Wrong("invalid", "Must be a number.")
    return found


def _csat(raw: Any) -> Decimal:
    found = _decimal(raw)
    if not 1 <= found <= 5:
        raise _Wrong("out_of_range", "Must lie between 1 and 5.")
    return found.quantize(Decimal("0.0001")).normalize()


def _count(raw: Any) -> int:
    found = _decimal(raw)
    if not 0 <= found <= BIGGEST_COUNT or found != found.to_integral_value():
        raise _Wrong("out_of_range", "Must be a whole number, 0 or more.")
    return int(found)


def _day(raw: Any) -> date:
    try:
        found = parse_date(raw) if isinstance(raw, str) else None
    except ValueError:
        found = None
    if found is None:
        raise _Wrong("invalid_date", "Must be a date like 2026-03-02.")
    return found


def _truth(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw not in ("true", "false"):
        raise _Wrong("invalid", "Must be true or false.")
    return bool(raw == "true")


def _ref(raw: Any) -> Ref:
    if isinstance(raw, Mapping) and set(raw) <= {"id", "external_id", "source", "name"}:
        if "id" in raw:
            return _ref(raw["id"])
        source = raw.get("source")
        return Ref(
            external_id=_text(raw.get("external_id")), source=None if source is None else _text(source)
        )
    if isinstance(raw, str) and raw.startswith(EXTERNAL):
        return Ref(external_id=_text(raw.removeprefix(EXTERNAL)))
    digits = str(raw) if isinstance(raw, int | str) and not isinstance(raw, bool) else ""
    if not digits.isascii() or not digits.isdigit():
        raise _Wrong("invalid", "Give an id, or an external id.")
    if len(digits) > len(str(BIGGEST_ID)) or int(digits) > BIGGEST_ID:
        raise _Wrong("not_found", f"There is nothing with the id “{digits[:30]}” here.")
    return Ref(id=int(digits))


READERS: dict[str, Callable[[Any], Any]] = {
    "status": _status,
    "source": _text,
    "agent": _ref,
    "team": _ref,
    "channel": _text,
    "language": _text,
    "tag": _text,
    "topic": _text,
    "closed_from": _day,
    "closed_to": _day,
    "csat_max": _csat,
    "reopened_min": _count,
    "messages_min": _count,
    "handling_min": _count,
    "reviewed": _truth,
    "q": _text,
}
WIDEST: dict[str, Callable[[list[Any]], Any]] = {
    "closed_from": min,
    "closed_to": max,
    "csat_max": max,
    "reopened_min": min,
    "messages_min": min,
    "handling_min": min,
    "reviewed": lambda values: values[0] if len(set(values)) == 1 else None,
}
NAMES = frozenset(READERS)
"""The parameters of the list, besides `attribute.<name>`."""
assert {each.name for each in fields(Filter)} == (NAMES - {"q"}) | {"words", "attributes"}


def from_query(actor: Actor, query: QueryDict, also: Collection[str] = ()) -> Filter:
    """The filter of a list's address; `also` names parameters that mean something else (paging).
    At most two queries. Raises Invalid naming each parameter that is unknown or wrong."""
    given = {name: [raw for raw in query.getlist(name) if raw] for name in query if name not in also}
    return _read(actor, given, pointer="", unknown="unknown_parameter")


def from_json(actor: Actor, raw: Any, pointer: str) -> Filter:
    """The filter of a plan's JSON object. At most two queries. Raises Invalid with pointers below `pointer`;
    `not_allowed_in_plan` for what says which conversations were reviewed, or when they were closed."""
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
        key = name.removeprefix(ATTRIBUTE) if name.startswith(ATTRIBUTE) and "\0" not in name else ""
        read = _attribute if key else READERS.get(name)
        if read is None:
            errors.append(FieldError(here, unknown, f"There is no filter “{printable(name)[:80]}”."))
        elif not raw and not empty:
            errors.append(FieldError(here, "required", "Give at least one value."))
        elif values := _values(raw, read, here, errors):
            if key:
                attributes.append((key, tuple(values)))
            else:
                found["words" if name == "q" else name] = WIDEST.get(name, tuple)(values)
    for name, rows in (("agent", selectors.agents), ("team", selectors.teams)):
        if name in found:
            found[name] = _ids(rows(actor), found[name], f"{pointer}/{name}", errors)
    if errors:
        raise Invalid(errors)
    return Filter(**found, attributes=tuple(sorted(attributes)))


def _values(raw: list[Any], read: Callable[[Any], T], pointer: str, errors: list[FieldError]) -> list[T]:
    if len(raw) > MOST_VALUES:
        errors.append(FieldError(pointer, "too_many", f"At most {MOST_VALUES} values can be given."))
        return []
    found = []
    for value in raw:
        try:
            found.append(read(value))
        except _Wrong as wrong:
            errors.append(FieldError(pointer, wrong.code, wrong.detail))
    return list(dict.fromkeys(found))


def _ids(rows: Any, refs: Sequence[Ref], pointer: str, errors: list[FieldError]) -> tuple[int, ...]:
    """The ids that the references name, in order of id; those that the actor cannot see are `not_found`.
    Teams have no external id."""
    external = hasattr(rows.model, EXTERNAL_FIELD)
    columns = ("pk", EXTERNAL_FIELD, "source") if external else ("pk",)
    wanted = Q(pk__in=[ref.id for ref in refs if ref.id is not None])
    named = any_of([ref.condition(rows.model) for ref in refs if ref.id is None])
    found = list(rows.filter(wanted | named).values_list(*columns))
    for ref in refs:
        if not any(_names(ref, row) for row in found):
            errors.append(
                FieldError(pointer, "not_found", f"There is no {rows.model.__name__.lower()} “{ref}”.")
            )
    return tuple(sorted({row[0] for row in found}))


def _names(ref: Ref, row: tuple[Any, ...]) -> bool:
    if ref.id is not None:
        return bool(row[0] == ref.id)
    return len(row) > 1 and row[1] == ref.external_id and ref.source in (None, row[2])


def stored(kept: Mapping[str, Any]) -> Filter:
    """The filter that `as_json` wrote, without looking at the database."""
    found: dict[str, Any] = {}
    for each in fields(Filter):
        if (value := kept.get("q" if each.name == "words" else each.name)) is None:
            continue
        if each.name == "csat_max":
            found[each.name] = Decimal(value)
        else:
            found[each.name] = tuple(value) if isinstance(value, list) else value
    attributes = [
        (name.removeprefix(ATTRIBUTE), tuple(values))
        for name, values in kept.items()
        if name.startswith(ATTRIBUTE)
    ]
    return Filter(**found, attributes=tuple(sorted(attributes)))
