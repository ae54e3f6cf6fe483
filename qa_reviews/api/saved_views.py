"""saved-views/: filters of a list page, kept under a name."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or
from qa_reviews.models import SavedView
from qa_reviews.selectors import saved_views as selectors
from qa_reviews.serializers.saved_views import SavedViewChangeIn, SavedViewIn, SavedViewOut
from qa_reviews.services import saved_views as services

READ = Capability.REVIEW_READ
LISTED = params.PAGING | {"page", "updated_since"}
PAGE = OpenApiParameter("page", str, enum=SavedView.Page.values)


class SavedViewView(WorkspaceAPIView):
    """How a saved view is shown."""

    def shown(self, pk: int, status: int = 200) -> Response:
        view = selectors.saved_view(self.actor, pk)
        return Response(SavedViewOut(view, context={"actor": self.actor}).data, status=status)


class SavedViewListApi(SavedViewView):
    capabilities = {"GET": READ, "POST": READ}

    @extend_schema(parameters=[PAGE], responses=SavedViewOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        query = request.query_params
        params.check_known(query, LISTED)
        page = params.one_of(query, "page", SavedView.Page.values) or ""
        rows, order = since_or(request, selectors.saved_views(self.actor, page), ("id",))
        context = {"actor": self.actor}
        return paged(request, rows, order, lambda row: SavedViewOut(row, context=context).data)

    @extend_schema(request=SavedViewIn, responses={201: SavedViewOut})
    def post(self, request: Request, slug: str) -> Response:
        body = SavedViewIn(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(services.save_view(actor=self.actor, **body.validated_data).pk, 201)


class SavedViewApi(SavedViewView):
    capabilities = {"GET": READ, "PATCH": READ, "DELETE": READ}

    @extend_schema(responses=SavedViewOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.shown(pk)

    @extend_schema(request=SavedViewChangeIn, responses=SavedViewOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        body = SavedViewChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        services.change_view(
            actor=self.actor,
            view_id=pk,
            changes=body.validated_data,
            if_match=request.headers.get("If-Match"),
        )
        return self.shown(pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        services.delete_view(actor=self.actor, view_id=pk)
        return Response(status=204)
