"""Forms of the review pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qa_reviews.models import Review, SavedView

Choices = Sequence[tuple[int, str]]
ANY = ("", _("Any"))
YES_OR_NO = [ANY, ("true", _("Yes")), ("false", _("No"))]


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
    q = forms.CharField(label=_("Words of a comment"), required=False, max_length=200)
    hashtag = forms.CharField(label=_("Hashtag"), required=False, max_length=65)
    root_cause = forms.CharField(label=_("Root cause"), required=False, max_length=255)
    failed = forms.ChoiceField(label=_("Critical failure"), required=False, choices=YES_OR_NO)
    failed_by = forms.ChoiceField(label=_("Failed by"), required=False)
    dispute = forms.ChoiceField(
        label=_("Dispute"),
        required=False,
        choices=[ANY, ("open", _("Waits for an answer")), ("answered", _("Answered"))],
    )
    unseen = forms.ChoiceField(label=_("Not seen by the agent"), required=False, choices=YES_OR_NO)
    unacknowledged = forms.ChoiceField(label=_("Not acknowledged"), required=False, choices=YES_OR_NO)
    mine = forms.ChoiceField(label=_("Graded by me"), required=False, choices=YES_OR_NO)
    held = forms.ChoiceField(label=_("Held back"), required=False, choices=YES_OR_NO)
    active_min = forms.IntegerField(label=_("Worked on for at least (seconds)"), required=False, min_value=0)
    active_max = forms.IntegerField(label=_("Worked on for at most (seconds)"), required=False, min_value=0)
    score_max = forms.DecimalField(label=_("Score at most"), required=False, min_value=0, max_value=100)
    date_axis = forms.ChoiceField(
        label=_("Dates are of"),
        required=False,
        choices=[("", _("Submission")), ("closed", _("Closing"))],
    )

    def __init__(
        self, data: Any, *, choices: Mapping[str, Sequence[tuple[Any, str]]], without: Sequence[str] = ()
    ) -> None:
        super().__init__(data, auto_id="filter_%s")
        date = forms.DateInput(attrs={"type": "date"})
        self.fields["from"] = forms.DateField(label=_("From"), required=False, widget=date)
        self.fields["to"] = forms.DateField(label=_("To"), required=False, widget=date)
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [ANY, *((key, label or f"#{key}") for key, label in rows)]
        for name in without:
            del self.fields[name]


class SaveViewForm(forms.Form):
    """A name for the filters that are set."""

    name = forms.CharField(label=_("Name"), max_length=120)
    shared = forms.BooleanField(label=_("Everybody here may use it"), required=False)
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    page = forms.ChoiceField(choices=SavedView.Page.choices, widget=forms.HiddenInput)


class StartForm(forms.Form):
    """Whose work in a conversation to review by hand, and with which scorecard; the first ones are chosen."""

    conversation = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    kind = forms.ChoiceField(
        widget=forms.HiddenInput,
        choices=[(Review.Kind.STANDARD, ""), (Review.Kind.SELF, "")],
        required=False,
    )
    agent = forms.TypedChoiceField(label=_("Agent"), coerce=int)
    scorecard = forms.TypedChoiceField(label=_("Scorecard"), coerce=int)

    def __init__(self, data: Any, *, agents: Choices, scorecards: Choices, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, choices in (("agent", agents), ("scorecard", scorecards)):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = choices
