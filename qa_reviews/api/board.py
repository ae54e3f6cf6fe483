"""The lead's board, and handing out many items at once."""

from __future__ import annotations

from collections.abc import Sequence

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from qa_reviews.selectors import board
from qa_reviews.serializers.board import DrawBoardOut, HandedOut, HandOutIn, PlanBoardOut, SpreadIn
from qa_reviews.services import spreading

PLAN = Capability.PLAN_MANAGE


class DrawBoardApi(WorkspaceAPIView):
    capabilities = {"GET": PLAN}

    @extend_schema(responses=DrawBoardOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        params.check_known(request.query_params, ())
        return Response(DrawBoardOut(board.draw_board(self.actor, pk)).data)


class PlanBoardApi(WorkspaceAPIView):
    capabilities = {"GET": PLAN}

    @extend_schema(responses=PlanBoardOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        params.check_known(request.query_params, ())
        return Response(PlanBoardOut(board.plan_board(self.actor, pk)).data)


class HandingView(WorkspaceAPIView):
    """How outcomes are shown."""

    def shown(self, outcomes: Sequence[spreading.Outcome]) -> Response:
        moved = sum(each.moved for each in outcomes)
        return Response(HandedOut({"moved": moved, "results": outcomes}).data)


class QueueHandOutApi(HandingView):
    capabilities = {"POST": PLAN}

    @extend_schema(operation_id="queue_hand_out", request=HandOutIn, responses=HandedOut)
    def post(self, request: Request, slug: str) -> Response:
        body = HandOutIn(data=request.data)
        body.is_valid(raise_exception=True)
        items, reviewer = body.validated_data["items"], body.validated_data["reviewer"]
        return self.shown(spreading.hand_out(actor=self.actor, item_ids=items, reviewer_id=reviewer))


class QueueSpreadApi(HandingView):
    capabilities = {"POST": PLAN}

    @extend_schema(request=SpreadIn, responses=HandedOut)
    def post(self, request: Request, slug: str) -> Response:
        body = SpreadIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = {f"{name}_id": pk for name, pk in body.validated_data.items()}
        return self.shown(spreading.spread(actor=self.actor, **asked))
