"""What pages with one form have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import Capability
from accounts.forms import Choices, show_problem
from accounts.views_base import WorkspacePage
from common.errors import Conflict, Invalid


class FormPage(WorkspacePage):
    """Shows `form()`; a valid one goes to `save`, whose refusals are shown in the form."""

    template_name: ClassVar[str]

    def form(self, data: Any = None) -> forms.BaseForm:
        raise NotImplementedError

    def save(self, form: Any) -> HttpResponse:
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        return {}

    def show(self, form: forms.BaseForm, status: int = 200, **extra: Any) -> HttpResponse:
        context = self.context() | {"form": form, "view": self} | extra
        return render(self.request, self.template_name, context, status=status)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                return self.save(form)
            except (Invalid, Conflict) as problem:
                show_problem(form, problem)
        return self.show(form, status=422)


class SettingsPage(FormPage):
    """A page of the settings section: administrators only."""

    capability = Capability.ADMINISTER


def named(rows: Any) -> Choices:
    """Choices of a select from rows that can say their name."""
    return [(row.pk, str(row)) for row in rows]
