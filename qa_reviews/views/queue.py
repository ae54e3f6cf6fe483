"""Pages of the reviewer's queue: the list, the next one, skip, reassign."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views.forms import FormPage
from accounts.views.pages import page_links
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.paging import page
from qa_reviews.forms import ReassignForm, SkipForm
from qa_reviews.models import QueueItem
from qa_reviews.policies.plans import may_reassign, may_skip
from qa_reviews.selectors import queue as selectors
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import graders, takers, takes_of
from qa_reviews.services import queue as services


class QueuePage(WorkspaceTemplatePage):
    capability = Capability.GRADE
    template_name = "qa_reviews/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = page(selectors.mine(self.actor), selectors.ORDER, cursor=self.request.GET.get("cursor"))
        done, total = selectors.progress(self.actor)
        return (
            super().get_context_data(**kwargs)
            | page_links(self.request, found)
            | {
                "items": found.rows,
                "done": done,
                "total": total,
                "pool": selectors.pool_size(self.actor),
                "today": today(self.actor),
            }
        )


class QueueNextPage(WorkspacePage):
    capability = Capability.GRADE

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        item = services.next_item(actor=self.actor)
        if item is None:
            messages.info(request, _("Nothing waits for you."))
            return redirect("queue", slug)
        return redirect("workbench", slug, item.pk)


class ItemFormPage(FormPage):
    """A form about one item."""

    def item(self) -> QueueItem:
        return selectors.item(self.actor, self.kwargs["pk"])

    def context(self) -> dict[str, Any]:
        return {"item": self.item()}


class QueueSkipPage(ItemFormPage):
    capability = Capability.GRADE
    template_name = "qa_reviews/queue_skip.html"

    def form(self, data: Any = None) -> SkipForm:
        may_skip(self.actor, self.item()).demand()
        return SkipForm(data)

    def save(self, form: SkipForm) -> HttpResponse:
        services.skip(actor=self.actor, item_id=self.kwargs["pk"], **form.cleaned_data)
        messages.success(self.request, _("Set aside."))
        return redirect("queue", self.actor.workspace.slug)


class QueueReassignPage(ItemFormPage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/queue_reassign.html"

    def form(self, data: Any = None) -> ReassignForm:
        item = self.item()
        may_reassign(self.actor, item).demand()
        able = takers(graders(self.actor), takes_of(item), today(self.actor))
        return ReassignForm(data, members=[(each.id, each.name) for each in able])

    def save(self, form: ReassignForm) -> HttpResponse:
        reviewer = form.cleaned_data["reviewer"]
        item = services.reassign(actor=self.actor, item_id=self.kwargs["pk"], reviewer_id=reviewer)
        messages.success(self.request, _("Handed over to %(name)s.") % {"name": item.reviewer})
        return redirect("draw", self.actor.workspace.slug, item.draw_id)
