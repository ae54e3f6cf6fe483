"""reviews/{id}/comments/: the talk under a review."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from common import params
from common.api import paged
from qa_reviews.api.reviews import ReviewView
from qa_reviews.models import Review
from qa_reviews.selectors import comments as selectors
from qa_reviews.selectors.reviews import review
from qa_reviews.serializers.comments import ReviewCommentChangeIn, ReviewCommentIn, ReviewCommentOut
from qa_reviews.services import comments as services


class CommentView(ReviewView):
    def context(self, row: Review) -> dict[str, Any]:
        people = selectors.people(self.actor.workspace)
        return {"actor": self.actor, "review": row, "people": people}

    def answer(self, review_id: int, comment_id: int, status: int = 200) -> Response:
        row = review(self.actor, review_id)
        found = selectors.comment(self.actor, row, comment_id)
        return Response(ReviewCommentOut(found, context=self.context(row)).data, status=status)


class ReviewCommentListApi(CommentView):
    capabilities = {"GET": Capability.REVIEW_READ, "POST": Capability.REVIEW_READ}

    @extend_schema(responses=ReviewCommentOut(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        params.check_known(request.query_params, params.PAGING)
        row = review(self.actor, pk)
        context = self.context(row)
        rows = selectors.comments(self.actor, row)
        return paged(request, rows, ("id",), lambda each: ReviewCommentOut(each, context=context).data)

    @extend_schema(request=ReviewCommentIn, responses={201: ReviewCommentOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = ReviewCommentIn(data=request.data)
        body.is_valid(raise_exception=True)
        comment = services.add_comment(actor=self.actor, review_id=pk, **body.validated_data)
        return self.answer(pk, comment.pk, 201)


class ReviewCommentApi(CommentView):
    capabilities = {"PATCH": Capability.REVIEW_READ}

    @extend_schema(request=ReviewCommentChangeIn, responses=ReviewCommentOut)
    def patch(self, request: Request, slug: str, pk: int, comment_id: int) -> Response:
        body = ReviewCommentChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        services.edit_comment(
            actor=self.actor,
            review_id=pk,
            comment_id=comment_id,
            body=body.validated_data["body"],
            if_match=self.if_match(request),
        )
        return self.answer(pk, comment_id)
