from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from notices import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("notices/", api.NoticeListAPI.as_view(), name="api-notice-list"),
    path("notices/read/", api.NoticesReadAPI.as_view(), name="api-notices-read"),
    path("notices/<int:pk>/read/", api.NoticeReadAPI.as_view(), name="api-notice-read"),
    path("notice-preferences/", api.NoticePreferencesAPI.as_view(), name="api-notice-preferences"),
    path("notice-defaults/", api.NoticeDefaultsAPI.as_view(), name="api-notice-defaults"),
    path("chat-webhook/", api.ChatWebhookAPI.as_view(), name="api-chat-webhook"),
    path("chat-webhook/test/", api.ChatWebhookTestAPI.as_view(), name="api-chat-webhook-test"),
]
