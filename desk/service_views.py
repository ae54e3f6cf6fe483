"""The edges that operators and clients of the API look at: health, readiness, the API's own description."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.generic import View
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from desk import readiness


class HealthView(View):
    """Alive: this process answers. Asks nobody else."""

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse({"alive": True})


class ReadyView(View):
    """200 when everything that work needs is there, else 503; each part by name."""

    def get(self, request: HttpRequest) -> JsonResponse:
        parts = readiness.checks()
        ready = all(part["ok"] for part in parts.values())
        return JsonResponse({"ready": ready, "checks": parts}, status=200 if ready else 503)


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as JSON unless YAML is asked for."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer]


class DocsView(SpectacularSwaggerSplitView):
    """The API's description to read and try, from our own files only."""

    url_name = "schema"
    template_name = "desk/docs.html"
