"""queue/: what waits for me, the next one, skip, reassign."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged
from qa_reviews.models import QueueItem
from qa_reviews.selectors import queue as selectors
from qa_reviews.serializers.queue import QueueItemOut, ReassignIn, SkipIn
from qa_reviews.services import queue as services


class QueueView(WorkspaceAPIView):
    """How an item is shown."""

    def shown(self, item: QueueItem) -> Response:
        return Response(QueueItemOut(item, context={"actor": self.actor}).data)


class QueueApi(QueueView):
    capabilities = {"GET": Capability.GRADE}

    @extend_schema(responses=QueueItemOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, params.PAGING)
        context = {"actor": self.actor}
        rows = selectors.mine(self.actor)
        return paged(request, rows, selectors.ORDER, lambda row: QueueItemOut(row, context=context).data)


class QueueNextApi(QueueView):
    capabilities = {"POST": Capability.GRADE}

    @extend_schema(request=None, responses={200: QueueItemOut, 204: None})
    def post(self, request: Request, slug: str) -> Response:
        item = services.next_item(actor=self.actor)
        return self.shown(item) if item is not None else Response(status=204)


class QueueSkipApi(QueueView):
    capabilities = {"POST": Capability.GRADE}

    @extend_schema(request=SkipIn, responses=QueueItemOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = SkipIn(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(services.skip(actor=self.actor, item_id=pk, **body.validated_data))


class QueueReassignApi(QueueView):
    capabilities = {"POST": Capability.PLAN_MANAGE}

    @extend_schema(request=ReassignIn, responses=QueueItemOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = ReassignIn(data=request.data)
        body.is_valid(raise_exception=True)
        reviewer = body.validated_data["reviewer"]
        return self.shown(services.reassign(actor=self.actor, item_id=pk, reviewer_id=reviewer))
