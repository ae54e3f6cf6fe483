"""Reminding who has not graded: two days before a session is due, and on the day."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Workspace
from common.periods import local_date
from notices.services import notify
from qa_reviews.models import CalibrationParticipant, CalibrationSession
from qa_reviews.selectors.calibration import standing
from qa_reviews.selectors.frames import today

BEFORE = timedelta(days=2)


def remind_due() -> int:
    """Remind in every workspace; how many were told. Running twice tells nobody twice."""
    soon = timezone.now().date() + BEFORE + timedelta(days=1)  # somewhere it is tomorrow already
    near = CalibrationSession.objects.filter(state=CalibrationSession.State.OPEN, due_on__lte=soon)
    found = Workspace.objects.filter(pk__in=near.values("workspace_id"))
    return sum(_remind(Actor.system(workspace)) for workspace in found)


@transaction.atomic
def _remind(actor: Actor) -> int:
    day = today(actor)
    rows = CalibrationSession.objects.visible_to(actor).filter(
        state=CalibrationSession.State.OPEN, due_on__lte=day + BEFORE
    )
    found = list(rows.select_for_update(skip_locked=True))
    return sum(_remind_of(actor, session, day) for session in found)


def _remind_of(actor: Actor, session: CalibrationSession, day: date) -> int:
    """Those who lack something and were not reminded since the newest of the two days."""
    since = session.due_on if day >= session.due_on else session.due_on - BEFORE
    waiting = [
        each.participant
        for each in standing(actor, session)
        if each.done < each.of and not _was_reminded(actor, each.participant, since)
    ]
    CalibrationParticipant.objects.in_workspace(session.workspace_id).filter(
        pk__in=[each.pk for each in waiting]
    ).update(reminded_at=timezone.now())
    key = f"calibration.due:{session.pk}:{since}"
    notify(recipients=[each.member_id for each in waiting], kind="calibration.due", subject=session, key=key)
    return len(waiting)


def _was_reminded(actor: Actor, participant: CalibrationParticipant, since: date) -> bool:
    at = participant.reminded_at
    return at is not None and local_date(at, actor.workspace.timezone) >= since
