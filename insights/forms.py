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
