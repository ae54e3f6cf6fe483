from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from insights import (
    agreement_views,
    calibration_views,
    how_views,
    ramp_views,
    replay_views,
    reviewer_views,
    views,
)
from insights.map_views import QualityMapPage
from insights.reference_views import (
    BenchmarkAddPage,
    BenchmarkPage,
    BenchmarkRemovePage,
    BenchmarksPage,
)

BENCHMARKS = "insights/benchmarks/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "calibration/<int:pk>/results/",
        calibration_views.CalibrationResultsPage.as_view(),
        name="calibration-results",
    ),
    path("insights/", views.OverviewPage.as_view(), name="insights-overview"),
    path("insights/how/", how_views.HowPage.as_view(), name="insights-how"),
    path("insights/ramp/", ramp_views.RampPage.as_view(), name="insights-ramp"),
    path("insights/agreement/", agreement_views.AgreementPage.as_view(), name="insights-agreement"),
    path("insights/reviewers/", reviewer_views.ReviewersPage.as_view(), name="insights-reviewers"),
    path("insights/replay/<int:pk>/<int:number>/", replay_views.ReplayPage.as_view(), name="replay"),
    path("agents/me/", views.MyPage.as_view(), name="my-page"),
    path("agents/<int:pk>/", views.AgentPage.as_view(), name="agent-page"),
    path("insights/iqs-csat/", QualityMapPage.as_view(), name="insights-iqs-csat"),
    path(BENCHMARKS, BenchmarksPage.as_view(), name="insights-benchmarks"),
    path(f"{BENCHMARKS}add/", BenchmarkAddPage.as_view(), name="insights-benchmark-add"),
    path(f"{BENCHMARKS}<int:pk>/", BenchmarkPage.as_view(), name="insights-benchmark"),
    path(f"{BENCHMARKS}<int:pk>/remove/", BenchmarkRemovePage.as_view(), name="insights-benchmark-remove"),
]
