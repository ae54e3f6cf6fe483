"""Forms of calibration sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import Choices
from qa_reviews.services.calibration import SessionInput
from qa_reviews.services.calibration.sessions import LONGEST_NAME
from qa_reviews.services.calibration.talk import LONGEST


def _id(value: str) -> int | None:
    return int(value) if value else None


class SessionForm(forms.Form):
    """The terms of a session; choices come from the page."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    scorecard = forms.TypedChoiceField(label=_("Scorecard"), coerce=int)
    due_on = forms.DateField(
        label=_("Due on"),
        help_text=_("Who has not graded is reminded two days before, and on the day."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    team = forms.TypedChoiceField(label=_("Team"), coerce=_id, required=False, empty_value=None)
    participants = forms.TypedMultipleChoiceField(
        label=_("Who grades"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    baseline = forms.TypedChoiceField(
        label=_("Compare with"),
        help_text=_("Somebody whose grades count as right, or the middle of the others."),
        coerce=_id,
        required=False,
        empty_value=None,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        scorecards: Choices,
        teams: Choices,
        members: Choices,
        whole: bool,
        **kwargs: Any,
    ) -> None:
        """`whole`: whether a session of the whole workspace may be offered."""
        super().__init__(data, **kwargs)
        everywhere = [("", _("The whole workspace"))] if whole else []
        offered: dict[str, Sequence[tuple[Any, Any]]] = {
            "scorecard": scorecards,
            "team": [*everywhere, *teams],
            "participants": members,
            "baseline": [("", _("The middle of the others")), *members],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def as_input(self) -> SessionInput:
        given = self.cleaned_data
        return SessionInput(**given | {"participants": tuple(given["participants"])})


class AddForm(forms.Form):
    """A conversation by the number that its source knows it by."""

    external_id = forms.CharField(label=_("Number of a conversation"), max_length=255)


class AddToForm(forms.Form):
    """Which session a conversation is added to."""

    session = forms.TypedChoiceField(label=_("Session"), coerce=int)

    def __init__(self, data: Any = None, *, sessions: Choices) -> None:
        super().__init__(data)
        field = self.fields["session"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = sessions


class NoteForm(forms.Form):
    """What was said, about one category or the whole."""

    category = forms.ChoiceField(label=_("About"), required=False)
    text = forms.CharField(
        label=_("Note"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"})
    )

    def __init__(self, data: Any = None, *, categories: Choices, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("The whole")), *categories]


class DecisionForm(forms.Form):
    """How a category is to be read from now on."""

    category = forms.ChoiceField(label=_("Category"))
    text = forms.CharField(
        label=_("How it is to be read from now on"),
        help_text=_("Shown beside the category wherever it is graded."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, data: Any = None, *, categories: Choices) -> None:
        super().__init__(data)
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = categories
