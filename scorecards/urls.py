from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from scorecards import views

ONE = "scorecards/<int:pk>/"
VERSION = f"{ONE}versions/<int:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("scorecards/", views.ScorecardListPage.as_view(), name="scorecard-list"),
    path("scorecards/new/", views.ScorecardNewPage.as_view(), name="scorecard-new"),
    path(ONE, views.ScorecardPage.as_view(), name="scorecard"),
    path(f"{ONE}rename/", views.ScorecardRenamePage.as_view(), name="scorecard-rename"),
    path(f"{ONE}versions/", views.ScorecardVersionAddPage.as_view(), name="scorecard-version-add"),
    path(VERSION, views.ScorecardPage.as_view(), name="scorecard-version"),
    path(f"{VERSION}edit/", views.ScorecardEditPage.as_view(), name="scorecard-edit"),
    path(f"{VERSION}publish/", views.ScorecardPublishPage.as_view(), name="scorecard-publish"),
    path(f"{VERSION}archive/", views.ScorecardArchivePage.as_view(), name="scorecard-archive"),
]
