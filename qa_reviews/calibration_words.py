"""Notices of calibration sessions in words. None says what anybody gave."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Capability
from common.templatetags.ui import period
from notices.registry import Words, wording
from qa_reviews.models import CalibrationSession
from qa_reviews.selectors.calibration import own_reviews, sessions

Sessions = Mapping[int, CalibrationSession]
State = CalibrationSession.State


def _open(actor: Actor, ids: Collection[int]) -> Sessions:
    return sessions(actor).filter(state=State.OPEN).in_bulk(ids)


def _to_grade(actor: Actor, ids: Collection[int]) -> Sessions:
    """As long as something is left to grade."""
    return {
        pk: found
        for pk, found in _open(actor, ids).items()
        if sum(each.state != "draft" for each in own_reviews(actor, found).values())
        < found.conversations.count()
    }


def _told(actor: Actor, ids: Collection[int]) -> Sessions:
    return sessions(actor).filter(state__in=CalibrationSession.TOLD).in_bulk(ids)


def _grades(actor: Actor) -> bool:
    return actor.can(Capability.GRADE)


def _words(actor: Actor, session: CalibrationSession, title: str, text: str = "") -> Words:
    url = reverse("calibration", kwargs={"slug": actor.workspace.slug, "pk": session.pk})
    return Words(title % {"name": session.name}, url, text, "calibration")


def _due(session: CalibrationSession) -> str:
    return _("Due on %(day)s.") % {"day": period(session.due_on)}


@wording("calibration.opened", _open, title=gettext_lazy("Calibrations to grade in"), suits=_grades)
def opened(actor: Actor, session: CalibrationSession, parameters: Mapping[str, Any]) -> Words:
    return _words(actor, session, _("The calibration “%(name)s” is open for your grades"), _due(session))


@wording("calibration.due", _to_grade, title=gettext_lazy("Calibrations that are due"), suits=_grades)
def due(actor: Actor, session: CalibrationSession, parameters: Mapping[str, Any]) -> Words:
    return _words(actor, session, _("The calibration “%(name)s” waits for your grades"), _due(session))


@wording(
    "calibration.discussed", _told, title=gettext_lazy("Calibrations that are talked over"), suits=_grades
)
def discussed(actor: Actor, session: CalibrationSession, parameters: Mapping[str, Any]) -> Words:
    return _words(actor, session, _("The grades of the calibration “%(name)s” can be compared"))
