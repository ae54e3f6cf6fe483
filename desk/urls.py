from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from desk import inbox, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.WorkspaceHomePage.as_view(), name="workspace-home"),
    path("setup/", views.SetupPage.as_view(), name="setup"),
    path("search/", views.SearchPage.as_view(), name="search"),
    path("inbox/", inbox.InboxPage.as_view(), name="inbox"),
    path("inbox/read/", inbox.InboxReadPage.as_view(), name="inbox-read"),
    path("inbox/<int:pk>/", inbox.NoticePage.as_view(), name="inbox-notice"),
    path("inbox/<int:pk>/read/", inbox.NoticeReadPage.as_view(), name="inbox-notice-read"),
]
