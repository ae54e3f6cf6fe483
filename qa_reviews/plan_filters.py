"""A plan's filters as a form asks for them, and back: what the form has fields for, ready risk signals, and
what it can only keep. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.risks import READY

Json = dict[str, Any]

CHOSEN = ("team", "not_team", "agent", "not_agent")
TYPED = ("channel", "language", "topic", "tag", "not_channel", "not_tag")
COUNTED = ("tenure_min", "tenure_max")
OWN_RISKS = ("csat_max", "messages_min", "handling_min", "tag")
SECONDS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Parted:
    """A filter by what the form asks for, and the rest of it."""

    fields: Json
    more: Json


@dataclass(frozen=True, slots=True)
class PartedRisks:
    """Risk filters, any of which may hold: keys of ready signals, what the form asks for, and the others."""

    ready: list[str] = field(default_factory=list)
    own: Json = field(default_factory=dict)
    more: list[Json] = field(default_factory=list)


def part(filter_json: Mapping[str, Any]) -> Parted:
    """A stored filter, taken apart."""
    found = Parted({}, {})
    for name, value in filter_json.items():
        if name in CHOSEN:
            found.fields[name] = _listed(value)
        elif name in TYPED and not any("," in str(each) for each in _listed(value)):
            found.fields[name] = ", ".join(map(str, _listed(value)))
        elif name in COUNTED:
            found.fields[name] = value
        else:
            found.more[name] = value
    return found


def join(said: Mapping[str, Any], more: Mapping[str, Any]) -> Json:
    """The filter of a form's answers, and what it kept."""
    found: Json = {name: said[name] for name in CHOSEN if said.get(name)}
    found |= {name: parts for name in TYPED if (parts := typed(said.get(name, "")))}
    found |= {name: said[name] for name in COUNTED if said.get(name) is not None}
    return found | dict(more)


def part_risks(risk_filter: Any) -> PartedRisks:
    """A stored risk filter (none, one, or a list), taken apart."""
    found = PartedRisks()
    for each in _listed(risk_filter) if risk_filter else []:
        if (key := _ready_key(each)) is not None:
            found.ready.append(key)
        elif (own := _own(each)) is not None and own[0] not in found.own:
            found.own[own[0]] = own[1]
        else:
            found.more.append(each)
    return found


def join_risks(ready: Iterable[str], own: Mapping[str, Any], more: Iterable[Json]) -> list[Json]:
    """The risk filters of a form's answers, and what it kept; empty for no bands."""
    chosen = set(ready)
    minutes = own.get("handling_min")
    asked = {
        "csat_max": None if own.get("csat_max") is None else str(own["csat_max"]),
        "messages_min": own.get("messages_min"),
        "handling_min": None if minutes is None else minutes * SECONDS_A_MINUTE,
        "tag": typed(own.get("tag") or ""),
    }
    found = [dict(signal.filter) for signal in READY if signal.key in chosen]
    return [*found, *({name: value} for name, value in asked.items() if value), *more]


def kept(more: Any) -> Json:
    """What a form kept of a filter; nothing of what no filter looks like."""
    return dict(more) if isinstance(more, Mapping) else {}


def kept_risks(more: Any) -> list[Json]:
    """What a form kept of risk filters; nothing of what no filters look like."""
    return [dict(each) for each in more if isinstance(each, Mapping)] if isinstance(more, list) else []


def typed(said: str) -> list[str]:
    """What was written apart by commas."""
    return [each.strip() for each in said.split(",") if each.strip()]


def _ready_key(risk: Json) -> str | None:
    return next((signal.key for signal in READY if _same(signal.filter, risk)), None)


def _own(risk: Json) -> tuple[str, Any] | None:
    """The form's field and value that ask for exactly this risk."""
    if len(risk) != 1:
        return None
    [(name, value)] = risk.items()
    if name == "tag":
        values = _listed(value)
        return None if any("," in str(each) for each in values) else (name, ", ".join(map(str, values)))
    if name == "handling_min":
        return (name, value // SECONDS_A_MINUTE) if value % SECONDS_A_MINUTE == 0 else None
    return (name, value) if name in OWN_RISKS else None


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _plain(one) == _plain(other)


def _plain(filter_json: Mapping[str, Any]) -> dict[str, list[str]]:
    """However a value is written: 2 or "2", alone or in a list."""
    return {
        name: sorted(each if isinstance(each, str) else json.dumps(each) for each in _listed(value))
        for name, value in filter_json.items()
    }


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
