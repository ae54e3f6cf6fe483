"""Imports of conversations and surveys, what became of them, and the deletion of texts."""

from __future__ import annotations

from typing import ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged
from conversations import selectors
from conversations.models import ImportRun
from conversations.serializers import (
    DeletionIn,
    DeletionOut,
    ImportReportOut,
    ImportRunDetailOut,
    ImportRunOut,
)
from conversations.services.deletion import delete_texts
from conversations.services.imports import import_conversations
from conversations.services.surveys import import_surveys
from conversations.uploads import rows_of

ROWS = {
    "application/json": {"type": "array", "items": {"type": "object"}, "maxItems": 1000},
    "application/x-ndjson": {"type": "string", "description": "One JSON object a line, up to 5 MB each."},
}
NDJSON = "application/x-ndjson"


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
