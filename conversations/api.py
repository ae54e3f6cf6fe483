"""Imports of conversations and surveys, what became of them, the deletion of texts, and signal words."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged
from common.errors import invalid
from conversations import selectors
from conversations.models import ImportRun, SignalWords
from conversations.serializers import (
    DeletionIn,
    DeletionOut,
    ImportReportOut,
    ImportRunDetailOut,
    ImportRunOut,
    SignalWordsIn,
    SignalWordsListOut,
    SignalWordsOut,
)
from conversations.services.deletion import delete_texts
from conversations.services.imports import import_conversations
from conversations.services.signal_words import reset_signal_words, set_signal_words
from conversations.services.surveys import import_surveys
from conversations.uploads import rows_of

ROWS = {
    "application/json": {"type": "array", "items": {"type": "object"}, "maxItems": 1000},
    "application/x-ndjson": {"type": "string", "description": "One JSON object a line, up to 5 MB each."},
}
NDJSON = "application/x-ndjson"
WHICH_WORDS = [
    OpenApiParameter("kind", str, required=True, enum=SignalWords.Kind.values),
    OpenApiParameter("language", str, description="Empty: the list for any language."),
]


class ImportView(WorkspaceAPIView):
    """An endpoint that takes rows: a JSON array, or NDJSON of any length."""

    capabilities = {"POST": Capability.IMPORT}
    idempotent: ClassVar[bool] = False

    def answer(self, run: ImportRun) -> Response:
        return Response(selectors.report(self.actor, run))


class ConversationImport(ImportView):
    @extend_schema(request=ROWS, responses=ImportReportOut)
    def post(self, request: Request, slug: str) -> Response:
        rows = rows_of(request._request)
        return self.answer(import_conversations(actor=self.actor, rows=rows, origin="api"))


class SurveyImport(ImportView):
    @extend_schema(request=ROWS, responses=ImportReportOut)
    def post(self, request: Request, slug: str) -> Response:
        rows = rows_of(request._request)
        return self.answer(import_surveys(actor=self.actor, rows=rows, origin="api"))


class ConversationDelete(WorkspaceAPIView):
    capabilities = {"POST": Capability.ADMINISTER}

    @extend_schema(request=DeletionIn, responses=DeletionOut)
    def post(self, request: Request, slug: str) -> Response:
        body = DeletionIn(data=request.data)
        body.is_valid(raise_exception=True)
        refs = body.validated_data["conversations"]
        return Response({"deleted": delete_texts(actor=self.actor, conversations=refs)})


class ImportRunList(WorkspaceAPIView):
    capabilities = {"GET": Capability.IMPORT}

    @extend_schema(responses=ImportRunOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, params.PAGING)
        rows = selectors.import_runs(self.actor)
        return paged(request, rows, selectors.NEWEST_FIRST, lambda run: ImportRunOut(run).data)


class ImportRunDetail(WorkspaceAPIView):
    capabilities = {"GET": Capability.IMPORT}

    @extend_schema(responses=ImportRunDetailOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        run = selectors.import_run(self.actor, pk)
        context = {"report": selectors.report(self.actor, run)}
        return Response(ImportRunDetailOut(run, context=context).data)


class ImportRunRejected(WorkspaceAPIView):
    capabilities = {"GET": Capability.IMPORT}

    @extend_schema(responses={(200, NDJSON): OpenApiTypes.STR})
    def get(self, request: Request, slug: str, pk: int) -> StreamingHttpResponse:
        run = selectors.import_run(self.actor, pk)
        lines = selectors.rejected_lines(self.actor, run)
        name = f"rejected-{run.pk}.ndjson"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(lines, content_type=NDJSON, headers=headers)


class SignalWordsAPI(WorkspaceAPIView):
    capabilities = {
        "GET": Capability.ADMINISTER,
        "PUT": Capability.ADMINISTER,
        "DELETE": Capability.ADMINISTER,
    }

    @extend_schema(responses=SignalWordsListOut)
    def get(self, request: Request, slug: str) -> Response:
        """All lists that are taken: the workspace's own, and the defaults for the rest."""
        params.check_known(request.query_params, ())
        return Response(SignalWordsListOut({"results": selectors.signal_word_lists(self.actor)}).data)

    @extend_schema(request=SignalWordsIn, responses=SignalWordsOut)
    def put(self, request: Request, slug: str) -> Response:
        """Take these words in place of the list's."""
        body = SignalWordsIn(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(body.validated_data)
        row = set_signal_words(actor=self.actor, **given)
        return Response(SignalWordsOut(selectors.signal_word_list(self.actor, row.kind, row.language)).data)

    @extend_schema(parameters=WHICH_WORDS, responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Take the default list again."""
        query = request.query_params
        params.check_known(query, {"kind", "language"})
        kind = params.one_of(query, "kind", SignalWords.Kind.values)
        if kind is None:
            raise invalid("/kind", "required", "Say which kind of words.")
        reset_signal_words(actor=self.actor, kind=kind, language=query.get("language", ""))
        return Response(status=204)
