from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from conversations import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("conversations/import/", api.ConversationImport.as_view(), name="api-conversation-import"),
    path("conversations/delete/", api.ConversationDelete.as_view(), name="api-conversation-delete"),
    path("surveys/import/", api.SurveyImport.as_view(), name="api-survey-import"),
    path("signal-words/", api.SignalWordsAPI.as_view(), name="api-signal-words"),
    path("import-runs/", api.ImportRunList.as_view(), name="api-import-run-list"),
    path("import-runs/<int:pk>/", api.ImportRunDetail.as_view(), name="api-import-run"),
    path(
        "import-runs/<int:pk>/rejected.ndjson/",
        api.ImportRunRejected.as_view(),
        name="api-import-run-rejected",
    ),
]
