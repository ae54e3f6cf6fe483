"""Published figures to compare with: added, changed, removed, and those that a new workspace starts with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Actor, Capability
from accounts.models import ReferenceFigure
from accounts.references import PUBLISHED
from accounts.services.audit import record
from common.errors import FieldError, Invalid, Missing, invalid
from common.etags import check_match

FIELDS = ("metric", "value", "year", "source", "url", "shown")


class ReferenceChanges(TypedDict, total=False):
    """`value` in per cent, 0 to 100; `shown`: drawn as a line in charts."""

    metric: str
    value: Decimal
    year: int
    source: str
    url: str
    shown: bool


def give_published(*, actor: Actor) -> None:
    """The figures that a new workspace starts with."""
    ReferenceFigure.objects.bulk_create(
        ReferenceFigure(
            workspace_id=actor.workspace_id,
            metric=each.metric,
            value=each.value,
            year=each.year,
            source=each.source,
            url=each.url,
        )
        for each in PUBLISHED
    )


@transaction.atomic
def add_reference(*, actor: Actor, values: ReferenceChanges) -> ReferenceFigure:
    """A figure of one metric, year and source; metric, value, year and source are needed."""
    actor.require(Capability.ADMINISTER)
    row = ReferenceFigure(workspace_id=actor.workspace_id, **values)
    _check(actor, row)
    row.save()
    record(actor, "reference.added", row, _told(row))
    return row


@transaction.atomic
def update_reference(
    *, actor: Actor, reference_id: int, changes: ReferenceChanges, if_match: str | None = None
) -> ReferenceFigure:
    """Write the named values; the audit keeps what was before."""
    actor.require(Capability.ADMINISTER)
    row = _locked(actor, reference_id)
    check_match(row, if_match)
    before = _told(row)
    for name, value in changes.items():
        setattr(row, name, value)
    _check(actor, row)
    changed = {name: [before[name], value] for name, value in _told(row).items() if before[name] != value}
    if changed:
        row.save(update_fields=[*changed, "updated_at"])
        record(actor, "reference.updated", row, changed)
    return row


@transaction.atomic
def remove_reference(*, actor: Actor, reference_id: int) -> None:
    """It is drawn no more; the audit keeps what it said."""
    actor.require(Capability.ADMINISTER)
    row = _locked(actor, reference_id)
    record(actor, "reference.removed", row, _told(row))
    ReferenceFigure.objects.filter(pk=row.pk).delete()


def _locked(actor: Actor, reference_id: int) -> ReferenceFigure:
    row = ReferenceFigure.objects.visible_to(actor).select_for_update().filter(pk=reference_id).first()
    if row is None:
        raise Missing()
    return row


def _check(actor: Actor, row: ReferenceFigure) -> None:
    row.source = row.source.strip()
    try:
        row.clean_fields(exclude=["workspace"])
    except ValidationError as found:
        raise Invalid(
            [FieldError(f"/{name}", "invalid", " ".join(words)) for name, words in found.message_dict.items()]
        ) from found
    others = ReferenceFigure.objects.visible_to(actor).exclude(pk=row.pk)
    if others.filter(metric=row.metric, year=row.year, source=row.source).exists():
        raise invalid("/source", "taken", "There is a figure of this year from this source already.")


def _told(row: ReferenceFigure) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in FIELDS}
    return said | {"value": f"{Decimal(row.value).normalize():f}"}
