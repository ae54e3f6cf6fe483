"""Pages of sample plans and their draws."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import selectors as people
from accounts.access import Actor, Capability
from accounts.forms import Choices
from accounts.views.forms import FormPage, named
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.errors import Conflict
from common.periods import period_from
from common.templatetags.ui import period as period_words
from conversations.filters import ATTRIBUTE
from qa_reviews.forms import HUNDRED, DrawForm, PlanChangeForm, PlanForm
from qa_reviews.models import SamplePlan
from qa_reviews.policies.plans import may_draw, may_plan
from qa_reviews.selectors import draws as draw_rows
from qa_reviews.selectors import plans as selectors
from qa_reviews.selectors.frames import interval_of, last_whole_period
from qa_reviews.selectors.graders import graders
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import change_plan, create_plan, preview_plan
from scorecards.models import ScorecardVersion
from scorecards.selectors import scorecards, standing_versions

PERIODS_OFFERED = 12
LABELS = {
    "status": gettext_lazy("Status"),
    "source": gettext_lazy("Source"),
    "agent": gettext_lazy("Agent"),
    "team": gettext_lazy("Team"),
    "channel": gettext_lazy("Channel"),
    "language": gettext_lazy("Language"),
    "tag": gettext_lazy("Tag"),
    "topic": gettext_lazy("Topic"),
    "csat_max": gettext_lazy("CSAT at most (of 1 to 5)"),
    "reopened_min": gettext_lazy("Reopened at least"),
    "messages_min": gettext_lazy("Messages at least"),
    "handling_min": gettext_lazy("Handling, seconds at least"),
    "q": gettext_lazy("Words"),
}


class PlanListPage(WorkspaceTemplatePage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/plans.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = selectors.plans(self.actor).order_by("-active", "name", "pk")
        headline = self.actor.workspace.settings.headline_plan_id
        return super().get_context_data(**kwargs) | {"plans": rows, "headline": headline}


class PlanNewPage(FormPage):
    """The form of a plan; its preview button says what it would give, and saves nothing."""

    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/plan_new.html"

    def form(self, data: Any = None) -> PlanForm:
        settings = self.actor.workspace.settings
        initial = {"blind": settings.blind, "reviewee": settings.reviewee}
        standing = standing_versions(self.actor).items()
        published = [pk for pk, each in standing if each.state == ScorecardVersion.State.PUBLISHED]
        cards = scorecards(self.actor).filter(pk__in=published).order_by("name")
        teams, members = named(_own_teams(self.actor)), _members(self.actor)
        return PlanForm(data, initial=initial, scorecards=named(cards), teams=teams, members=members)

    def save(self, form: PlanForm) -> HttpResponse:
        given = form.as_input()
        if "preview" in self.request.POST:
            return self.show(form, preview=preview_plan(actor=self.actor, given=given))
        plan = create_plan(actor=self.actor, given=given)
        messages.success(self.request, _("The plan is saved. Draw its first period."))
        return redirect("plan", self.actor.workspace.slug, plan.pk)


class PlanEditPage(FormPage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/plan_edit.html"

    def plan(self) -> SamplePlan:
        plan = selectors.plan(self.actor, self.kwargs["pk"])
        may_plan(self.actor, plan.filter).demand()
        return plan

    def context(self) -> dict[str, Any]:
        return {"plan": self.plan()}

    def form(self, data: Any = None) -> PlanChangeForm:
        plan = self.plan()
        initial = {
            "name": plan.name,
            "per_agent": int(plan.quota),
            "risk_share": (plan.risk_share * HUNDRED).normalize(),
            "second_review_share": (plan.second_review_share * HUNDRED).normalize(),
            "reviewers": [each.member_id for each in plan.reviewer_rows.all()],
            "active": plan.active,
        }
        with_risk = plan.risk_filter is not None
        return PlanChangeForm(data, initial=initial, members=_members(self.actor, plan), with_risk=with_risk)

    def save(self, form: PlanChangeForm) -> HttpResponse:
        change_plan(actor=self.actor, plan_id=self.kwargs["pk"], changes=form.changes())
        messages.success(self.request, _("Saved. Draws already made stay as they are."))
        return redirect("plan", self.actor.workspace.slug, self.kwargs["pk"])


class PlanPage(WorkspaceTemplatePage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/plan.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = selectors.plan(self.actor, self.kwargs["pk"])
        rows = list(draw_rows.draws_of(self.actor, plan.pk))
        drawn = {row.period_start for row in rows}
        periods = [(day, words) for day, words in _periods(self.actor, plan) if day not in drawn]
        risks = plan.risk_filter if isinstance(plan.risk_filter, list) else [plan.risk_filter or {}]
        return super().get_context_data(**kwargs) | {
            "plan": plan,
            "filter": described(self.actor, plan.filter),
            "risks": [described(self.actor, each) for each in risks if each],
            "draws": rows,
            "preview": selectors.preview(self.actor, plan),
            "form": DrawForm(periods=periods),
            "may_plan": may_plan(self.actor, plan.filter),
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
        except Conflict as problem:
            messages.error(request, problem.detail)
            return redirect("plan", slug, pk)
        return redirect("draw", slug, draw.pk)


def described(actor: Actor, filter_json: dict[str, Any]) -> list[tuple[str, str]]:
    """A filter in words: what, and which values. At most two queries."""
    rows: dict[str, QuerySet[Any]] = {"team": people.teams(actor), "agent": people.agents(actor)}
    found = []
    for name, value in filter_json.items():
        values = value if isinstance(value, list) else [value]
        if name in rows:
            values = list(rows[name].filter(pk__in=values))
        label = LABELS[name] if name in LABELS else name.removeprefix(ATTRIBUTE)
        found.append((str(label), _(" or ").join(str(each) for each in values)))
    return found


def _periods(actor: Actor, plan: SamplePlan) -> Iterator[tuple[date, str]]:
    """The newest whole periods, newest first."""
    interval = interval_of(plan)
    period = last_whole_period(actor, interval)
    for _each in range(PERIODS_OFFERED):
        yield period.first, period_words(period.first, interval)
        before = period.first - timedelta(days=1)
        period = period_from(
            before.replace(day=1) if interval == "month" else before - timedelta(6), interval
        )


def _own_teams(actor: Actor) -> Any:
    scope = actor.scope(Capability.PLAN_MANAGE)
    rows = people.teams(actor).order_by("name")
    return rows if scope is None else rows.filter(pk__in=scope)


def _members(actor: Actor, plan: SamplePlan | None = None) -> Choices:
    """Who grades, and whom the plan names already."""
    found = {each.id: each.name for each in graders(actor)}
    if plan is not None:
        found |= {each.member_id: each.member.name for each in plan.reviewer_rows.all()}
    return sorted(found.items(), key=lambda each: each[1].casefold())
