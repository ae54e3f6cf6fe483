"""The rules: list, add, change, and the usual three."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import selectors as accounts
from accounts.access import Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from coaching import policies
from coaching.forms import RuleForm
from coaching.models import CoachingRule
from coaching.selectors.rules import category_names, coaches_by_id, rule, rules
from coaching.services import rules as services
from common.errors import Conflict, Invalid, Stale
from common.etags import etag


class RuleListPage(WorkspaceTemplatePage):
    capability = Capability.COACHING_MANAGE
    template_name = "coaching/rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "rules": list(rules(self.actor).order_by("-active", "name", "pk")),
            "names": category_names(self.actor),
            "write": policies.write_rules(self.actor),
        }


class UsualRulesPage(WorkspacePage):
    """The button that is offered while there are no rules."""

    capability = Capability.COACHING_RULES

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        try:
            services.create_usual_rules(actor=self.actor)
            messages.success(
                request, _("Three rules are active. They look at the last complete week tonight.")
            )
        except Conflict as refusal:
            messages.error(request, refusal.detail)
        return redirect("coaching-rule-list", slug=slug)


class RuleFormPage(WorkspacePage):
    """Base of adding and changing."""

    capability = Capability.COACHING_RULES

    def form(self, *args: Any, **kwargs: Any) -> RuleForm:
        names = sorted(category_names(self.actor).items(), key=lambda item: item[1])
        coaches = [(pk, coach.member.name) for pk, coach in coaches_by_id(self.actor).items()]
        return RuleForm(*args, categories=names, coaches=coaches, **kwargs)

    def fields(self, form: RuleForm) -> dict[str, Any]:
        """What the service takes, from a valid form."""
        given = {name: form.cleaned_data[name] for name in services.NAMES}
        pk = given["coach"]
        given["coach"] = accounts.row_or_missing(accounts.members(self.actor), pk) if pk else None
        return given

    def page(self, form: RuleForm, row: CoachingRule | None, status: int = 200) -> HttpResponse:
        context = {"form": form, "rule": row, "etag": etag(row) if row else ""}
        return render(self.request, "coaching/rule.html", context, status=status)

    def saved(self, slug: str, text: str) -> HttpResponse:
        messages.success(self.request, text)
        return redirect("coaching-rule-list", slug=slug)


class RuleAddPage(RuleFormPage):
    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self.page(self.form(), None)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                services.create_rule(actor=self.actor, given=services.RuleFields(**self.fields(form)))
                return self.saved(slug, _("The rule is added."))
            except Invalid as refusal:
                form.take(refusal)
        return self.page(form, None, 422)


class RulePage(RuleFormPage):
    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        row = rule(self.actor, pk)
        initial = {name: getattr(row, name) for name in services.NAMES} | {"coach": row.coach_id}
        return self.page(self.form(initial=initial), row)

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        row, form = rule(self.actor, pk), self.form(request.POST)
        if not form.is_valid():
            return self.page(form, row, 422)
        try:
            if_match = request.POST.get("etag") or None
            services.change_rule(actor=self.actor, rule_id=pk, changes=self.fields(form), if_match=if_match)
            return self.saved(slug, _("The rule is changed."))
        except Invalid as refusal:
            form.take(refusal)
        except Stale:
            form.add_error(
                None, _("Somebody changed this rule since you opened it. Save again to replace it.")
            )
        return self.page(form, row, 422)
