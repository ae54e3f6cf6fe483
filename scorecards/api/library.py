"""The library of categories and root causes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or
from scorecards import selectors, services
from scorecards.api.scorecards import LISTED, READ, WRITE, parsed
from scorecards.models import LibraryItem
from scorecards.serializers import LibraryItemIn, LibraryItemOut


class LibraryListApi(WorkspaceAPIView):
    capabilities = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=LibraryItemOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, LISTED)
        rows, order = since_or(request, selectors.library(self.actor), ("id",))
        return paged(request, rows, order, self.show)

    @extend_schema(request=LibraryItemIn, responses={201: LibraryItemOut})
    def post(self, request: Request, slug: str) -> Response:
        """Keeps the item under its name; one that had the name is replaced."""
        given = parsed(LibraryItemIn(data=request.data))
        return Response(self.show(services.save_library_item(actor=self.actor, **given)), status=201)

    def show(self, row: LibraryItem) -> dict[str, Any]:
        return LibraryItemOut(row, context={"actor": self.actor}).data


class LibraryItemApi(WorkspaceAPIView):
    capabilities = {"DELETE": WRITE}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        services.delete_library_item(actor=self.actor, item_id=pk)
        return Response(status=204)
