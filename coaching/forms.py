"""Forms of the coaching pages; what a rule may say is decided by `coaching.rules`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coaching.models import CoachingPeriod, CoachingRule
from common.errors import Invalid
from common.templatetags.ui import period as period_words

Kind, Strength = CoachingRule.Kind, CoachingRule.Strength

KIND_WORDS = {
    Kind.IQS_BELOW: _("IQS below a target"),
    Kind.CSAT_BELOW: _("CSAT below a target"),
    Kind.CATEGORY_BELOW: _("One category below a target"),
    Kind.CRITICAL_FAILURES: _("A critical failure"),
    Kind.QUADRANT: _("Both IQS and CSAT below a target"),
}
STRENGTH_WORDS = {
    Strength.CLEAR: _("Clear: the whole range lies below the target"),
    Strength.WORTH_A_LOOK: _("Worth a look: probably below the target"),
    Strength.EVENT: _("Event: one conversation"),
}
PERIOD_WORDS = {CoachingPeriod.WEEK: _("Every week"), CoachingPeriod.MONTH: _("Every month")}
Choice = tuple[Any, Any]


class RuleForm(forms.Form):
    """A rule; `categories` and `coaches` are (value, label) pairs to choose from."""

    name = forms.CharField(label=_("Name"), max_length=255)
    kind = forms.ChoiceField(label=_("What it looks at"), choices=KIND_WORDS.items())
    strength = forms.ChoiceField(
        label=_("How sure it has to be"),
        choices=STRENGTH_WORDS.items(),
        help_text=_(
            "A critical failure is always an event, IQS with CSAT always clear. Where the work is at the"
            " target, about 3 of 100 clear findings are chance, and 3 in 10 that are worth a look."
        ),
    )
    target = forms.DecimalField(
        label=_("Target"),
        required=False,
        max_digits=7,
        decimal_places=4,
        help_text=_("In points, or per cent of satisfied customers. A critical failure needs none."),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    category = forms.ChoiceField(
        label=_("Category"), required=False, help_text=_("Only for a rule that looks at one category.")
    )
    period = forms.ChoiceField(
        label=_("When"),
        choices=PERIOD_WORDS.items(),
        initial=CoachingPeriod.WEEK,
        help_text=_("Each time it looks back 13 weeks; at critical failures of the period itself."),
    )
    min_reviews = forms.IntegerField(label=_("Fewest reviews"), min_value=1, max_value=10_000, initial=5)
    min_answers = forms.IntegerField(
        label=_("Fewest survey answers"), min_value=1, max_value=10_000, initial=10
    )
    cooldown_days = forms.IntegerField(
        label=_("Days between two assignments"), min_value=0, max_value=3650, initial=28
    )
    coach = forms.TypedChoiceField(
        label=_("Coach"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Without one, the leads of the agent's team decide."),
    )
    active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(
        self, *args: Any, categories: Iterable[Choice], coaches: Iterable[Choice], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", "–"), *categories]  # type: ignore[attr-defined]
        self.fields["coach"].choices = [("", "–"), *coaches]  # type: ignore[attr-defined]

    def take(self, refusal: Invalid) -> None:
        """Show the service's refusal at its fields."""
        for error in refusal.errors:
            name = error.pointer.removeprefix("/")
            self.add_error(name if name in self.fields else None, error.detail)


class AssignForm(forms.Form):
    coach = forms.TypedChoiceField(label=_("Coach"), required=False, coerce=int, empty_value=None)
    due_on = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, coaches: Iterable[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["coach"].choices = [("", "–"), *coaches]  # type: ignore[attr-defined]


class CompleteForm(forms.Form):
    outcome = forms.CharField(
        label=_("What came of it"),
        required=False,
        max_length=10_000,
        help_text=_("The agent reads it as well."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DismissForm(forms.Form):
    reason = forms.CharField(
        label=_("Why nothing comes of it"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RunForm(forms.Form):
    """A finished period to look at, as "week:2026-03-02"."""

    period = forms.ChoiceField(label=_("Period"))

    def __init__(self, *args: Any, periods: Mapping[CoachingPeriod, Iterable[date]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        heads = {CoachingPeriod.WEEK: _("Weeks"), CoachingPeriod.MONTH: _("Months")}
        self.fields["period"].choices = [  # type: ignore[attr-defined]
            (heads[period], [(f"{period}:{start}", period_words(start, period)) for start in starts])
            for period, starts in periods.items()
        ]

    def chosen(self) -> tuple[str, date]:
        """(period, first day)."""
        period, start = str(self.cleaned_data["period"]).split(":")
        return period, date.fromisoformat(start)


class FilterForm(forms.Form):
    agent = forms.TypedChoiceField(label=_("Agent"), required=False, coerce=int, empty_value=None)
    team = forms.TypedChoiceField(label=_("Team"), required=False, coerce=int, empty_value=None)
    rule = forms.TypedChoiceField(label=_("Rule"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, options: Mapping[str, Iterable[Choice]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in options.items():
            self.fields[name].choices = [("", _("Any")), *choices]  # type: ignore[attr-defined]
