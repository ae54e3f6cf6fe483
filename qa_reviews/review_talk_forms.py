"""Forms of the page of a review: disputing and answering, handing on, talking, mending words, retracting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qa_reviews.judgement import Choice
from qa_reviews.models import Dispute, ReviewComment
from scorecards.definition import Category

LONGEST = 20_000
NA = "-na-"  # no key of an option begins with a dash
Named = Sequence[tuple[int, str]]


def said(label: Any, rows: int = 3, required: bool = True) -> forms.CharField:
    """A text to type, written in either direction."""
    widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, max_length=LONGEST, required=required, widget=widget)


class RatingsForm(forms.Form):
    """A form with a select for each rated category: `<prefix><key>`."""

    prefix_of_ratings = "rating-"

    def add_ratings(
        self, categories: Iterable[Category], chosen: Mapping[str, str], empty: Any, now: bool
    ) -> None:
        """One select a category, with the option chosen now left out, or first and marked as what stays."""
        for category in categories:
            current = chosen[category.key]
            options = [(option.key, option.label) for option in category.options]
            options += [(NA, gettext("N/A"))] if category.allow_na else []
            label = dict(options).get(current, "")
            stays = f"{empty}: {label}" if now else empty
            self.fields[f"{self.prefix_of_ratings}{category.key}"] = forms.ChoiceField(
                label=category.name,
                required=False,
                choices=[("", stays), *((key, name) for key, name in options if key != current)],
            )

    @property
    def ratings(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(self.prefix_of_ratings)]

    def choices(self) -> tuple[Choice, ...]:
        """What was chosen differently, of a valid form."""
        found = []
        for name, value in self.cleaned_data.items():
            if name.startswith(self.prefix_of_ratings) and value:
                key = name.removeprefix(self.prefix_of_ratings)
                found.append(Choice(key, None if value == NA else value, na=value == NA))
        return tuple(found)


class DisputeForm(RatingsForm):
    """What the agent sees differently: ratings, or that it was not his conversation."""

    kind = forms.ChoiceField(
        label=_("What is not right?"),
        choices=[
            (Dispute.Kind.RATINGS, _("I see some ratings differently")),
            (Dispute.Kind.WRONG_AGENT, _("This was not my conversation")),
        ],
        initial=Dispute.Kind.RATINGS,
        widget=forms.RadioSelect,
    )
    agent = forms.TypedChoiceField(
        label=_("Whose conversation it was"), required=False, coerce=int, empty_value=None
    )
    comment = said(_("Why?"), 4)

    def __init__(
        self, data: Any, *, categories: Iterable[Category], chosen: Mapping[str, str], others: Named
    ) -> None:
        super().__init__(data, auto_id="dispute_%s")
        self.add_ratings(categories, chosen, _("As it is"), now=True)
        field = self.fields["agent"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("Somebody else, or I do not know")), *others]
        self.fields["comment"].help_text = _("The answer comes from a person who reads this first.")


class ResolveForm(RatingsForm):
    """The answer to a dispute."""

    outcome = forms.ChoiceField(label=_("Your answer"), widget=forms.RadioSelect)
    agent = forms.TypedChoiceField(
        label=_("Whose conversation it was"), required=False, coerce=int, empty_value=None
    )
    comment = said(_("Reason"), 4)

    def __init__(
        self,
        data: Any,
        *,
        dispute: Dispute,
        categories: Iterable[Category],
        chosen: Mapping[str, str],
        others: Named,
    ) -> None:
        super().__init__(data, auto_id="resolve_%s")
        outcome, agent = self.fields["outcome"], self.fields["agent"]
        assert isinstance(outcome, forms.ChoiceField)
        assert isinstance(agent, forms.TypedChoiceField)
        self.fields["comment"].help_text = _("The agent reads this first.")
        if dispute.kind == Dispute.Kind.RATINGS:
            del self.fields["agent"]
            self.add_ratings(categories, chosen, _("Stays"), now=True)
            outcome.choices = [
                (Dispute.Outcome.ACCEPTED, _("Accept: the ratings become what the agent proposes")),
                (Dispute.Outcome.PARTIALLY_ACCEPTED, _("Accept in part: with the ratings chosen below")),
                (Dispute.Outcome.REJECTED, _("Reject: the ratings stay")),
            ]
            self._propose(dispute)
        else:
            agent.choices = [("", _("Nobody named: no new draft")), *others]
            agent.initial = dispute.proposed_agent_id
            agent.help_text = _("Its reviewer gets a draft with the same ratings about this agent.")
            outcome.choices = [
                (Dispute.Outcome.ACCEPTED, _("Accept: the review is retracted")),
                (Dispute.Outcome.REJECTED, _("Reject: the review stays")),
            ]

    def _propose(self, dispute: Dispute) -> None:
        for each in dispute.proposed:
            field = self.fields.get(f"{self.prefix_of_ratings}{each['category']}")
            if field is not None:
                field.initial = each.get("option") or NA


class RerouteForm(forms.Form):
    """To whom a dispute goes instead."""

    to = forms.TypedChoiceField(label=_("Hand it to"), required=False, coerce=int, empty_value=None)
    comment = said(_("Note"), 2, required=False)

    def __init__(self, data: Any, *, leads: Named) -> None:
        super().__init__(data, auto_id="reroute_%s")
        field = self.fields["to"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("All leads of the team")), *leads]


class CommentForm(forms.Form):
    """A comment under the review, or under one category of it; `visibility` says for whom."""

    body = said(_("Comment"))
    category = forms.ChoiceField(label=_("About"), required=False)
    visibility = forms.ChoiceField(
        choices=ReviewComment.Visibility.choices, widget=forms.HiddenInput, required=True
    )

    def __init__(self, data: Any, *, categories: Iterable[Category], visibility: str) -> None:
        super().__init__(data, auto_id=f"{visibility}_%s", initial={"visibility": visibility})
        about = self.fields["category"]
        assert isinstance(about, forms.ChoiceField)
        about.choices = [("", _("The whole review")), *((each.key, each.name) for each in categories)]


class EditForm(forms.Form):
    """Other words for a comment."""

    comment = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    body = said(_("Comment"))

    def __init__(self, data: Any, *, comment: ReviewComment) -> None:
        initial = {"comment": comment.pk, "body": comment.body}
        super().__init__(data, auto_id=f"edit_{comment.pk}_%s", initial=initial)


class AmendForm(forms.Form):
    """The words of the newest grading: its comment, and those of its categories."""

    prefix_of_words = "words-"
    comment = said(_("Comment on the whole"), 3, required=False)

    def __init__(self, data: Any, *, comment: str, words: Iterable[tuple[str, str, str]]) -> None:
        """`words`: key, name and comment of each category."""
        super().__init__(data, auto_id="amend_%s", initial={"comment": comment})
        for key, name, text in words:
            field = said(name, 2, required=False)
            field.initial = text
            self.fields[f"{self.prefix_of_words}{key}"] = field

    def words(self) -> dict[str, str]:
        """The comments by category key, of a valid form."""
        return {
            name.removeprefix(self.prefix_of_words): text
            for name, text in self.cleaned_data.items()
            if name.startswith(self.prefix_of_words)
        }


class ReasonForm(forms.Form):
    """Why a review is retracted."""

    reason = said(_("Reason"), 2)
