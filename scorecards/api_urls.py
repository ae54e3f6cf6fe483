from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from scorecards import api

VERSION = "scorecards/<int:pk>/versions/<int:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("scorecards/", api.ScorecardListApi.as_view(), name="api-scorecard-list"),
    path("scorecards/validate/", api.ScorecardValidateApi.as_view(), name="api-scorecard-validate"),
    path("scorecards/<int:pk>/", api.ScorecardApi.as_view(), name="api-scorecard"),
    path("scorecards/<int:pk>/versions/", api.VersionListApi.as_view(), name="api-scorecard-version-list"),
    path(VERSION, api.VersionApi.as_view(), name="api-scorecard-version"),
    path(f"{VERSION}publish/", api.VersionPublishApi.as_view(), name="api-scorecard-version-publish"),
    path(f"{VERSION}archive/", api.VersionArchiveApi.as_view(), name="api-scorecard-version-archive"),
    path(f"{VERSION}score/", api.VersionScoreApi.as_view(), name="api-scorecard-version-score"),
]
