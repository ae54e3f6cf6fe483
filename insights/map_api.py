"""The quality map's endpoint."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from insights.map_parameters import MAP_PARAMETERS, read_map
from insights.map_serializers import QualityMapAnswer, map_json
from insights.selectors.quality_map import quality_map


class QualityMapView(WorkspaceAPIView):
    """IQS beside CSAT; for those who lead."""

    capabilities = {"GET": Capability.NUMBERS_READ_ALL}

    @extend_schema(parameters=MAP_PARAMETERS, responses=QualityMapAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """Each agent with IQS and CSAT of conversations closed in the period, what the two say together or
        "unclear", how closely scores and answers go together, and what the mix of work moves."""
        as_of = timezone.now()
        found = quality_map(self.actor, read_map(self.actor, request.query_params))
        return Response(map_json(found) | {"as_of": as_of})
