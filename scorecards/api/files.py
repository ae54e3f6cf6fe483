"""Scorecards as files, the gallery of ready ones, and the schema of both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.views_base import WorkspaceAPIView
from common import params
from common.errors import Malformed, TooLarge
from scorecards import selectors, services
from scorecards.api.scorecards import READ, WRITE, ScorecardView, parsed
from scorecards.files import FORMATS, MOST_CHARACTERS, Format, to_file
from scorecards.gallery import gallery
from scorecards.schema import FILE_SCHEMA
from scorecards.serializers import GalleryCardOut, GalleryIn, ScorecardOut

MOST_BYTES = 4 * MOST_CHARACTERS
MEDIA_TYPES = {"yaml": "application/yaml", "json": "application/json"}
FILE_BODY = {"application/yaml": OpenApiTypes.STR, "application/json": FILE_SCHEMA}


class FirstRenderer(BaseContentNegotiation):
    """Answers as the view says: here `format` is a parameter of ours, and no media type of the framework."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)


class VersionFileApi(WorkspaceAPIView):
    """A version as a file to keep or take elsewhere."""

    capabilities = {"GET": READ}
    content_negotiation_class = FirstRenderer

    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=FORMATS, default="yaml")],
        responses={(200, media_type): body for media_type, body in FILE_BODY.items()},
    )
    def get(self, request: Request, slug: str, pk: int, number: int) -> HttpResponseBase:
        params.check_known(request.query_params, {"format"})
        wanted = params.one_of(request.query_params, "format", FORMATS)
        version = selectors.version(self.actor, pk, number)
        kind: Format = "json" if wanted == "json" else "yaml"
        text = to_file(version.scorecard, selectors.definition_of(version), kind)
        name = quote(f"{version.scorecard.name} {number}.{kind}")
        disposition = f"attachment; filename*=UTF-8''{name}"
        return HttpResponse(
            text,
            content_type=f"{MEDIA_TYPES[kind]}; charset=utf-8",
            headers={"Content-Disposition": disposition},
        )


class ScorecardImportApi(ScorecardView):
    """A new scorecard out of a file's text, YAML or JSON, whatever the content type says."""

    capabilities = {"POST": WRITE}

    @extend_schema(request=FILE_BODY, responses={201: ScorecardOut})
    def post(self, request: Request, slug: str) -> Response:
        scorecard = services.import_scorecard(actor=self.actor, text=_text(request))
        return Response(self.show(selectors.scorecard(self.actor, scorecard.pk)), status=201)


class ScorecardSchemaApi(WorkspaceAPIView):
    """The JSON Schema of a scorecard's file."""

    capabilities = {"GET": READ}

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, slug: str) -> Response:
        return Response(FILE_SCHEMA)


class GalleryApi(WorkspaceAPIView):
    """The ready scorecards."""

    capabilities = {"GET": READ}

    @extend_schema(responses=GalleryCardOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, ())
        cards = [GalleryCardOut(card).data for card in gallery()]
        return Response({"next": None, "previous": None, "results": cards})


class GalleryCardApi(ScorecardView):
    """A new scorecard out of a ready one."""

    capabilities = {"POST": WRITE}

    @extend_schema(request=GalleryIn, responses={201: ScorecardOut})
    def post(self, request: Request, slug: str, card: str) -> Response:
        name = parsed(GalleryIn(data=request.data)).get("name")
        scorecard = services.create_from_gallery(actor=self.actor, slug=card, name=name)
        return Response(self.show(selectors.scorecard(self.actor, scorecard.pk)), status=201)


def _text(request: Request) -> str:
    body = request._request.body
    if len(body) > MOST_BYTES:
        raise TooLarge(f"A scorecard's file may have up to {MOST_BYTES // 1_000_000} MB.")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("The file is not UTF-8.") from None
