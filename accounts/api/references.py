"""Published figures over the API."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.access import Capability
from accounts.api.people import LISTED, parsed
from accounts.models import ReferenceFigure
from accounts.reference_serializers import ReferenceIn, ReferenceOut, ReferencePatch
from accounts.services import references
from accounts.services.references import ReferenceChanges
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or


class ReferenceView(WorkspaceAPIView):
    def shown(self, row: ReferenceFigure) -> dict[str, Any]:
        return dict(ReferenceOut(row, context={"actor": self.actor}).data)


class ReferenceListAPI(ReferenceView):
    capabilities = {"GET": Capability.NUMBERS_READ_ALL, "POST": Capability.ADMINISTER}

    @extend_schema(responses=ReferenceOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The figures that charts are compared with."""
        params.check_known(request.query_params, LISTED)
        rows, order = since_or(request, selectors.references(self.actor), ("id",))
        return paged(request, rows, order, self.shown)

    @extend_schema(request=ReferenceIn, responses={201: ReferenceOut})
    def post(self, request: Request, slug: str) -> Response:
        values = cast(ReferenceChanges, parsed(ReferenceIn, request))
        row = references.add_reference(actor=self.actor, values=values)
        return Response(self.shown(row), status=201)


class ReferenceAPI(ReferenceView):
    capabilities = {
        "GET": Capability.NUMBERS_READ_ALL,
        "PATCH": Capability.ADMINISTER,
        "DELETE": Capability.ADMINISTER,
    }

    @extend_schema(responses=ReferenceOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(self.shown(selectors.row_or_missing(selectors.references(self.actor), pk)))

    @extend_schema(request=ReferencePatch, responses=ReferenceOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        row = references.update_reference(
            actor=self.actor,
            reference_id=pk,
            changes=cast(ReferenceChanges, parsed(ReferencePatch, request)),
            if_match=request.headers.get("If-Match"),
        )
        return Response(self.shown(row))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        references.remove_reference(actor=self.actor, reference_id=pk)
        return Response(status=204)
