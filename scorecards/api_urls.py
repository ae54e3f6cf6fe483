from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from scorecards.api import files, library, scorecards

ONE = "scorecards/<int:pk>/"
VERSION = f"{ONE}versions/<int:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("scorecards/", scorecards.ScorecardListApi.as_view(), name="api-scorecard-list"),
    path("scorecards/validate/", scorecards.ScorecardValidateApi.as_view(), name="api-scorecard-validate"),
    path("scorecards/import/", files.ScorecardImportApi.as_view(), name="api-scorecard-import"),
    path("scorecards/schema.json/", files.ScorecardSchemaApi.as_view(), name="api-scorecard-schema"),
    path("scorecards/gallery/", files.GalleryApi.as_view(), name="api-scorecard-gallery"),
    path(
        "scorecards/gallery/<slug:card>/", files.GalleryCardApi.as_view(), name="api-scorecard-gallery-card"
    ),
    path("scorecard-library/", library.LibraryListApi.as_view(), name="api-scorecard-library"),
    path("scorecard-library/<int:pk>/", library.LibraryItemApi.as_view(), name="api-scorecard-library-item"),
    path(ONE, scorecards.ScorecardApi.as_view(), name="api-scorecard"),
    path(f"{ONE}versions/", scorecards.VersionListApi.as_view(), name="api-scorecard-version-list"),
    path(VERSION, scorecards.VersionApi.as_view(), name="api-scorecard-version"),
    path(f"{VERSION}publish/", scorecards.VersionPublishApi.as_view(), name="api-scorecard-version-publish"),
    path(f"{VERSION}archive/", scorecards.VersionArchiveApi.as_view(), name="api-scorecard-version-archive"),
    path(
        f"{VERSION}duplicate/",
        scorecards.VersionDuplicateApi.as_view(),
        name="api-scorecard-version-duplicate",
    ),
    path(f"{VERSION}changes/", scorecards.VersionChangesApi.as_view(), name="api-scorecard-version-changes"),
    path(f"{VERSION}file/", files.VersionFileApi.as_view(), name="api-scorecard-version-file"),
    path(f"{VERSION}score/", scorecards.VersionScoreApi.as_view(), name="api-scorecard-version-score"),
]
