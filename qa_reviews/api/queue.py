"""queue/: what waits for me, the next one, skip, hand back, ask, reassign; and what leads are asked."""

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
from qa_reviews.serializers.queue import (
    AnswerIn,
    AskIn,
    NextIn,
    OpenQuestionOut,
    QuestionOut,
    QueueItemOut,
    ReassignIn,
    SkipIn,
)
from qa_reviews.services import queue as services

ASSIGNED = Capability.GRADE_ASSIGNED


class QueueView(WorkspaceAPIView):
    """How an item is shown."""

    def shown(self, item: QueueItem) -> Response:
        return Response(QueueItemOut(item, context={"actor": self.actor}).data)


class QueueApi(QueueView):
    capabilities = {"GET": ASSIGNED}

    @extend_schema(responses=QueueItemOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, params.PAGING)
        context = {"actor": self.actor}
        rows = selectors.with_questions(selectors.mine(self.actor))
        return paged(request, rows, selectors.ORDER, lambda row: QueueItemOut(row, context=context).data)


class QueueNextApi(QueueView):
    capabilities = {"POST": ASSIGNED}

    @extend_schema(request=NextIn, responses={200: QueueItemOut, 204: None})
    def post(self, request: Request, slug: str) -> Response:
        body = NextIn(data=request.data)
        body.is_valid(raise_exception=True)
        item = services.next_item(actor=self.actor, **body.validated_data)
        if item is None:
            return Response(status=204)
        return self.shown(selectors.item(self.actor, item.pk))


class QueueSkipApi(QueueView):
    capabilities = {"POST": ASSIGNED}

    @extend_schema(request=SkipIn, responses=QueueItemOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = SkipIn(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(services.skip(actor=self.actor, item_id=pk, **body.validated_data))


class QueueHandBackApi(QueueView):
    capabilities = {"POST": ASSIGNED}

    @extend_schema(request=None, responses=QueueItemOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        return self.shown(services.hand_back(actor=self.actor, item_id=pk))


class QueueAskApi(WorkspaceAPIView):
    capabilities = {"POST": ASSIGNED}

    @extend_schema(request=AskIn, responses={201: QuestionOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = AskIn(data=request.data)
        body.is_valid(raise_exception=True)
        question = services.ask_lead(actor=self.actor, item_id=pk, **body.validated_data)
        return Response(QuestionOut(question).data, status=201)


class QueueReassignApi(QueueView):
    capabilities = {"POST": Capability.PLAN_MANAGE}

    @extend_schema(request=ReassignIn, responses=QueueItemOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = ReassignIn(data=request.data)
        body.is_valid(raise_exception=True)
        reviewer = body.validated_data["reviewer"]
        return self.shown(services.reassign(actor=self.actor, item_id=pk, reviewer_id=reviewer))


class QuestionListApi(WorkspaceAPIView):
    """What waits for an answer of mine."""

    capabilities = {"GET": Capability.PLAN_MANAGE}

    @extend_schema(responses=OpenQuestionOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, params.PAGING)
        context, rows = {"actor": self.actor}, selectors.open_questions(self.actor)
        return paged(request, rows, ("id",), lambda row: OpenQuestionOut(row, context=context).data)


class QuestionAnswerApi(WorkspaceAPIView):
    capabilities = {"POST": Capability.PLAN_MANAGE}

    @extend_schema(request=AnswerIn, responses=QuestionOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = AnswerIn(data=request.data)
        body.is_valid(raise_exception=True)
        question = services.answer_question(actor=self.actor, question_id=pk, **body.validated_data)
        return Response(QuestionOut(question).data)
