"""Coaching's notices in words; the same notice reads differently to the agent and to the coach."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import Actor, Capability
from coaching.models import Assignment, CoachingRun
from coaching.selectors.assignments import assignments, reason_for
from coaching.selectors.runs import runs
from notices.registry import Words, wording


def _assignments(actor: Actor, ids: Collection[int]) -> Mapping[int, Assignment]:
    return assignments(actor).in_bulk(ids)


def _runs(actor: Actor, ids: Collection[int]) -> Mapping[int, CoachingRun]:
    return runs(actor).in_bulk(ids)


def _coached(actor: Actor) -> bool:
    return actor.can(Capability.COACHING_READ)


def _coaches(actor: Actor) -> bool:
    return actor.can(Capability.COACHING_MANAGE)


@wording("assignment_assigned", _assignments, title=gettext_lazy("Coaching assignments"), suits=_coached)
def assigned(actor: Actor, row: Assignment, parameters: Mapping[str, Any]) -> Words:
    url = reverse("coaching-assignment", kwargs={"slug": actor.workspace.slug, "pk": row.pk})
    title = _("A coaching assignment for you")
    if actor.agent_id != row.agent_id:
        title = _("You coach %(name)s") % {"name": row.agent}
    return Words(title, url, reason_for(actor, row), "coaching")


@wording(
    "assignments_proposed",
    _runs,
    title=gettext_lazy("Coaching proposals"),
    email=False,  # weekly work that waits in its list
    suits=_coaches,
)
def proposed(actor: Actor, run: CoachingRun, parameters: Mapping[str, Any]) -> Words:
    count = parameters.get("count", 0)
    title = ngettext("%(count)d coaching proposal", "%(count)d coaching proposals", count) % {"count": count}
    url = reverse("coaching-run", kwargs={"slug": actor.workspace.slug, "pk": run.pk})
    return Words(title, url, _("Have a look, then assign or dismiss."), "coaching")
