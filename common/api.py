"""What every list endpoint does: one cursor page of an ordered query, with links to its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from common import params
from common.paging import Page, changed_since, page


def paged(
    request: Request,
    rows: QuerySet[Any],
    order: Sequence[str],
    show: Callable[[Any], Any],
) -> Response:
    """{"next", "previous", "results"}; next and previous are addresses, or null at an end."""
    query = request.query_params
    return page_answer(request, page(rows, order, params.limit(query), query.get("cursor")), show)


def page_answer(request: Request, found: Page, show: Callable[[Any], Any]) -> Response:
    """A page that was found as `paged` answers it."""
    here = request.build_absolute_uri()

    def link(cursor: str | None) -> str | None:
        return replace_query_param(here, "cursor", cursor) if cursor else None

    return Response(
        {
            "next": link(found.next),
            "previous": link(found.previous),
            "results": [show(row) for row in found.rows],
        }
    )


def since_or(
    request: Request, rows: QuerySet[Any], order: Sequence[str]
) -> tuple[QuerySet[Any], Sequence[str]]:
    """With `updated_since`: rows changed from then on, by (updated_at, id); else the given order."""
    since = params.moment(request.query_params, "updated_since")
    if since is None:
        return rows, order
    return rows.filter(changed_since(since)), ("updated_at", "id")
