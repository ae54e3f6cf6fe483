"""Moves of a submitted review: revise, retract, acknowledge."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from qa_reviews.api.reviews import ReviewView
from qa_reviews.serializers.judgements import RetractionIn, RevisionIn
from qa_reviews.serializers.reviews import ReviewDetailOut
from qa_reviews.services import reviews as services


class ReviewRevise(ReviewView):
    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=RevisionIn, responses=ReviewDetailOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = RevisionIn(data=request.data)
        body.is_valid(raise_exception=True)
        services.revise(
            actor=self.actor,
            review_id=pk,
            reason=body.validated_data["reason"],
            judgement=body.judgement,
            if_match=self.if_match(request),
        )
        return self.shown(pk)


class ReviewRetract(ReviewView):
    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=RetractionIn, responses=ReviewDetailOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = RetractionIn(data=request.data)
        body.is_valid(raise_exception=True)
        reason = body.validated_data["reason"]
        services.retract(actor=self.actor, review_id=pk, reason=reason, if_match=self.if_match(request))
        return self.shown(pk)


class ReviewAcknowledge(ReviewView):
    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=None, responses=ReviewDetailOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        services.acknowledge(actor=self.actor, review_id=pk, if_match=self.if_match(request))
        return self.shown(pk)
