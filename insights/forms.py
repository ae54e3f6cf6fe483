"""The filter of the numbers' pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from common.periods import Period
from insights.query import Query
from qa_reviews.models import SamplePlan


def _day(label: Any, value: date) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, initial=value, widget=widget)


class PeriodForm(forms.Form):
    """From, to and, where there is a choice, the team. It only shows what the address says."""

    def __init__(self, query: Query, teams: Iterable[Team] = ()) -> None:
        super().__init__(auto_id="filter_%s")
        self.fields["from"] = _day(_("From"), query.period.first)
        self.fields["to"] = _day(_("To"), query.period.last)
        choices = [(str(team.pk), team.name) for team in teams]
        if choices:
            self.fields["team"] = forms.ChoiceField(
                label=_("Team"),
                required=False,
                choices=[("", _("All teams")), *choices],
                initial=str(query.teams[0]) if len(query.teams) == 1 else "",
            )


class RampForm(forms.Form):
    """Who is looked at together, by which plan, and of which team."""

    def __init__(self, cohort: str, plan: SamplePlan | None, plans: Iterable[SamplePlan], teams: Any) -> None:
        super().__init__(auto_id="filter_%s")
        self.fields["cohort"] = forms.ChoiceField(
            label=_("Started in the same"),
            choices=[("quarter", _("Quarter")), ("month", _("Month"))],
            initial=cohort,
        )
        self.fields["plan"] = forms.ChoiceField(
            label=_("Sample plan"),
            choices=[(str(each.pk), each.name) for each in plans],
            initial=str(plan.pk) if plan else None,
        )
        names, chosen = teams
        self.fields["team"] = forms.ChoiceField(
            label=_("Team"),
            required=False,
            choices=[("", _("All teams")), *((str(team.pk), team.name) for team in names)],
            initial=str(chosen[0]) if len(chosen) == 1 else "",
        )


class ReplayForm(forms.Form):
    """Which reviews of the past are scored again."""

    def __init__(self, period: Period, axis: str) -> None:
        super().__init__(auto_id="filter_%s")
        self.fields["from"] = _day(_("From"), period.first)
        self.fields["to"] = _day(_("To"), period.last)
        choices = [("submitted", _("Review submitted")), ("closed", _("Conversation closed"))]
        self.fields["date_axis"] = forms.ChoiceField(
            label=_("Date that counts"), choices=choices, initial=axis
        )
