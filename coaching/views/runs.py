"""The runs: which there were, what one proposed and what not, and one now."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from coaching.forms import RunForm
from coaching.models import CoachingPeriod
from coaching.selectors.rules import rules
from coaching.selectors.runs import finished_periods, not_proposed, proposed, run, runs
from coaching.services.runs import request_run
from common.errors import Conflict, Invalid
from common.paging import page

WHY_WORDS = {
    "not_below": gettext_lazy("Not below the target"),
    "too_few": gettext_lazy("Too little to go by"),
    "refused": gettext_lazy("The number is not given"),
    "no_data": gettext_lazy("Nothing to look at"),
    "open_assignment": gettext_lazy("Has an open assignment of this rule"),
    "cooldown": gettext_lazy("Was coached not long ago"),
    "cap_reached": gettext_lazy("Has enough to do"),
    "already_proposed": gettext_lazy("Was proposed before"),
}
SHOWN_OF_REASON = 200


class RunListPage(WorkspaceTemplatePage):
    capability = Capability.COACHING_MANAGE
    template_name = "coaching/runs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = page(runs(self.actor), ("-id",), cursor=self.request.GET.get("cursor"))
        return super().get_context_data(**kwargs) | {
            "runs": shown.rows,
            "form": RunForm(periods=periods(self.actor)),
            "has_rules": rules(self.actor).filter(active=True).exists(),
            "next_url": shown.next and f"?cursor={shown.next}",
            "previous_url": shown.previous and f"?cursor={shown.previous}",
        }


class RunNowPage(WorkspacePage):
    capability = Capability.COACHING_MANAGE

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = RunForm(request.POST, periods=periods(self.actor))
        if not form.is_valid():
            messages.error(request, _("Choose one of the periods that have ended."))
            return redirect("coaching-run-list", slug=slug)
        period, start = form.chosen()
        try:
            asked, _job = request_run(actor=self.actor, period=period, period_start=start)
        except (Conflict, Invalid) as refusal:
            messages.error(request, refusal.detail)
            return redirect("coaching-run-list", slug=slug)
        return redirect("coaching-run", slug=slug, pk=asked.pk)


class RunPage(WorkspaceTemplatePage):
    """Until it is done the page asks again every two seconds."""

    capability = Capability.COACHING_MANAGE
    template_name = "coaching/run.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = run(self.actor, kwargs["pk"])
        alone = sorted(not_proposed(self.actor, row), key=lambda each: each.code)
        by_code = [(code, list(each)) for code, each in groupby(alone, key=lambda each: each.code)]
        return super().get_context_data(**kwargs) | {
            "run": row,
            "proposed": proposed(self.actor, row),
            "reasons": [
                {
                    "title": WHY_WORDS.get(code, code),
                    "count": len(found),
                    "rows": found[:SHOWN_OF_REASON],
                    "more": max(0, len(found) - SHOWN_OF_REASON),
                }
                for code, found in by_code
            ],
        }


def periods(actor: Actor) -> dict[CoachingPeriod, list[date]]:
    """The finished periods that can be looked at now."""
    return {period: finished_periods(actor, period) for period in CoachingPeriod}
