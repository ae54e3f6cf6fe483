"""The form of a published figure."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ReferenceFigure
from accounts.services.references import FIELDS, ReferenceChanges

METRIC_WORDS: dict[str, Any] = {
    ReferenceFigure.Metric.CSAT.value: _("CSAT, % satisfied"),
    ReferenceFigure.Metric.IQS.value: _("IQS"),
    ReferenceFigure.Metric.TRACKS_IQS.value: _("Companies that track IQS, %"),
}


class ReferenceForm(forms.Form):
    metric = forms.ChoiceField(label=_("What it is of"), choices=list(METRIC_WORDS.items()))
    value = forms.DecimalField(
        label=_("Value, 0 to 100"), max_digits=7, decimal_places=4, min_value=0, max_value=100
    )
    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2200)
    source = forms.CharField(label=_("Where it was published"), max_length=255)
    url = forms.URLField(
        label=_("Address of the report"), max_length=200, required=False, assume_scheme="https"
    )
    shown = forms.BooleanField(label=_("Draw it as a line in charts"), required=False, initial=True)

    @classmethod
    def of(cls, row: ReferenceFigure, data: Any = None) -> ReferenceForm:
        """The form as the row has it."""
        return cls(data, initial={name: getattr(row, name) for name in FIELDS})

    def changes(self) -> ReferenceChanges:
        return cast(ReferenceChanges, dict(self.cleaned_data))
