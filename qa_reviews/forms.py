"""Forms of the queue; choices come from the views, writing is the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import Choices
from qa_reviews.models import QueueItem
from qa_reviews.services.queue.asking import LONGEST


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
