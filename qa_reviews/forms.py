"""Forms of plans, draws and the queue; choices come from the views, writing is the services'."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import Choices
from qa_reviews.models import QueueItem, SamplePlan
from qa_reviews.services.plans import MOST_PER_AGENT, PlanInput, QuotaInput, ReviewerInput
from qa_reviews.services.queue.asking import LONGEST

HUNDRED = Decimal(100)
ANY = _("Any of these, apart by commas. Empty: all.")


def percent(label: Any, help_text: Any = "", required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=help_text, min_value=0, max_value=100, decimal_places=2, required=required
    )


def words(label: Any) -> forms.CharField:
    return forms.CharField(label=label, help_text=ANY, required=False, max_length=1000)


def per_agent() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Conversations per agent and period"), min_value=1, max_value=MOST_PER_AGENT, initial=5
    )


def reviewers() -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=_("Reviewers"),
        help_text=_("Conversations are shared out evenly among them, never to the agent himself."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def as_share(value: Decimal | None) -> Decimal | None:
    return None if value is None else value / HUNDRED


class PlanForm(forms.Form):
    """A new plan. What makes a risk is any of the criteria that are given."""

    name = forms.CharField(label=_("Name"), max_length=255)
    scorecard = forms.TypedChoiceField(label=_("Scorecard"), coerce=int)
    period = forms.ChoiceField(
        label=_("Drawn every"),
        choices=[(SamplePlan.Period.WEEK, _("week")), (SamplePlan.Period.MONTH, _("month"))],
    )
    per_agent = per_agent()
    team = forms.TypedMultipleChoiceField(
        label=_("Teams"),
        help_text=_("None ticked: all teams."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    channel = words(_("Channels"))
    language = words(_("Languages"))
    topic = words(_("Topics"))
    tag = words(_("Tags"))
    reviewee = forms.ChoiceField(
        label=_("Whose work a conversation is"),
        choices=[
            (SamplePlan.Reviewee.ASSIGNEE, _("the agent it is assigned to")),
            (SamplePlan.Reviewee.MOST_ACTIVE, _("the agent who wrote most")),
        ],
    )
    risk_csat_max = forms.DecimalField(
        label=_("Needs attention: CSAT at most"),
        help_text=_("On a scale from 1 to 5, whatever the survey's own."),
        min_value=1,
        max_value=5,
        required=False,
    )
    risk_reopened_min = forms.IntegerField(
        label=_("Needs attention: reopened at least so often"), min_value=1, required=False
    )
    risk_messages_min = forms.IntegerField(
        label=_("Needs attention: at least so many messages"), min_value=1, required=False
    )
    risk_handling_min = forms.IntegerField(
        label=_("Needs attention: at least so many minutes of handling"), min_value=1, required=False
    )
    risk_tag = words(_("Needs attention: tags"))
    risk_share = percent(
        _("Share of these, in per cent"), _("Empty: 20 per cent below ten conversations, else 40.")
    )
    second_review_share = percent(_("Share that a second reviewer sees too, in per cent"))
    reviewers = reviewers()
    blind = forms.BooleanField(
        label=_("Grade blind"),
        help_text=_("Reviewers see neither CSAT nor why a conversation was drawn."),
        required=False,
    )

    def __init__(
        self, *args: Any, scorecards: Choices, teams: Choices, members: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("scorecard", scorecards), ("team", teams), ("reviewers", members)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def as_input(self) -> PlanInput:
        """What a valid form asks for."""
        said = self.cleaned_data
        risks = self._risks()
        return PlanInput(
            name=said["name"],
            scorecard=said["scorecard"],
            filter=self._filter(),
            period=said["period"],
            quota=QuotaInput(value=Decimal(said["per_agent"])),
            risk_filter=risks or None,
            risk_share=as_share(said["risk_share"]),
            second_review_share=as_share(said["second_review_share"]) or Decimal(0),
            reviewers=ReviewerInput.each(said["reviewers"]),
            reviewee=said["reviewee"],
            blind=said["blind"],
        )

    def _filter(self) -> dict[str, Any]:
        found = {name: _parts(self.cleaned_data[name]) for name in ("channel", "language", "topic", "tag")}
        return {name: value for name, value in (found | {"team": self.cleaned_data["team"]}).items() if value}

    def _risks(self) -> list[dict[str, Any]]:
        said = self.cleaned_data
        minutes = said["risk_handling_min"]
        asked = {
            "csat_max": None if said["risk_csat_max"] is None else str(said["risk_csat_max"]),
            "reopened_min": said["risk_reopened_min"],
            "messages_min": said["risk_messages_min"],
            "handling_min": minutes and minutes * 60,
            "tag": _parts(said["risk_tag"]),
        }
        return [{name: value} for name, value in asked.items() if value]


class PlanChangeForm(forms.Form):
    """What may change for draws to come. The frame stays, so that the plan's numbers keep one meaning."""

    name = forms.CharField(label=_("Name"), max_length=255)
    per_agent = per_agent()
    risk_share = percent(_("Share of conversations that need attention, in per cent"))
    second_review_share = percent(_("Share that a second reviewer sees too, in per cent"), required=True)
    reviewers = reviewers()
    active = forms.BooleanField(
        label=_("Active"), help_text=_("A paused plan is not drawn; its queue goes on."), required=False
    )

    def __init__(self, *args: Any, members: Choices, with_risk: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewers"].choices = members  # type: ignore[attr-defined]
        if with_risk:
            self.fields["risk_share"].required = True
        else:
            del self.fields["risk_share"]

    def changes(self) -> dict[str, Any]:
        """What a valid form asks for, as fields of PlanInput."""
        said = self.cleaned_data | {
            "reviewers": ReviewerInput.each(self.cleaned_data["reviewers"]),
            "quota": QuotaInput(value=Decimal(self.cleaned_data["per_agent"])),
        }
        del said["per_agent"]
        shares = {
            name: as_share(said[name]) for name in ("risk_share", "second_review_share") if name in said
        }
        return said | shares


class DrawForm(forms.Form):
    """Which period to draw."""

    period_start = forms.DateField(label=_("Period"), widget=forms.Select)

    def __init__(self, *args: Any, periods: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period_start"].widget.choices = periods


class SkipForm(forms.Form):
    """Why a conversation is set aside."""

    reason = forms.ChoiceField(
        label=_("Why"),
        widget=forms.RadioSelect,
        choices=[
            (QueueItem.SkipReason.NOT_REVIEWABLE, _("It cannot be reviewed; another one is drawn for it")),
            (QueueItem.SkipReason.NO_TIME, _("I have no time for it; somebody else may take it")),
        ],
    )
    comment = forms.CharField(label=_("Comment"), widget=forms.Textarea, max_length=5000, required=False)


class AskForm(forms.Form):
    """What a reviewer asks a lead."""

    text = forms.CharField(
        label=_("Your question"),
        help_text=_("The leads of the team are told. The conversation stays yours and waits for the answer."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        max_length=LONGEST,
    )


class AnswerForm(forms.Form):
    """What a lead answers."""

    answer = forms.CharField(
        label=_("Your answer"), widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}), max_length=LONGEST
    )


class ReassignForm(forms.Form):
    """Who reviews it instead."""

    reviewer = forms.TypedChoiceField(label=_("Reviewer"), coerce=int)

    def __init__(self, *args: Any, members: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].choices = members  # type: ignore[attr-defined]


def _parts(said: str) -> list[str]:
    return [part.strip() for part in said.split(",") if part.strip()]
