"""The life of an assignment: assigned, acknowledged, started, completed or dismissed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Member
from accounts.services.audit import record
from coaching import policies
from coaching.lifecycle import Move, after
from coaching.models import Assignment
from coaching.selectors.rules import coaches_by_id
from common.errors import Missing, invalid
from common.etags import check_match
from common.periods import local_date
from notices.services import notify, notify_agent

TEXT_LENGTH = 10_000


@transaction.atomic
def assign(
    *,
    actor: Actor,
    assignment_id: int,
    coach: Member | None = None,
    due_on: date | None = None,
    if_match: str | None = None,
) -> Assignment:
    """Give it to the agent, with a coach (else the one it has, else the actor) and perhaps a date; again, to
    change them, while nobody has begun."""
    row = _locked(actor, assignment_id, Move.ASSIGN, if_match)
    first = row.assigned_at is None
    row.coach_id = _coach(actor, row, coach)
    row.due_on = _due(actor, due_on) or row.due_on
    if first:
        row.assigned_by_id, row.assigned_at = actor.member_id, timezone.now()
    due = row.due_on and row.due_on.isoformat()
    _move(
        actor,
        row,
        Move.ASSIGN,
        {"coach": row.coach_id, "due_on": due},
        "coach",
        "due_on",
        "assigned_by",
        "assigned_at",
    )
    _tell(actor, row)
    return row


@transaction.atomic
def acknowledge(*, actor: Actor, assignment_id: int, if_match: str | None = None) -> Assignment:
    """The agent has read it."""
    row = _locked(actor, assignment_id, Move.ACKNOWLEDGE, if_match)
    row.acknowledged_at = timezone.now()
    _move(actor, row, Move.ACKNOWLEDGE, {}, "acknowledged_at")
    return row


@transaction.atomic
def start(*, actor: Actor, assignment_id: int, if_match: str | None = None) -> Assignment:
    """The coach has begun."""
    row = _locked(actor, assignment_id, Move.START, if_match)
    row.started_at = timezone.now()
    _move(actor, row, Move.START, {}, "started_at")
    return row


@transaction.atomic
def complete(
    *, actor: Actor, assignment_id: int, outcome: str = "", if_match: str | None = None
) -> Assignment:
    """It is done; what came of it, in words the agent reads as well."""
    row = _locked(actor, assignment_id, Move.COMPLETE, if_match)
    row.completed_at, row.outcome = timezone.now(), outcome.strip()
    _move(actor, row, Move.COMPLETE, {"outcome": row.outcome}, "completed_at", "outcome")
    return row


@transaction.atomic
def dismiss(*, actor: Actor, assignment_id: int, reason: str, if_match: str | None = None) -> Assignment:
    """Nothing comes of it, and why."""
    row = _locked(actor, assignment_id, Move.DISMISS, if_match)
    if not reason.strip():
        raise invalid("/reason", "required", _("Say why nothing comes of it."))
    row.dismissed_at, row.dismiss_reason = timezone.now(), reason.strip()
    _move(actor, row, Move.DISMISS, {"reason": row.dismiss_reason}, "dismissed_at", "dismiss_reason")
    return row


def _locked(actor: Actor, assignment_id: int, move: Move, if_match: str | None) -> Assignment:
    """The visible row, locked; 404, then the right (403), then If-Match (412), then the state (409)."""
    rows = Assignment.objects.visible_to(actor).select_related("agent", "rule")
    row = rows.select_for_update(of=("self",)).filter(pk=assignment_id).first()
    if row is None:
        raise Missing
    policies.may(actor, row, move).demand()
    check_match(row, if_match)
    policies.decide(actor, row, move).demand()
    return row


def _move(actor: Actor, row: Assignment, move: Move, changes: Mapping[str, Any], *changed: str) -> None:
    before, row.state = row.state, after(row.state, move)
    row.save(update_fields=["state", "updated_at", *changed])
    verb = {Move.ASSIGN: "assigned", Move.START: "started", Move.DISMISS: "dismissed"}.get(move, f"{move}d")
    record(actor, f"assignment.{verb}", row, {"state": [before, str(row.state)], **changes})


def _coach(actor: Actor, row: Assignment, chosen: Member | None) -> int | None:
    """The member who coaches; Invalid for somebody who may not coach this agent."""
    if chosen is None:
        own = actor.member
        person = own is not None and own.kind == Member.Kind.PERSON
        return row.coach_id or (own.pk if own is not None and person else None)
    if chosen.agent_id == row.agent_id:
        raise invalid("/coach", "yourself", _("Nobody coaches himself: choose somebody else."))
    coach = coaches_by_id(actor).get(chosen.pk)
    if coach is None or not policies.coaches(coach.scope, row.team_id):
        detail = _("%(name)s does not coach this agent's team: choose an active member who does.")
        raise invalid("/coach", "not_a_coach", detail % {"name": chosen.name})
    return chosen.pk


def _due(actor: Actor, due_on: date | None) -> date | None:
    if due_on is not None and due_on < local_date(timezone.now(), actor.workspace.timezone):
        raise invalid("/due_on", "in_the_past", _("Choose today or a later day."))
    return due_on


def _tell(actor: Actor, row: Assignment) -> None:
    """The agent, and the coach unless he did it himself."""
    key = f"assignment:{row.pk}"
    notify_agent(agent_id=row.agent_id, kind="assignment_assigned", subject=row, key=key)
    if row.coach_id and row.coach_id != actor.member_id:
        notify(recipients=[row.coach_id], kind="assignment_assigned", subject=row, key=key)
