"""sample-plans/: list, make, read, change, preview."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or
from qa_reviews.selectors import plans as selectors
from qa_reviews.serializers.plans import (
    PlanFieldsIn,
    SamplePlanChangeIn,
    SamplePlanIn,
    SamplePlanOut,
    SamplePreviewOut,
)
from qa_reviews.services import plans as services

PLAN = Capability.PLAN_MANAGE
LISTED = params.PAGING | {"updated_since"}


class SamplePlanView(WorkspaceAPIView):
    """How a plan is shown."""

    def shown(self, plan_id: int, status: int = 200) -> Response:
        plan = selectors.plan(self.actor, plan_id)
        return Response(SamplePlanOut(plan, context={"actor": self.actor}).data, status=status)


class SamplePlanListApi(SamplePlanView):
    capabilities = {"GET": PLAN, "POST": PLAN}

    @extend_schema(responses=SamplePlanOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, LISTED)
        rows, order = since_or(request, selectors.plans(self.actor), ("id",))
        context = {"actor": self.actor}
        return paged(request, rows, order, lambda row: SamplePlanOut(row, context=context).data)

    @extend_schema(request=SamplePlanIn, responses={201: SamplePlanOut})
    def post(self, request: Request, slug: str) -> Response:
        body = SamplePlanIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = services.PlanInput(**body.validated_data)
        return self.shown(services.create_plan(actor=self.actor, given=given).pk, status=201)


class SamplePlanApi(SamplePlanView):
    capabilities = {"GET": PLAN, "PATCH": PLAN}

    @extend_schema(responses=SamplePlanOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.shown(pk)

    @extend_schema(request=SamplePlanChangeIn, responses=SamplePlanOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        body = SamplePlanChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        if_match = request.headers.get("If-Match")
        services.change_plan(actor=self.actor, plan_id=pk, changes=body.validated_data, if_match=if_match)
        return self.shown(pk)


class SamplePreviewApi(WorkspaceAPIView):
    capabilities = {"POST": PLAN}

    @extend_schema(request=PlanFieldsIn, responses=SamplePreviewOut)
    def post(self, request: Request, slug: str) -> Response:
        body = PlanFieldsIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = services.PlanInput(name="Preview", **body.validated_data)
        return Response(SamplePreviewOut(services.preview_plan(actor=self.actor, given=given)).data)


class SamplePlanMove(SamplePlanView):
    """A change of a plan's state."""

    capabilities = {"POST": PLAN}
    move: ClassVar[services.Move]

    @extend_schema(request=None, responses=SamplePlanOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        self.move(actor=self.actor, plan_id=pk, if_match=request.headers.get("If-Match"))
        return self.shown(pk)


class SamplePlanPause(SamplePlanMove):
    move = staticmethod(services.pause_plan)


class SamplePlanResume(SamplePlanMove):
    move = staticmethod(services.resume_plan)


class SamplePlanEnd(SamplePlanMove):
    move = staticmethod(services.end_plan)


class SamplePlanClone(SamplePlanView):
    capabilities = {"POST": PLAN}

    @extend_schema(request=None, responses={201: SamplePlanOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        return self.shown(services.clone_plan(actor=self.actor, plan_id=pk).pk, status=201)
