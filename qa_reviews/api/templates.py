"""comment-templates/, and what else helps to write a comment: hashtags/, mentions/, markdown/."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common.api import paged
from common.params import PAGING, check_known
from qa_reviews.markup import render
from qa_reviews.selectors import templates as selectors
from qa_reviews.serializers.templates import (
    CommentTemplateIn,
    CommentTemplateOut,
    HashtagsOut,
    MarkdownIn,
    MarkdownOut,
    MentionableOut,
)
from qa_reviews.services import templates as services

GRADE = Capability.GRADE


class CommentTemplateView(WorkspaceAPIView):
    """How a template is shown."""

    def shown(self, template_id: int, status: int = 200) -> Response:
        row = selectors.template(self.actor, template_id)
        return Response(CommentTemplateOut(row, context={"actor": self.actor}).data, status=status)


class CommentTemplateList(CommentTemplateView):
    capabilities = {"GET": GRADE, "POST": GRADE}

    @extend_schema(responses=CommentTemplateOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        check_known(request.query_params, PAGING)
        context, rows = {"actor": self.actor}, selectors.templates(self.actor)
        return paged(request, rows, ("name", "id"), lambda row: CommentTemplateOut(row, context=context).data)

    @extend_schema(request=CommentTemplateIn, responses={201: CommentTemplateOut})
    def post(self, request: Request, slug: str) -> Response:
        body = CommentTemplateIn(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(services.save_template(actor=self.actor, given=body.given()).pk, 201)


class CommentTemplateDetail(CommentTemplateView):
    capabilities = {"GET": GRADE, "PATCH": GRADE, "DELETE": GRADE}

    @extend_schema(responses=CommentTemplateOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.shown(pk)

    @extend_schema(request=CommentTemplateIn, responses=CommentTemplateOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        body = CommentTemplateIn(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        given = body.given(selectors.template(self.actor, pk))
        if_match = request.headers.get("If-Match")
        services.save_template(actor=self.actor, given=given, template_id=pk, if_match=if_match)
        return self.shown(pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        services.delete_template(actor=self.actor, template_id=pk)
        return Response(status=204)


class HashtagList(WorkspaceAPIView):
    """The hashtags of the reviews one sees, with how many reviews have them; the most used first."""

    capabilities = {"GET": Capability.REVIEW_READ}

    @extend_schema(responses=HashtagsOut)
    def get(self, request: Request, slug: str) -> Response:
        check_known(request.query_params, ())
        return Response({"results": selectors.hashtags(self.actor)})


class MentionList(WorkspaceAPIView):
    """Whom one may name in a comment as "@Full Name"."""

    capabilities = {"GET": Capability.REVIEW_READ}

    @extend_schema(responses=MentionableOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        check_known(request.query_params, PAGING)
        rows = selectors.people(self.actor)
        return paged(request, rows, ("name", "id"), lambda row: MentionableOut(row).data)


class MarkdownPreview(WorkspaceAPIView):
    """What a comment will look like."""

    capabilities = {"POST": Capability.REVIEW_READ}

    @extend_schema(request=MarkdownIn, responses=MarkdownOut)
    def post(self, request: Request, slug: str) -> Response:
        body = MarkdownIn(data=request.data)
        body.is_valid(raise_exception=True)
        people = [(row.pk, row.name) for row in selectors.people(self.actor)]
        return Response({"html": render(body.validated_data["text"], people)})
