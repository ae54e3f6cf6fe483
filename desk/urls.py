from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from desk import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.WorkspaceHomePage.as_view(), name="workspace-home"),
    path("setup/", views.SetupPage.as_view(), name="setup"),
    path("search/", views.SearchPage.as_view(), name="search"),
]
