"""The filters of the conversation list as a form; the list itself reads its address."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

ANYTHING = ("", _("Any"))


class DateInput(forms.DateInput):
    input_type = "date"


class ConversationFilterForm(forms.Form):
    """Names are the list's parameters; one value each, several stand in the address."""

    q = forms.CharField(label=_("Words"), help_text=_("In the subject or a message."), required=False)
    agent = forms.ChoiceField(label=_("Agent"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    channel = forms.CharField(label=_("Channel"), required=False)
    topic = forms.CharField(label=_("Topic"), required=False)
    tag = forms.CharField(label=_("Tag"), required=False)
    language = forms.CharField(label=_("Language"), required=False)
    closed_from = forms.DateField(label=_("Closed from"), required=False, widget=DateInput)
    closed_to = forms.DateField(label=_("Closed to"), required=False, widget=DateInput)
    reviewed = forms.ChoiceField(
        label=_("Reviewed"), required=False, choices=[ANYTHING, ("true", _("Yes")), ("false", _("No"))]
    )
    messages_min = forms.IntegerField(label=_("Messages at least"), required=False, min_value=0)
    csat_max = forms.DecimalField(
        label=_("CSAT at most"),
        help_text=_("On a scale of 1 to 5."),
        required=False,
        min_value=1,
        max_value=5,
    )
    status = forms.CharField(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, query: QueryDict, choices: dict[str, list[tuple[str, str]]], sees_csat: bool) -> None:
        super().__init__(query, auto_id="filter_%s")
        for name, named in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [ANYTHING, *named]
        if not sees_csat:
            del self.fields["csat_max"]
