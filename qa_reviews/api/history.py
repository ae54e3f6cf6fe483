"""History from other tools: Zendesk QA's export, and the parity report of imported scores."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged
from common.csv_out import csv_response
from conversations.api import NDJSON, ImportView
from conversations.serializers import ImportReportOut
from conversations.uploads import rows_of
from qa_reviews.api.reviews import CsvOrProblem
from qa_reviews.history.zendesk_items import rows_of_lines, rows_of_object
from qa_reviews.history.zendesk_qa import Options
from qa_reviews.history.zendesk_scales import UNITS
from qa_reviews.selectors import parity
from qa_reviews.serializers.history import ParityLineOut, ParityOut, ParitySummaryOut
from qa_reviews.services.zendesk_import import import_zendesk_qa

EXPORT = {
    "application/json": {
        "type": "object",
        "description": "Lists of an export: users, scorecards, reviews, calibrations, disputes, csat; or an "
        "answer of the export API as it came.",
        "additionalProperties": {"type": "array", "items": {"type": "object"}},
    },
    NDJSON: {"type": "string", "description": 'Such objects, or {"type", "data"}, one a line.'},
}
OPTIONS = [
    OpenApiParameter("ratings", str, enum=UNITS, description="What the numbers of ratings count."),
    OpenApiParameter("conversations", str, description="The source that its conversations belong to here."),
]
PARITY = [
    OpenApiParameter("source", str),
    OpenApiParameter("import_run", int),
    OpenApiParameter("reason", str),
]


class ZendeskQaImport(ImportView):
    """History from Zendesk QA (formerly Klaus), in the shape of its public export API."""

    @extend_schema(request=EXPORT, parameters=OPTIONS, responses=ImportReportOut)
    def post(self, request: Request, slug: str) -> Response:
        query = request.query_params
        params.check_known(query, {"ratings", "conversations"})
        unit = params.one_of(query, "ratings", UNITS, "percent")
        options = Options(unit=UNITS[UNITS.index(unit)], conversations=query.get("conversations", "")[:64])
        rows = rows_of(request._request, rows_of_object)
        if request.content_type == NDJSON:
            rows = rows_of_lines(rows)
        run = import_zendesk_qa(actor=self.actor, rows=rows, origin="zendesk-qa", options=options)
        return self.answer(run)


class ParityReport(WorkspaceAPIView):
    capabilities = {"GET": Capability.IMPORT}

    @extend_schema(parameters=PARITY, responses=ParityOut)
    def get(self, request: Request, slug: str) -> Response:
        query = request.query_params
        params.check_known(query, parity.FILTERS | params.PAGING)
        rows = parity.compared(self.actor, query)
        found = paged(
            request,
            parity.differing(rows, query),
            parity.NEWEST_FIRST,
            lambda review: ParityLineOut(parity.shown(parity.line(review))).data,
        )
        found.data["summary"] = ParitySummaryOut(parity.summary(rows)).data
        return found


class ParityCsv(WorkspaceAPIView):
    capabilities = {"GET": Capability.IMPORT}
    renderer_classes = [JSONRenderer, CsvOrProblem]

    @extend_schema(parameters=PARITY, responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        query = request.query_params
        params.check_known(query, parity.FILTERS)
        rows = parity.differing(parity.compared(self.actor, query), query)
        return csv_response(parity.csv_rows(rows), f"{slug}-parity.csv")
