"""The endpoint of the replay."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from insights.replay_serializers import ReplayIn, ReplayOut, replay_json
from insights.selectors.replay import replayed


class ReplayApi(WorkspaceAPIView):
    """What past scores would be by this version. Nothing is written."""

    capabilities = {"POST": Capability.NUMBERS_READ_ALL}

    @extend_schema(request=ReplayIn, responses={200: ReplayOut})
    def post(self, request: Request, slug: str, pk: int, number: int) -> Response:
        """Scores the counted reviews of the scorecard in the period, of all its versions, by this one or by a
        definition that is not saved yet. A lead's teams only; the latest 200,000 reviews at most."""
        given = ReplayIn(data=request.data)
        given.is_valid(raise_exception=True)
        found = replayed(
            self.actor,
            pk,
            number,
            period=given.period,
            axis=given.validated_data["date_axis"],
            definition=given.validated_data.get("definition"),
        )
        return Response(replay_json(found))
