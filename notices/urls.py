from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from notices import views

WORKSPACE = "settings/notices/workspace/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/notices/", views.PreferencesPage.as_view(), name="settings-notices"),
    path(WORKSPACE, views.DefaultsPage.as_view(), name="settings-notices-workspace"),
    path(f"{WORKSPACE}chat/", views.ChatPage.as_view(), name="settings-chat"),
    path(f"{WORKSPACE}chat/test/", views.ChatTestPage.as_view(), name="settings-chat-test"),
    path(f"{WORKSPACE}chat/remove/", views.ChatRemovePage.as_view(), name="settings-chat-remove"),
]
