"""Moves of reviews: revise, retract, acknowledge, amend, reveal, change of reviewee."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from qa_reviews.api.reviews import ReviewView
from qa_reviews.serializers.comments import AmendmentIn, RevieweeIn
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


class ReviewAmend(ReviewView):
    """Mend words within 24 hours; ratings and scores stay."""

    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=AmendmentIn, responses=ReviewDetailOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = AmendmentIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        services.amend(
            actor=self.actor,
            review_id=pk,
            comment=given.get("comment"),
            comments=given.get("comments"),
            if_match=self.if_match(request),
        )
        return self.shown(pk)


class ReviewReveal(ReviewView):
    """Show what blind grading hides of this draft's conversation; when is kept."""

    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=None, responses=ReviewDetailOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        services.reveal(actor=self.actor, review_id=pk, if_match=self.if_match(request))
        return self.shown(pk)


class ReviewReviewee(ReviewView):
    """Move a draft to another agent of its conversation."""

    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=RevieweeIn, responses=ReviewDetailOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = RevieweeIn(data=request.data)
        body.is_valid(raise_exception=True)
        agent = body.validated_data["agent"]
        services.change_reviewee(actor=self.actor, review_id=pk, agent=agent, if_match=self.if_match(request))
        return self.shown(pk)
