from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from insights import agreement_api, api, calibration_views, how_api, replay_api
from insights.map_api import QualityMapView

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "calibration/<int:pk>/results/",
        calibration_views.CalibrationResultsApi.as_view(),
        name="api-calibration-results",
    ),
    path("iqs/", api.IqsView.as_view(), name="api-iqs"),
    path("iqs/workings/", how_api.WorkingsView.as_view(), name="api-iqs-workings"),
    path("csat/", api.CsatView.as_view(), name="api-csat"),
    path("first-response/", api.FirstResponseView.as_view(), name="api-first-response"),
    path("resolution/", api.ResolutionView.as_view(), name="api-resolution"),
    path("agreement/", agreement_api.AgreementView.as_view(), name="api-agreement"),
    path("reviewers/", agreement_api.ReviewersView.as_view(), name="api-reviewers"),
    path("ramp/", api.RampView.as_view(), name="api-ramp"),
    path(
        "scorecards/<int:pk>/versions/<int:number>/replay/",
        replay_api.ReplayApi.as_view(),
        name="api-scorecard-version-replay",
    ),
    path("quality-map/", QualityMapView.as_view(), name="api-quality-map"),
]
