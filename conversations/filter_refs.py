"""The agents and teams that a filter names: references into ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, Q

from accounts import selectors
from accounts.access import Actor
from common.errors import FieldError
from common.refs import EXTERNAL_FIELD, Ref, heirs


def resolve_people(actor: Actor, found: dict[str, Any], pointer: str, errors: list[FieldError]) -> None:
    """References under `agent`, `team` and their `not_` become ids, or errors; merged agents are known still
    (`filters.bound` takes those they went into). A query each for agents and teams that are named, two more
    where one of them is not found at once."""
    for kind, rows in (("agent", selectors.agents_ever), ("team", selectors.teams)):
        names = [name for name in (kind, f"not_{kind}") if name in found]
        if not names:
            continue
        known = _known(rows(actor), [ref for name in names for ref in found[name]])
        for name in names:
            found[name] = _ids(known, kind, found[name], f"{pointer}/{name}", errors)


def _known(rows: Any, refs: Sequence[Ref]) -> list[tuple[Any, ...]]:
    """The rows that the references name, as (id, external id, source); teams have the id only. One who was
    merged is known to whoever sees the one he went into. One to three queries."""
    external = hasattr(rows.model, EXTERNAL_FIELD)
    columns = ("pk", EXTERNAL_FIELD, "source") if external else ("pk",)
    found = list(rows.filter(_naming(rows.model, refs)).values_list(*columns))
    lost = [ref for ref in refs if not any(_names(ref, row) for row in found)]
    gone = heirs(rows, _naming(rows.model, lost)) if lost else []
    return [*found, *(row[:-1] for row in gone)]


def _naming(model: type[Model], refs: Sequence[Ref]) -> Q:
    wanted = Q(pk__in=[ref.id for ref in refs if ref.id is not None])
    for ref in refs:
        if ref.id is None:
            wanted |= ref.condition(model)
    return wanted


def _ids(
    known: Sequence[tuple[Any, ...]], kind: str, refs: Sequence[Ref], pointer: str, errors: list[FieldError]
) -> tuple[int, ...]:
    """The ids that the references name, in order; those that the actor cannot see are `not_found`."""
    found: set[int] = set()
    for ref in refs:
        ids = {row[0] for row in known if _names(ref, row)}
        if not ids:
            errors.append(FieldError(pointer, "not_found", f"There is no {kind} “{ref}”."))
        found |= ids
    return tuple(sorted(found))


def _names(ref: Ref, row: tuple[Any, ...]) -> bool:
    if ref.id is not None:
        return bool(row[0] == ref.id)
    return len(row) > 1 and row[1] == ref.external_id and ref.source in (None, row[2])
