"""reviews/{id}/disputes/: raise, read, answer, hand on."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from common import params
from common.api import paged
from qa_reviews.api.reviews import ReviewView
from qa_reviews.selectors import disputes as selectors
from qa_reviews.selectors.reviews import review
from qa_reviews.serializers.disputes import DisputeIn, DisputeOut, RerouteIn, ResolutionIn
from qa_reviews.services import disputes as services


class DisputeView(ReviewView):
    def answer(self, review_id: int, dispute_id: int, status: int = 200) -> Response:
        row = review(self.actor, review_id)
        found = selectors.dispute(self.actor, row, dispute_id)
        context = {"actor": self.actor, "review": row}
        return Response(DisputeOut(found, context=context).data, status=status)


class DisputeListApi(DisputeView):
    capabilities = {"GET": Capability.REVIEW_READ, "POST": Capability.REVIEW_READ}

    @extend_schema(responses=DisputeOut(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        params.check_known(request.query_params, params.PAGING)
        row = review(self.actor, pk)
        context = {"actor": self.actor, "review": row}
        rows = selectors.disputes(self.actor, row)
        return paged(request, rows, ("number",), lambda each: DisputeOut(each, context=context).data)

    @extend_schema(request=DisputeIn, responses={201: DisputeOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = DisputeIn(data=request.data)
        body.is_valid(raise_exception=True)
        dispute = services.raise_dispute(
            actor=self.actor,
            review_id=pk,
            kind=body.validated_data["kind"],
            comment=body.validated_data["comment"],
            proposed=body.proposed_choices,
            agent=body.validated_data.get("agent"),
            if_match=self.if_match(request),
        )
        return self.answer(pk, dispute.pk, 201)


class DisputeApi(DisputeView):
    capabilities = {"GET": Capability.REVIEW_READ}

    @extend_schema(responses=DisputeOut)
    def get(self, request: Request, slug: str, pk: int, dispute_id: int) -> Response:
        return self.answer(pk, dispute_id)


class DisputeResolveApi(DisputeView):
    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=ResolutionIn, responses=DisputeOut)
    def post(self, request: Request, slug: str, pk: int, dispute_id: int) -> Response:
        body = ResolutionIn(data=request.data)
        body.is_valid(raise_exception=True)
        services.resolve_dispute(
            actor=self.actor,
            review_id=pk,
            dispute_id=dispute_id,
            outcome=body.validated_data["outcome"],
            comment=body.validated_data["comment"],
            judgement=body.judgement,
            agent=body.validated_data.get("agent"),
            if_match=self.if_match(request),
        )
        return self.answer(pk, dispute_id)


class DisputeRerouteApi(DisputeView):
    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=RerouteIn, responses=DisputeOut)
    def post(self, request: Request, slug: str, pk: int, dispute_id: int) -> Response:
        body = RerouteIn(data=request.data)
        body.is_valid(raise_exception=True)
        services.reroute_dispute(
            actor=self.actor,
            review_id=pk,
            dispute_id=dispute_id,
            if_match=self.if_match(request),
            **body.validated_data,
        )
        return self.answer(pk, dispute_id)
