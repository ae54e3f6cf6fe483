"""reviews/release: let agents see what was held."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from qa_reviews.serializers.comments import ReleaseIn, ReleaseOut
from qa_reviews.services.release import release_reviews


class ReviewRelease(WorkspaceAPIView):
    capabilities = {"POST": Capability.REVIEW_MANAGE}

    @extend_schema(request=ReleaseIn, responses=ReleaseOut)
    def post(self, request: Request, slug: str) -> Response:
        body = ReleaseIn(data=request.data)
        body.is_valid(raise_exception=True)
        released = release_reviews(actor=self.actor, review_ids=body.validated_data.get("reviews"))
        return Response({"released": released})
