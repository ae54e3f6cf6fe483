"""The inbox: what is new for somebody, in words, and where it leads."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.access import Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.paging import page
from notices import selectors, services


class InboxPage(WorkspaceTemplatePage):
    """What is new first, then what was read, page by page."""

    capability = Capability.ENTER
    template_name = "desk/inbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, cursor = selectors.inbox(self.actor), self.request.GET.get("cursor")
        unread = [] if cursor else list(rows.filter(read_at=None).order_by("-id")[: selectors.MOST_COUNTED])
        read = page(rows.exclude(read_at=None), ("-id",), cursor=cursor)
        told = selectors.told(self.actor, [*unread, *read.rows])
        return super().get_context_data(**kwargs) | {
            "unread": [each for each in told if each.notice.read_at is None],
            "read": [each for each in told if each.notice.read_at is not None],
            "next_url": read.next and f"?cursor={read.next}",
            "previous_url": read.previous and f"?cursor={read.previous}",
        }


class NoticePage(WorkspacePage):
    """Follow a notice: it counts as read, and leads to what it is about."""

    capability = Capability.ENTER

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        told = selectors.told(self.actor, [services.mark_read(actor=self.actor, notice_id=pk)])
        return redirect(told[0].words.url) if told else redirect("inbox", slug=slug)


class NoticeReadPage(WorkspacePage):
    capability = Capability.ENTER

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        services.mark_read(actor=self.actor, notice_id=pk)
        return redirect("inbox", slug=slug)


class InboxReadPage(WorkspacePage):
    capability = Capability.ENTER

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        services.mark_all_read(actor=self.actor)
        return redirect("inbox", slug=slug)
