"""The results of a calibration session: page and API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView, WorkspaceTemplatePage
from common.serializers import RefOut
from insights.selectors.calibration import calibration_results

VERDICTS = {
    "strict": _("stricter than what he is compared with"),
    "lenient": _("more lenient than what he is compared with"),
    "unclear": _("no clear difference"),
}


class CalibrationResultsPage(WorkspaceTemplatePage):
    capability = Capability.GRADE
    template_name = "insights/calibration_results.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = calibration_results(self.actor, self.kwargs["pk"])
        lines = [(member, result, VERDICTS[result.verdict]) for member, result in found.graders]
        return super().get_context_data(**kwargs) | {"found": found, "lines": lines}


class GraderDifferenceOut(serializers.Serializer[Any]):
    """Points given above (negative: below) the comparison, over `n` conversations, with the 95 % range."""

    member = RefOut()
    n = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    verdict = serializers.CharField()
    refused = serializers.DictField(child=serializers.CharField(), allow_null=True)


class CategoryExactOut(serializers.Serializer[Any]):
    category = serializers.CharField(source="key")
    name = serializers.CharField()
    exact = serializers.FloatField(source="share", allow_null=True)


class CalibrationResultsOut(serializers.Serializer[Any]):
    """`compared_with`: the baseline; null: the middle of the others."""

    compared_with = RefOut(allow_null=True)
    graders = GraderDifferenceOut(many=True)
    categories = CategoryExactOut(many=True)


class CalibrationResultsApi(WorkspaceAPIView):
    """Empty before the session is talked over."""

    capabilities = {"GET": Capability.GRADE}

    @extend_schema(responses=CalibrationResultsOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        found = calibration_results(self.actor, pk)
        graders = [
            {
                "member": member,
                "n": result.n,
                "mean": result.mean,
                "low": result.low,
                "high": result.high,
                "verdict": result.verdict,
                "refused": result.refused.as_json() if result.refused else None,
            }
            for member, result in found.graders
        ]
        shown = {
            "compared_with": found.session.baseline,
            "graders": graders,
            "categories": found.categories,
        }
        return Response(CalibrationResultsOut(shown).data)
