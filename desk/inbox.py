"""The inbox: what is new for somebody, in words, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.access import Capability
from accounts.views.pages import page_links
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.paging import page
from notices import selectors, services
from notices.selectors import Told


@dataclass(frozen=True, slots=True)
class Day:
    """The notices of one local day, newest first."""

    day: date
    rows: Sequence[Told]


def by_day(told: Sequence[Told]) -> list[Day]:
    """Days of the zone that holds now, in the order of the notices."""
    groups = groupby(told, key=lambda each: timezone.localtime(each.notice.created_at).date())
    return [Day(day, list(rows)) for day, rows in groups]


class InboxPage(WorkspaceTemplatePage):
    """What is new first, then what was read, page by page; `kind` narrows to one kind."""

    capability = Capability.ENTER
    template_name = "desk/inbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, kinds = selectors.inbox(self.actor), selectors.kinds_told(self.actor)
        chosen = next((kind for kind in kinds if kind.name == self.request.GET.get("kind")), None)
        rows = rows.filter(kind=chosen.name) if chosen else rows
        cursor = self.request.GET.get("cursor")
        unread = [] if cursor else list(rows.filter(read_at=None).order_by("-id")[: selectors.MOST_COUNTED])
        read = page(rows.exclude(read_at=None), ("-id",), cursor=cursor)
        told = selectors.told(self.actor, [*unread, *read.rows])
        shown = {
            "unread": by_day([each for each in told if each.notice.read_at is None]),
            "read": by_day([each for each in told if each.notice.read_at is not None]),
            "kinds": kinds,
            "chosen": chosen,
            "today": timezone.localdate(),
        }
        return super().get_context_data(**kwargs) | shown | page_links(self.request, read)


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
