"""reviews/: open, read, save, submit, import, export."""

from __future__ import annotations

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or
from common.csv_out import csv_response
from conversations.api import ROWS, ImportView
from conversations.serializers import ImportReportOut
from conversations.uploads import rows_of
from qa_reviews.models import Review
from qa_reviews.selectors import reviews as selectors
from qa_reviews.serializers.judgements import DraftIn, ReviewIn
from qa_reviews.serializers.reviews import ReviewDetailOut, ReviewOut
from qa_reviews.services import drafts, opening
from qa_reviews.services.review_import import import_reviews

FILTERS = [OpenApiParameter(name, str, many=True) for name in sorted(selectors.FILTERS)]
NEW = ("conversation", "agent", "scorecard", "queue_item", "kind")


class ReviewView(WorkspaceAPIView):
    """What all endpoints of reviews share: the answer, and the etag that the client read."""

    def shown(self, review_id: int, status: int = 200) -> Response:
        return self.described(selectors.review(self.actor, review_id), status)

    def described(self, review: Review, status: int = 200) -> Response:
        return Response(ReviewDetailOut(review, context={"actor": self.actor}).data, status=status)

    def if_match(self, request: Request) -> str | None:
        return request.headers.get("If-Match")


class ReviewList(ReviewView):
    capabilities = {"GET": Capability.REVIEW_READ, "POST": Capability.REVIEW_READ}

    @extend_schema(parameters=FILTERS, responses=ReviewOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        query = request.query_params
        params.check_known(query, selectors.FILTERS | params.PAGING)
        rows = selectors.filtered(self.actor, selectors.reviews(self.actor), query)
        rows, order = since_or(request, rows, selectors.NEWEST_FIRST)
        context = {"actor": self.actor}
        return paged(request, rows, order, lambda row: ReviewOut(row, context=context).data)

    @extend_schema(request=ReviewIn, responses={201: ReviewDetailOut})
    def post(self, request: Request, slug: str) -> Response:
        body = ReviewIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        new = opening.NewReview(**{name: given[name] for name in NEW if given.get(name) is not None})
        open_it = drafts.submit_at_once if given["submit"] else opening.create_review
        review = open_it(actor=self.actor, new=new, judgement=body.judgement)
        return self.described(review, 201) if given["submit"] else self.shown(review.pk, 201)


class ReviewDetail(ReviewView):
    capabilities = {
        "GET": Capability.REVIEW_READ,
        "PATCH": Capability.REVIEW_READ,
        "DELETE": Capability.REVIEW_READ,
    }

    @extend_schema(responses=ReviewDetailOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.shown(pk)

    @extend_schema(request=DraftIn, responses=ReviewDetailOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        body = DraftIn(data=request.data)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        drafts.save_draft(
            actor=self.actor,
            review_id=pk,
            draft_number=changes.pop("draft_number", None),
            active_seconds=changes.pop("active_seconds", None),
            changes=changes,
            if_match=self.if_match(request),
        )
        return self.shown(pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        drafts.delete_draft(actor=self.actor, review_id=pk, if_match=self.if_match(request))
        return Response(status=204)


class ReviewSubmit(ReviewView):
    """Without ratings the saved draft is submitted, with them what is given."""

    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=DraftIn, responses=ReviewDetailOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = DraftIn(data=request.data)
        body.is_valid(raise_exception=True)
        drafts.submit(
            actor=self.actor,
            review_id=pk,
            judgement=body.judgement if "ratings" in body.validated_data else None,
            draft_number=body.validated_data.get("draft_number"),
            active_seconds=body.validated_data.get("active_seconds"),
            if_match=self.if_match(request),
        )
        return self.shown(pk)


class CsvOrProblem(JSONRenderer):
    """Lets a client ask for text/csv; the download renders itself, only a refusal passes here, as JSON."""

    media_type = "text/csv"
    format = "csv"


class ReviewImport(ImportView):
    """History from elsewhere, upserted by (source, external_id)."""

    @extend_schema(request=ROWS, responses=ImportReportOut)
    def post(self, request: Request, slug: str) -> Response:
        rows = rows_of(request._request)
        return self.answer(import_reviews(actor=self.actor, rows=rows, origin="api"))


class ReviewExport(WorkspaceAPIView):
    """One row a review, or with shape=ratings one row a rating of the newest grading."""

    capabilities = {"GET": Capability.EXPORT}
    renderer_classes = [JSONRenderer, CsvOrProblem]

    @extend_schema(
        parameters=[*FILTERS, OpenApiParameter("shape", str, enum=["reviews", "ratings"])],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        query = request.query_params
        params.check_known(query, selectors.FILTERS | {"shape"})
        shape = params.one_of(query, "shape", ("reviews", "ratings"), "reviews")
        rows = selectors.filtered(self.actor, selectors.reviews(self.actor), query)
        rows, _ = since_or(request, rows, selectors.NEWEST_FIRST)
        export: Any = selectors.export_ratings if shape == "ratings" else selectors.export_reviews
        return csv_response(export(self.actor, rows), f"{slug}-{shape}.csv")
