"""Forms of the scorecard pages; what a definition may hold is said by `scorecards.definition`."""

from __future__ import annotations

import json

from django import forms
from django.utils.translation import gettext_lazy as _

from scorecards.services import NAME_LENGTH


class RenameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)


class NewScorecardForm(RenameForm):
    READY, STARTER = "ready", "starter"

    start = forms.ChoiceField(
        label=_("Start from"),
        widget=forms.RadioSelect,
        initial=READY,
        choices=[
            (READY, _("the ready “Support quality” scorecard: nine categories with described options")),
            (STARTER, _("one category, to build your own from")),
        ],
        help_text=_("Either way you get a draft, and change it as you like before it is used."),
    )


class DraftForm(forms.Form):
    """A draft as JSON, with the state of the row that was read."""

    definition = forms.CharField(
        label=_("Definition"),
        help_text=_("The scorecard as JSON, as the API takes it."),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )
    etag = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_definition(self) -> object:
        """The parsed JSON."""
        try:
            return json.loads(self.cleaned_data["definition"])
        except json.JSONDecodeError as error:
            message = _("This is not JSON: line %(line)d, column %(column)d: %(what)s.")
            params = {"line": error.lineno, "column": error.colno, "what": error.msg}
            raise forms.ValidationError(message, code="malformed", params=params) from None
        except RecursionError:
            raise forms.ValidationError(_("This JSON is nested too deeply."), code="malformed") from None
