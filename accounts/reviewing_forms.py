"""Forms of what a member reviews, of his goal, and of the days he is away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import Choices
from accounts.models import Member
from accounts.services.profiles import MOST_REVIEWS, ProfileChanges

LISTS = ("languages", "channels", "topics")
GOAL_WORDS = {
    Member.GoalPeriod.DAY.value: _("A day"),
    Member.GoalPeriod.WEEK.value: _("A week"),
}


def _known(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=_("None chosen means all."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _more(label: Any) -> forms.CharField:
    return forms.CharField(label=label, help_text=_("Separated by commas."), max_length=2000, required=False)


class ProfileForm(forms.Form):
    """`lists`: which of languages, channels and topics can be changed; `offers`: known values of each."""

    languages = _known(_("Reviews these languages"))
    more_languages = _more(_("Other languages, as codes such as en or pt-BR"))
    channels = _known(_("Reviews these channels"))
    more_channels = _more(_("Other channels"))
    topics = _known(_("Reviews these topics"))
    more_topics = _more(_("Other topics"))
    goal_reviews = forms.IntegerField(
        label=_("Goal: so many reviews"),
        help_text=_("A quiet bar in the queue shows how far it is. Leave it empty for no goal."),
        min_value=1,
        max_value=MOST_REVIEWS,
        required=False,
    )
    goal_period = forms.ChoiceField(label=_("In"), choices=list(GOAL_WORDS.items()))

    def __init__(
        self,
        *args: Any,
        member: Member,
        offers: Mapping[str, Choices],
        lists: Iterable[str] = LISTS,
        **kwargs: Any,
    ) -> None:
        held = {name: list(getattr(member, name)) for name in LISTS}
        goal = {"goal_reviews": member.goal_reviews, "goal_period": member.goal_period}
        kwargs["initial"] = held | goal
        super().__init__(*args, **kwargs)
        self.lists = tuple(lists)
        for name in LISTS:
            if name in self.lists:
                known = dict(offers.get(name, ())) | {value: value for value in held[name]}
                self.fields[name].choices = sorted(known.items())  # type: ignore[attr-defined]
                if not known:
                    del self.fields[name]
            else:
                del self.fields[name], self.fields[f"more_{name}"]

    def changes(self) -> ProfileChanges:
        """What the form says, of the fields that it has."""
        said = self.cleaned_data
        goal: dict[str, Any] = {name: said[name] for name in ("goal_reviews", "goal_period")}
        lists = {name: [*said.get(name, ()), *said[f"more_{name}"].split(",")] for name in self.lists}
        return cast(ProfileChanges, goal | lists)


class AbsenceForm(forms.Form):
    starts_on = forms.DateField(label=_("First day away"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label=_("Last day away"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note"), help_text=_("Leads see it."), max_length=255, required=False)
