"""draws/: draw a plan's period, read it, prove it, download its ledger."""

from __future__ import annotations

import json

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Actor, Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged
from qa_reviews.models import Draw
from qa_reviews.selectors import draws as selectors
from qa_reviews.selectors.ledgers import ledger, verify
from qa_reviews.selectors.queue import with_questions
from qa_reviews.serializers.draws import (
    LEDGER_LINE,
    DrawIn,
    DrawOut,
    DrawRaiseIn,
    DrawRedrawIn,
    DrawRowOut,
    VerdictOut,
)
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.raises import raise_quota
from qa_reviews.services.redraws import redraw

PLAN = Capability.PLAN_MANAGE


def shown(actor: Actor, draw: Draw) -> DrawOut:
    """The draw with all that its answer carries."""
    context = {
        "actor": actor,
        "strata": selectors.strata(actor, draw),
        "items": with_questions(selectors.draw_items(actor, draw)),
        "late": selectors.late(actor, draw),
        "allowed": selectors.allowed_reviewers(actor, draw),
    }
    return DrawOut(draw, context=context)


class DrawListApi(WorkspaceAPIView):
    capabilities = {"GET": PLAN, "POST": PLAN}

    @extend_schema(responses=DrawRowOut(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        params.check_known(request.query_params, params.PAGING)
        rows = selectors.heads_of(self.actor, pk).order_by()
        return paged(request, rows, ("-id",), lambda row: DrawRowOut(row).data)

    @extend_schema(request=DrawIn, responses={200: DrawOut, 201: DrawOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = DrawIn(data=request.data)
        body.is_valid(raise_exception=True)
        draw, made = draw_plan(actor=self.actor, plan_id=pk, period_start=body.validated_data["period_start"])
        return Response(shown(self.actor, draw).data, status=201 if made else 200)


class DrawApi(WorkspaceAPIView):
    capabilities = {"GET": PLAN}

    @extend_schema(responses=DrawOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(shown(self.actor, selectors.draw(self.actor, pk)).data)


class DrawRaiseApi(WorkspaceAPIView):
    capabilities = {"POST": PLAN}

    @extend_schema(request=DrawRaiseIn, responses=DrawOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = DrawRaiseIn(data=request.data)
        body.is_valid(raise_exception=True)
        raise_quota(actor=self.actor, draw_id=pk, **body.validated_data)
        return Response(shown(self.actor, selectors.draw(self.actor, pk)).data)


class DrawRedrawApi(WorkspaceAPIView):
    capabilities = {"POST": PLAN}

    @extend_schema(request=DrawRedrawIn, responses={201: DrawOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = DrawRedrawIn(data=request.data)
        body.is_valid(raise_exception=True)
        made = redraw(actor=self.actor, draw_id=pk, **body.validated_data)
        return Response(shown(self.actor, selectors.draw(self.actor, made.pk)).data, status=201)


class DrawVerifyApi(WorkspaceAPIView):
    capabilities = {"GET": PLAN}

    @extend_schema(responses=VerdictOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(VerdictOut(verify(self.actor, pk)).data)


class DrawLedgerApi(WorkspaceAPIView):
    capabilities = {"GET": PLAN}

    @extend_schema(responses={(200, "application/x-ndjson"): LEDGER_LINE})
    def get(self, request: Request, slug: str, pk: int) -> StreamingHttpResponse:
        rows = ledger(self.actor, pk)
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        name = f'attachment; filename="draw-{pk}.ndjson"'
        headers = {"Content-Disposition": name}
        return StreamingHttpResponse(lines, content_type="application/x-ndjson", headers=headers)
