"""Forms of the review pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qa_reviews.models import Review

Choices = Sequence[tuple[int, str]]
ANY = ("", _("Any"))


class ReviewFilterForm(forms.Form):
    """The filters of the list, by the names of the API's parameters."""

    agent = forms.ChoiceField(label=_("Agent"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    reviewer = forms.ChoiceField(label=_("Reviewer"), required=False)
    scorecard = forms.ChoiceField(label=_("Scorecard"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ANY,
            (Review.State.DRAFT, _("Draft")),
            (Review.State.SUBMITTED, _("Submitted")),
            (Review.State.DISPUTED, _("Disputed")),
            (Review.State.RESOLVED, _("Resolved")),
            (Review.State.RETRACTED, _("Retracted")),
        ],
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[
            ANY,
            (Review.Kind.STANDARD, _("Standard")),
            (Review.Kind.SELF, _("Self-review")),
            (Review.Kind.PEER, _("Peer review")),
            (Review.Kind.CALIBRATION, _("Calibration")),
        ],
    )
    selection = forms.ChoiceField(
        label=_("Chosen"),
        required=False,
        choices=[
            ANY,
            (Review.Selection.RANDOM, _("At random")),
            (Review.Selection.TARGETED, _("For its risk")),
            (Review.Selection.MANUAL, _("By hand")),
        ],
    )
    date_axis = forms.ChoiceField(
        label=_("Dates are of"),
        required=False,
        choices=[("", _("Submission")), ("closed", _("Closing"))],
    )
    score_max = forms.DecimalField(label=_("Score at most"), required=False, min_value=0, max_value=100)

    def __init__(self, data: Any, *, choices: Mapping[str, Choices], without: Sequence[str] = ()) -> None:
        super().__init__(data)
        date = forms.DateInput(attrs={"type": "date"})
        self.fields["from"] = forms.DateField(label=_("From"), required=False, widget=date)
        self.fields["to"] = forms.DateField(label=_("To"), required=False, widget=date)
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [ANY, *((pk, label or f"#{pk}") for pk, label in rows)]
        for name in without:
            del self.fields[name]


class StartForm(forms.Form):
    """Which conversation to review by hand, and with which scorecard."""

    conversation = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    scorecard = forms.ChoiceField(label=_("Scorecard"))

    def __init__(self, *args: Any, scorecards: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scorecard"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = scorecards
