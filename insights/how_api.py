"""iqs/workings/: how one number came about."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from insights import how, selectors
from insights.how_serializers import WORKINGS_PARAMETERS, WorkingsAnswer, workings_json


class WorkingsView(WorkspaceAPIView):
    """The arithmetic of one estimate."""

    capabilities = {"GET": Capability.NUMBERS_READ}

    @extend_schema(parameters=WORKINGS_PARAMETERS, responses=WorkingsAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """What each band of each drawn period adds to one number of iqs/ and to its variance. Takes the
        parameters of iqs/ and the keys of the row."""
        as_of = timezone.now()
        place = how.read(self.actor, request.query_params)
        found = selectors.explain(self.actor, place)
        names = selectors.names_of(self.actor, place.query.group_by, [place.key])
        return Response(workings_json(found, names.json(place.key)) | {"as_of": as_of})
