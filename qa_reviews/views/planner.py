"""The planner's page: how many reviews, how well known, how many hours."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Capability
from accounts.views_base import WorkspaceTemplatePage
from common import params
from common.chart_words import chart_words
from common.charts import Mark, Series, line
from common.errors import Invalid
from common.templatetags.ui import number
from qa_reviews.planner_query import NARROWEST, PARAMETERS, WIDEST, Asked, asked
from qa_reviews.selectors import planner as selectors
from qa_reviews.selectors.planner import Planning
from qa_reviews.selectors.plans import plans
from qa_reviews.views.tables import heads, ordered, part

SHOWN_BY_PAGE = frozenset({"sort", "page"})
LABELS = {
    "name": gettext_lazy("Agent"),
    "team": gettext_lazy("Team"),
    "frame": gettext_lazy("Conversations"),
    "sd": gettext_lazy("Spread"),
    "needed": gettext_lazy("Needs"),
    "reviews": gettext_lazy("Quota"),
    "known_to": gettext_lazy("Gives ±"),
}
NUMBERS = {
    "frame": lambda row: row.line.frame,
    "sd": lambda row: row.line.sd.points,
    "needed": lambda row: row.line.needed,
    "reviews": lambda row: row.line.reviews,
    "known_to": lambda row: row.line.known_to,
}
KEYS = NUMBERS | {
    "name": lambda row: str(row.agent).casefold(),
    "team": lambda row: str(row.team).casefold() if row.team else None,
}


class PlannerForm(forms.Form):
    """What the planner is asked; it only shows what the address says."""

    half_width = forms.FloatField(label=gettext_lazy("Known to ± points"))

    def __init__(self, given: Asked, plan_id: int | None, choices: list[tuple[int, str]]) -> None:
        super().__init__(auto_id="planner_%s")
        width = self.fields["half_width"]
        width.initial = f"{given.half_width:g}"
        width.widget.attrs |= {"min": NARROWEST, "max": WIDEST, "step": "any"}
        self.fields["plan"] = forms.ChoiceField(label=_("Plan"), choices=choices, initial=plan_id)
        ends = (given.period.first, given.period.last) if given.period else (None, None)
        for name, label, value in zip(("from", "to"), (_("From"), _("To")), ends, strict=True):
            widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            self.fields[name] = forms.DateField(label=label, initial=value, widget=widget, required=False)


class PlannerPage(WorkspaceTemplatePage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/planner.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given, problem = self.given()
        plan = selectors.chosen_plan(self.actor, given.plan_id)
        context: dict[str, Any] = {"plan": plan, "problem": problem}
        if plan is not None:
            choices = [(each.pk, each.name) for each in plans(self.actor).order_by("name", "pk")]
            context["form"] = PlannerForm(given, plan.pk, choices)
            try:
                found = selectors.planning(self.actor, plan, given.half_width, given.period)
            except Invalid as refused:
                context["problem"] = refused.detail
                found = selectors.planning(self.actor, plan, given.half_width)
            context |= self.answers(found)
        return super().get_context_data(**kwargs) | context

    def given(self) -> tuple[Asked, str]:
        """The question of the address, and what is wrong with it in words."""
        query = self.request.GET
        try:
            params.check_known(query, PARAMETERS | SHOWN_BY_PAGE)
            return asked(query), ""
        except Invalid as problem:
            return Asked(), problem.detail

    def answers(self, found: Planning) -> dict[str, Any]:
        query, time = self.request.GET, found.time
        sort = query.get("sort", "name")
        return {
            "found": found,
            "hours": {
                "each": time.hours(found.whole.each),
                "needed": time.hours(found.whole.needed),
                "now": time.hours(found.whole.reviews),
            },
            "teams": [(row, time.hours(row.line.each)) for row in found.teams],
            "agents": part(query, ordered(found.agents, sort, KEYS)),
            "heads": heads(query, sort, LABELS, NUMBERS),
            "chart": _chart(found) if found.curve else "",
            "points": number(Decimal(f"{found.half_width:g}")),
        }


def _chart(found: Planning) -> str:
    """To +- how many points the middle agent is known, by reviews; with today's quota and what is wanted."""
    words = replace(
        chart_words(), period=_("Reviews per agent"), target=_("wanted: ±{value}"), counted="{share}"
    )
    marks = [Mark(str(n), points) for n, points in found.curve]
    usual = [(n, points) for n, points in found.curve if n == found.usual]
    here = (usual[0][0] - 1, _("today: %(n)s") % {"n": number(usual[0][0])}) if usual else None
    note = ""
    if usual:
        note = _("With today's quota of %(n)s, the middle agent is known to ±%(points)s points.") % {
            "n": number(usual[0][0]),
            "points": number(usual[0][1], 1),
        }
    return line(
        _("What a quota buys: to ± how many points an agent is known"),
        [Series(_("Known to ±"), marks)],
        ident="buys",
        note=note,
        target=found.half_width,
        here=here,
        words=words,
    )
