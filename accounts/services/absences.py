"""Days on which somebody reviews nothing."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.access import Actor, Capability
from accounts.models import Absence, Member
from accounts.services.audit import record
from common.errors import Missing, invalid


@transaction.atomic
def add_absence(*, actor: Actor, member_id: int, starts_on: date, ends_on: date, note: str = "") -> Absence:
    """A member is away, first and last day included. His own by himself, others' by who plans."""
    member = Member.objects.visible_to(actor).filter(pk=member_id).first()
    if member is None:
        raise Missing()
    _check_may(actor, member)
    if ends_on < starts_on:
        raise invalid("/ends_on", "before_start", "The last day cannot be before the first.")
    absence = Absence.objects.create(
        workspace_id=actor.workspace_id,
        member=member,
        starts_on=starts_on,
        ends_on=ends_on,
        note=note.strip(),
    )
    record(actor, "absence.added", absence, _told(absence))
    return absence


@transaction.atomic
def remove_absence(*, actor: Actor, absence_id: int) -> Absence:
    """He is not away after all; the row is deleted, the audit keeps what it said."""
    rows = Absence.objects.visible_to(actor).select_related("member").select_for_update(of=("self",))
    absence = rows.filter(pk=absence_id).first()
    if absence is None:
        raise Missing()
    _check_may(actor, absence.member)
    record(actor, "absence.removed", absence, _told(absence))
    Absence.objects.filter(pk=absence.pk).delete()
    return absence


def _check_may(actor: Actor, member: Member) -> None:
    own = member.pk == actor.member_id
    actor.require(Capability.GRADE_ASSIGNED if own else Capability.PLAN_MANAGE)


def _told(absence: Absence) -> dict[str, object]:
    return {
        "member": absence.member_id,
        "starts_on": absence.starts_on.isoformat(),
        "ends_on": absence.ends_on.isoformat(),
    }
