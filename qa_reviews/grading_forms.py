"""Forms of comment templates and suggestion rules; choices come from the views, writing is the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import Choices
from qa_reviews.models import CommentTemplate, SuggestionRule
from qa_reviews.serializers.judgements import LONGEST_COMMENT
from qa_reviews.services.suggestions import RuleInput
from qa_reviews.services.templates import TemplateInput

BLANK_CONDITIONS = 3
AUTHORS = [
    (SuggestionRule.Author.AGENT, _("The agent")),
    (SuggestionRule.Author.CUSTOMER, _("The customer")),
    (SuggestionRule.Author.BOT, _("A bot")),
    (SuggestionRule.Author.ANY, _("Anybody")),
]
OPS = [
    ("contains", _("A message contains")),
    ("not_contains", _("No message contains")),
    ("is", _("A message says only")),
    ("is_not", _("No message says only")),
]
MATCHES = [
    (SuggestionRule.Match.ANY, _("any of them holds")),
    (SuggestionRule.Match.ALL, _("all of them hold")),
]


class TemplateForm(forms.Form):
    """A ready text. Whoever may not share is not asked."""

    name = forms.CharField(label=_("Name"), max_length=120)
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=_("Markdown, hashtags (#refund) and mentions (@Full Name) work here, too."),
    )
    category = forms.ChoiceField(
        label=_("Offered first at"),
        required=False,
        help_text=_("A category of a scorecard. It can be inserted anywhere."),
    )
    shared = forms.BooleanField(label=_("Everybody who grades can use it"), required=False)

    def __init__(
        self, data: Any = None, *, before: CommentTemplate | None, categories: Choices, may_share: bool
    ) -> None:
        initial: dict[str, Any] = {}
        if before is not None:
            initial = {"name": before.name, "body": before.body, "category": before.category}
            initial["shared"] = before.owner_id is None
        super().__init__(data, initial=initial)
        known = {key for key, _name in categories}
        gone = [(initial["category"],) * 2] if initial.get("category") not in (None, "", *known) else []
        self.fields["category"].choices = [("", _("No category")), *categories, *gone]  # type: ignore[attr-defined]
        if not may_share:
            del self.fields["shared"]

    def as_input(self) -> TemplateInput:
        return TemplateInput(**self.cleaned_data)


class ConditionForm(forms.Form):
    op = forms.ChoiceField(label=_("Condition"), choices=OPS)
    text = forms.CharField(
        label=_("Words"), max_length=2000, required=False, widget=forms.TextInput(attrs={"dir": "auto"})
    )


ConditionFormSet = forms.formset_factory(ConditionForm, extra=BLANK_CONDITIONS, max_num=20)


class RuleForm(forms.Form):
    """What a rule proposes, and whose words it looks at; its conditions are a formset beside it."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Shown beside the suggestion."))
    proposes = forms.ChoiceField(label=_("Suggests"))
    author = forms.ChoiceField(label=_("Looks at what is said by"), choices=AUTHORS)
    languages = forms.CharField(
        label=_("Only in these languages"),
        required=False,
        max_length=255,
        help_text=_("Codes such as en, de, apart by commas. Empty: every language."),
    )
    match = forms.ChoiceField(label=_("Suggested when"), choices=MATCHES)
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, data: Any = None, *, before: SuggestionRule | None, proposes: Any) -> None:
        initial: dict[str, Any] = {}
        if before is not None:
            initial = {name: getattr(before, name) for name in ("name", "author", "match", "active")}
            initial["languages"] = ", ".join(before.languages)
            initial["proposes"] = f"{before.scorecard_id}:{before.category}:{before.option}"
        super().__init__(data, initial=initial)
        self.fields["proposes"].choices = proposes  # type: ignore[attr-defined]

    def as_input(self, conditions: list[dict[str, str]]) -> RuleInput:
        given = self.cleaned_data
        scorecard, category, option = given["proposes"].split(":", 2)
        return RuleInput(
            name=given["name"],
            scorecard=int(scorecard),
            category=category,
            option=option,
            author=given["author"],
            languages=[word.strip() for word in given["languages"].split(",") if word.strip()],
            match=given["match"],
            conditions=conditions,
            active=given["active"],
        )
