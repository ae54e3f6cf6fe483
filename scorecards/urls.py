from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from scorecards import views

ONE = "scorecards/<int:pk>/"
VERSION = f"{ONE}versions/<int:number>/"
LIBRARY = "scorecards/library/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("scorecards/", views.ScorecardListPage.as_view(), name="scorecard-list"),
    path("scorecards/new/", views.ScorecardNewPage.as_view(), name="scorecard-new"),
    path("scorecards/gallery/", views.ScorecardGalleryPage.as_view(), name="scorecard-gallery"),
    path("scorecards/import/", views.ScorecardImportPage.as_view(), name="scorecard-import"),
    path(LIBRARY, views.ScorecardLibraryPage.as_view(), name="scorecard-library"),
    path(
        f"{LIBRARY}<int:pk>/delete/",
        views.ScorecardLibraryDeletePage.as_view(),
        name="scorecard-library-delete",
    ),
    path(ONE, views.ScorecardPage.as_view(), name="scorecard"),
    path(f"{ONE}settings/", views.ScorecardSettingsPage.as_view(), name="scorecard-settings"),
    path(f"{ONE}versions/", views.ScorecardVersionAddPage.as_view(), name="scorecard-version-add"),
    path(VERSION, views.ScorecardPage.as_view(), name="scorecard-version"),
    path(f"{VERSION}changes/", views.ScorecardChangesPage.as_view(), name="scorecard-changes"),
    path(f"{VERSION}edit/", views.ScorecardEditPage.as_view(), name="scorecard-edit"),
    path(f"{VERSION}duplicate/", views.ScorecardDuplicatePage.as_view(), name="scorecard-duplicate"),
    path(f"{VERSION}publish/", views.ScorecardPublishPage.as_view(), name="scorecard-publish"),
    path(f"{VERSION}archive/", views.ScorecardArchivePage.as_view(), name="scorecard-archive"),
]
