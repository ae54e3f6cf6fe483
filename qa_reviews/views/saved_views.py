"""Keeping and dropping saved views from the explorer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views_base import WorkspacePage
from common.errors import Invalid, invalid
from qa_reviews.models import SavedView
from qa_reviews.review_forms import SaveViewForm
from qa_reviews.services import saved_views as services

LISTS = {
    SavedView.Page.REVIEWS.value: "review-list",
    SavedView.Page.CONVERSATIONS.value: "conversation-list",
}


class SavedViewNew(WorkspacePage):
    """Keep the filters that are set under a name; the address stays."""

    capability = Capability.REVIEW_READ

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = SaveViewForm(request.POST)
        if not form.is_valid():
            raise invalid("/name", "invalid", _("Give the view a name of up to 120 characters."))
        query, page = form.cleaned_data["query"], form.cleaned_data["page"]
        try:
            services.save_view(actor=self.actor, **form.cleaned_data)
            messages.success(request, _("The view was saved."))
        except Invalid as problem:
            messages.error(request, problem.detail)
            query = services.clean_query(page=page, query="")
        return redirect(f"{reverse(LISTS[page], kwargs={'slug': slug})}?{query}")


class SavedViewDelete(WorkspacePage):
    capability = Capability.REVIEW_READ

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        page = services.delete_view(actor=self.actor, view_id=pk).page
        messages.success(request, _("The view was deleted."))
        return redirect(LISTS[page], slug=slug)
