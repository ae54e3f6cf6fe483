"""Pages of suggestion rules: the list, a new one, change, delete."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.forms import show_problem
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.errors import Invalid
from qa_reviews.grading_forms import ConditionFormSet, RuleForm
from qa_reviews.models import SuggestionRule
from qa_reviews.selectors import suggestions as selectors
from qa_reviews.services import suggestions as services


class SuggestionRuleListPage(WorkspaceTemplatePage):
    capability = Capability.SCORECARD_READ
    template_name = "qa_reviews/suggestion_rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = selectors.option_words(self.actor)
        rules = selectors.rules(self.actor)
        rows = [{"rule": each, "proposes": words.get(_value(each), "")} for each in rules]
        may_write = self.actor.can(Capability.SCORECARD_WRITE)
        return super().get_context_data(**kwargs) | {"rows": rows, "may_write": may_write}


class SuggestionRuleFormPage(WorkspacePage):
    """A new rule, or one that is changed, with its conditions."""

    capability = Capability.SCORECARD_WRITE

    def rule(self) -> SuggestionRule | None:
        pk = self.kwargs.get("pk")
        return None if pk is None else selectors.rule(self.actor, pk)

    def forms(self, data: Any = None) -> tuple[RuleForm, Any]:
        rule = self.rule()
        form = RuleForm(data, before=rule, proposes=selectors.option_choices(self.actor))
        return form, ConditionFormSet(data, initial=rule.conditions if rule else [])

    def show(self, form: RuleForm, conditions: Any, status: int = 200) -> HttpResponse:
        context = {"form": form, "conditions": conditions, "rule": self.rule()}
        return render(self.request, "qa_reviews/suggestion_rule.html", context, status=status)

    def get(self, request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        return self.show(*self.forms())

    def post(self, request: HttpRequest, slug: str, pk: int | None = None) -> HttpResponse:
        form, conditions = self.forms(request.POST)
        if form.is_valid() and conditions.is_valid():
            said = [each for each in conditions.cleaned_data if each.get("text", "").strip()]
            try:
                services.save_rule(actor=self.actor, given=form.as_input(said), rule_id=pk)
            except Invalid as problem:
                show_problem(form, problem)
            else:
                messages.success(request, _("The rule is saved."))
                return redirect("suggestion-rule-list", slug)
        return self.show(form, conditions, 422)


class SuggestionRuleDeletePage(WorkspacePage):
    capability = Capability.SCORECARD_WRITE

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        services.delete_rule(actor=self.actor, rule_id=pk)
        messages.success(request, _("The rule is gone. What it suggested before stays beside the ratings."))
        return redirect("suggestion-rule-list", slug)


def _value(rule: SuggestionRule) -> str:
    return f"{rule.scorecard_id}:{rule.category}:{rule.option}"
