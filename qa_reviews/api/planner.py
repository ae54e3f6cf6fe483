"""sampling/planner: how many reviews for +-5?"""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.errors import invalid
from qa_reviews.planner_query import PARAMETERS, asked
from qa_reviews.selectors import planner
from qa_reviews.serializers.planner import PlannerOut

QUERY = [
    OpenApiParameter("half_width", float, description="Points, 0.5 to 50; 5 if absent."),
    OpenApiParameter("plan", int, description="The headline plan if absent."),
    OpenApiParameter("from", str, description="With to: the dates whose whole periods are looked at."),
    OpenApiParameter("to", str),
]


class PlannerApi(WorkspaceAPIView):
    capabilities = {"GET": Capability.PLAN_MANAGE}

    @extend_schema(parameters=QUERY, responses=PlannerOut)
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, PARAMETERS)
        given = asked(request.query_params)
        plan = planner.chosen_plan(self.actor, given.plan_id)
        if plan is None:
            raise invalid("/plan", "no_plan", "There is no sample plan yet: make one first.")
        found = planner.planning(self.actor, plan, given.half_width, given.period)
        return Response(PlannerOut(found, context={"time": found.time}).data)
