"""Links to the neighbours of a page of a list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from common.paging import Page


def page_links(request: HttpRequest, found: Page) -> dict[str, Any]:
    """`previous_url` and `next_url` for parts/pagination.html, filters kept; None at an end."""

    def link(cursor: str | None) -> str | None:
        if cursor is None:
            return None
        query = request.GET.copy()
        query["cursor"] = cursor
        return f"?{query.urlencode()}"

    return {"previous_url": link(found.previous), "next_url": link(found.next)}
