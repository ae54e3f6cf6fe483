"""Pages of comment templates: the list, a new one, change, delete."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views.forms import FormPage
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from qa_reviews.grading_forms import TemplateForm
from qa_reviews.models import CommentTemplate
from qa_reviews.policies.templates import may_change, may_share
from qa_reviews.selectors import templates as selectors
from qa_reviews.services import templates as services


class CommentTemplateListPage(WorkspaceTemplatePage):
    capability = Capability.GRADE
    template_name = "qa_reviews/comment_templates.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = dict(selectors.category_names(self.actor))
        rows = [
            {
                "template": each,
                "category": names.get(each.category, each.category),
                "may_change": may_change(self.actor, each).allowed,
            }
            for each in selectors.templates(self.actor)
        ]
        return super().get_context_data(**kwargs) | {"rows": rows}


class CommentTemplateFormPage(FormPage):
    """A new template, or one that is changed."""

    capability = Capability.GRADE
    template_name = "qa_reviews/comment_template.html"

    def template(self) -> CommentTemplate | None:
        if "pk" not in self.kwargs:
            return None
        found = selectors.template(self.actor, self.kwargs["pk"])
        may_change(self.actor, found).demand()
        return found

    def context(self) -> dict[str, Any]:
        return {"template": self.template()}

    def form(self, data: Any = None) -> TemplateForm:
        return TemplateForm(
            data,
            before=self.template(),
            categories=selectors.category_names(self.actor),
            may_share=may_share(self.actor).allowed,
        )

    def save(self, form: TemplateForm) -> HttpResponse:
        services.save_template(actor=self.actor, given=form.as_input(), template_id=self.kwargs.get("pk"))
        messages.success(self.request, _("The template is saved."))
        return redirect("comment-template-list", self.actor.workspace.slug)


class CommentTemplateDeletePage(WorkspacePage):
    capability = Capability.GRADE

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        services.delete_template(actor=self.actor, template_id=pk)
        messages.success(request, _("The template is gone. Comments written with it stay."))
        return redirect("comment-template-list", slug)
