"""References: an id or {"external_id", "source"?} in requests, "external:<id>" in queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from common.errors import FieldError, Invalid, invalid
from common.params import texts, whole

M = TypeVar("M", bound=Model)
EXTERNAL, EXTERNAL_FIELD = "external:", "external_id"


@dataclass(frozen=True, slots=True)
class Ref:
    """One row, by our id or by (external_id, source)."""

    id: int | None = None
    external_id: str | None = None
    source: str | None = None

    def __str__(self) -> str:
        return str(self.id) if self.id is not None else f"{self.external_id}"

    def condition(self, model: type[Model]) -> Q:
        """Which rows of the model it names: none by external id where the model has no such thing (teams)."""
        if self.id is not None:
            return Q(pk=self.id)
        if not hasattr(model, EXTERNAL_FIELD):
            return Q(pk__in=())
        named = Q(external_id=self.external_id)
        return named & Q(source=self.source) if self.source else named


def heirs(rows: QuerySet[Any], named: Q) -> list[tuple[int, str, str, int]]:
    """Who is named but went into somebody else (merged agents): id, external id, source, and the id of the
    other, where the actor sees that one. None for models whose rows cannot do so. Two queries at most."""
    gone = rows.model.gone(named) if hasattr(rows.model, "gone") else []
    seen = set(rows.filter(pk__in={row[-1] for row in gone}).values_list("pk", flat=True)) if gone else set()
    return [row for row in gone if row[-1] in seen]


def resolve(rows: QuerySet[M], ref: Ref, pointer: str) -> M:
    """The one row that the reference names among those the actor sees, or the one it went into; Invalid (422)
    at the pointer."""
    named = ref.condition(rows.model)
    found = list(rows.filter(named)[:2])
    if not found or (ref.id is None and ref.source is None):  # else it names one row at most
        ids = {heir for *_, heir in heirs(rows, named)} - {row.pk for row in found}
        found += rows.filter(pk__in=ids) if ids else []
    if not found:
        raise invalid(pointer, "not_found", f"There is no {rows.model._meta.verbose_name} “{ref}” here.")
    if len(found) > 1:
        raise invalid(pointer, "ambiguous", f"“{ref}” exists in several sources: name the source.")
    return found[0]


def refs_in(query: QueryDict, name: str) -> list[Ref]:
    """The references of a repeated query parameter."""
    found = []
    for value in texts(query, name):
        if value.startswith(EXTERNAL):
            found.append(Ref(external_id=value.removeprefix(EXTERNAL)))
        else:
            found.append(Ref(id=whole(value, name)))
    return found


def ids_of(rows: QuerySet[Any], refs: Sequence[Ref], name: str) -> list[int]:
    """Ids of all the references, merged ones by whom they went into; a reference that the actor cannot see is
    `not_found`. An external id that several sources use names them all. One query, two more at most where one
    names a merged agent or an external id."""
    if not refs:
        return []
    by_id = {ref.id for ref in refs if ref.id is not None}
    named = hasattr(rows.model, EXTERNAL_FIELD)
    by_external = {ref.external_id for ref in refs if ref.id is None and named}
    wanted = Q(pk__in=by_id)
    fields = ["pk"]
    if by_external:
        wanted |= Q(external_id__in=by_external)
        fields.append("external_id")
    found = list(rows.filter(wanted).values_list(*fields))
    seen = {row[0] for row in found} | {row[1] for row in found if len(row) > 1}
    gone = heirs(rows, wanted) if by_external or by_id - seen else []
    seen |= {row[0] for row in gone} | {row[1] for row in gone}
    absent = [ref for ref in refs if (ref.id if ref.id is not None else ref.external_id) not in seen]
    if absent:
        raise Invalid(
            [FieldError(f"/{name}", "not_found", f"There is no {name} “{ref}” here.") for ref in absent]
        )
    return list(dict.fromkeys([*(row[0] for row in found), *(row[-1] for row in gone)]))


def ref_json(row: Any) -> dict[str, Any] | None:
    """How a row is named in answers: {"id", "external_id", "name"}."""
    if row is None:
        return None
    return {
        "id": row.pk,
        "external_id": getattr(row, "external_id", None),
        "name": getattr(row, "name", None) or getattr(row, "subject", "") or "",
    }
