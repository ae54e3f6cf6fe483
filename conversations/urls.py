from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from conversations import views

WORDS = "settings/signals/<slug:kind>/<slug:language>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/signals/", views.SignalsPage.as_view(), name="settings-signals"),
    path(WORDS, views.SignalWordsPage.as_view(), name="settings-signal-words"),
    path(f"{WORDS}reset/", views.SignalWordsResetPage.as_view(), name="settings-signal-words-reset"),
]
