"""The notice of a plan that the clock could not draw, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Capability
from notices.registry import Words, wording
from qa_reviews.models import SamplePlan
from qa_reviews.selectors.cycles import obstacle
from qa_reviews.selectors.plans import plans


def _running(actor: Actor, ids: Collection[int]) -> Mapping[int, SamplePlan]:
    return plans(actor).filter(ended_at=None).in_bulk(ids)


def _plans(actor: Actor) -> bool:
    return actor.can(Capability.PLAN_MANAGE)


@wording("plan.not_drawn", _running, title=gettext_lazy("Plans that could not be drawn"), suits=_plans)
def not_drawn(actor: Actor, plan: SamplePlan, parameters: Mapping[str, Any]) -> Words:
    """Why, as it is now: what was in the way may be gone."""
    title = _("“%(plan)s” was due, and could not be drawn") % {"plan": plan}
    url = reverse("plan", kwargs={"slug": actor.workspace.slug, "pk": plan.pk})
    text = obstacle(actor, plan) or _("It is tried again every five minutes.")
    return Words(title, url, text, "warning")
