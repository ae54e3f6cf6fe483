"""The form of a list of signal words."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.signal_defaults import LONGEST, MOST


class SignalWordsForm(forms.Form):
    words = forms.CharField(
        label=_("Words and phrases, one a line"),
        help_text=_(
            "A word is found as it stands, in any case of letters. Several words must follow one another. "
            "* at the end of a word takes any ending: cancel* finds cancelled and cancelling."
        ),
        required=False,
        max_length=MOST * (LONGEST + 2),
        widget=forms.Textarea(attrs={"rows": 18, "dir": "auto"}),
    )

    def as_words(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["words"].splitlines())
        return [line for line in lines if line]
