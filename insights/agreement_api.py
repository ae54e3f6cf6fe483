"""The endpoints of reviewers and their agreement."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from insights import parameters
from insights.agreement_serializers import REVIEWER_PARAMETERS, ReviewersAnswer, reviewers_json
from insights.selectors.reviewers import reviewers

KNOWN = frozenset({"from", "to", "team"})


class ReviewersView(WorkspaceAPIView):
    """What reviewers give, how fast, and how strict they are; a reviewer sees his own line."""

    capabilities = {"GET": Capability.GRADE}

    @extend_schema(parameters=REVIEWER_PARAMETERS, responses=ReviewersAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """Everybody who gave reviews in the period, or has some waiting; reviews by peers are not counted.
        Severity rests on conversations that several graded on their own."""
        as_of = timezone.now()
        query = parameters.read(self.actor, request.query_params, KNOWN)
        return Response(reviewers_json(reviewers(self.actor, query)) | {"as_of": as_of})
