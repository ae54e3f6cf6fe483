"""Pages of sample plans: the list, one plan with its draws, and what is done to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.errors import Conflict, Invalid
from common.periods import Period
from common.templatetags.ui import period as period_words
from conversations.filter_words import described
from qa_reviews.draw_forms import quota_words
from qa_reviews.models import Draw, SamplePlan
from qa_reviews.plan_forms import DrawForm, percent_of
from qa_reviews.policies.plans import may_change, may_draw, may_plan, plan_state
from qa_reviews.selectors import draws as draw_rows
from qa_reviews.selectors import plans as selectors
from qa_reviews.selectors.cycles import clock_of, cycles, obstacle
from qa_reviews.selectors.frames import quota_of, today
from qa_reviews.selectors.periods import last_whole, rhythm_of, sample_period_before
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import Move, clone_plan, end_plan, pause_plan, resume_plan

PERIODS_OFFERED = 12
EVERY = {
    SamplePlan.Period.WEEK.value: gettext_lazy("a week"),
    SamplePlan.Period.MONTH.value: gettext_lazy("a month"),
}


class PlanListPage(WorkspaceTemplatePage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/plans.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = selectors.plans(self.actor).order_by(
            F("ended_at").desc(nulls_first=True), "-active", "name", "pk"
        )
        lines = [{"plan": row, "state": plan_state(row), "quota": quota_line(row)} for row in rows]
        headline = self.actor.workspace.settings.headline_plan_id
        return super().get_context_data(**kwargs) | {"lines": lines, "headline": headline}


class PlanPage(WorkspaceTemplatePage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/plan.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = selectors.plan(self.actor, self.kwargs["pk"])
        rows = list(draw_rows.draws_of(self.actor, plan.pk))
        risks = plan.risk_filter if isinstance(plan.risk_filter, list) else [plan.risk_filter or {}]
        return super().get_context_data(**kwargs) | {
            "plan": plan,
            "state": plan_state(plan),
            "quota": quota_line(plan),
            "filter": described(self.actor, plan.filter),
            "risks": [described(self.actor, each) for each in risks if each],
            "draws": rows,
            "next": next_draw(self.actor, plan, rows),
            "obstacle": "" if plan.ended_at else obstacle(self.actor, plan),
            "risk_share": percent_of(plan.risk_share),
            "second_share": percent_of(plan.second_review_share),
            "preview": None if plan.ended_at else selectors.preview(self.actor, plan),
            "form": DrawForm(periods=list(_to_draw(self.actor, plan, rows))),
            "may_plan": may_plan(self.actor, plan.filter),
            "may_change": may_change(self.actor, plan),
            "may_draw": may_draw(self.actor, plan),
            "headline": self.actor.workspace.settings.headline_plan_id == plan.pk,
        }


class PlanDrawPage(WorkspacePage):
    capability = Capability.PLAN_MANAGE

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        form = DrawForm(request.POST, periods=[])
        if not form.is_valid():
            messages.error(request, _("Choose the period to draw."))
            return redirect("plan", slug, pk)
        try:
            draw, _made = draw_plan(
                actor=self.actor, plan_id=pk, period_start=form.cleaned_data["period_start"]
            )
        except (Conflict, Invalid) as problem:
            messages.error(request, problem.detail)
            return redirect("plan", slug, pk)
        return redirect("draw", slug, draw.pk)


class PlanMovePage(WorkspacePage):
    """A change of a plan's state by one press."""

    capability = Capability.PLAN_MANAGE
    move: ClassVar[Move]
    done: ClassVar[Any]

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        try:
            self.move(actor=self.actor, plan_id=pk)
            messages.success(request, self.done)
        except Conflict as problem:
            messages.error(request, problem.detail)
        return redirect("plan", slug, pk)


class PlanPausePage(PlanMovePage):
    move = staticmethod(pause_plan)
    done = gettext_lazy("Paused. What waits in the queue stays there.")


class PlanResumePage(PlanMovePage):
    move = staticmethod(resume_plan)
    done = gettext_lazy("The plan is drawn again, from the period that runs now.")


class PlanEndPage(PlanMovePage):
    move = staticmethod(end_plan)
    done = gettext_lazy("The plan has ended. What nobody had begun has left the queue.")


class PlanClonePage(WorkspacePage):
    capability = Capability.PLAN_MANAGE

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        copy = clone_plan(actor=self.actor, plan_id=pk)
        messages.success(
            request, _("This is the copy, with a seed of its own. It is paused until you start it.")
        )
        return redirect("plan-edit", slug, copy.pk)


def quota_line(plan: SamplePlan) -> str:
    """How many are drawn how often, in words: "5 conversations of each agent a week"."""
    every = EVERY.get(plan.period) or _("in %(days)s days") % {"days": plan.period_days}
    found = f"{quota_words(quota_of(plan))} {every}"
    return _("%(quota)s, in weekly parts") % {"quota": found} if plan.weekly_parts else found


def next_draw(actor: Actor, plan: SamplePlan, draws: list[Draw]) -> tuple[Period, datetime, bool] | None:
    """What the clock draws next: the period, when in the plan's own zone, and whether that is past. None
    where only people draw, or nothing is left."""
    clock = clock_of(actor, plan, _standing(draws))
    found = None if clock is None else next(cycles(clock), None)
    if clock is None or found is None:
        return None
    period, moment = found
    return period, moment.astimezone(ZoneInfo(clock.zone)), moment <= timezone.now()


def _to_draw(actor: Actor, plan: SamplePlan, draws: list[Draw]) -> Iterator[tuple[date, str]]:
    """The newest whole periods that share no day with a draw, newest first."""
    drawn = _standing(draws)
    for period in islice(_whole_periods(actor, plan), PERIODS_OFFERED):
        if not any(each.first <= period.last and period.first <= each.last for each in drawn):
            last = period_words(period.last)
            yield (
                period.first,
                _("%(first)s to %(last)s") % {"first": period_words(period.first), "last": last},
            )


def _whole_periods(actor: Actor, plan: SamplePlan) -> Iterator[Period]:
    rhythm = rhythm_of(actor, plan)
    period = last_whole(rhythm, today(actor))
    while period is not None:
        yield period
        period = sample_period_before(rhythm, period)


def _standing(draws: list[Draw]) -> list[Period]:
    return [Period(each.period_start, each.period_end) for each in draws if each.superseded_at is None]
