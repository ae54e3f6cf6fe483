from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from coaching import api

ONE = "coaching/assignments/<int:pk>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("coaching/rules/", api.RuleListAPI.as_view(), name="api-coaching-rule-list"),
    path("coaching/rules/<int:pk>/", api.RuleAPI.as_view(), name="api-coaching-rule"),
    path("coaching/proposals/run/", api.ProposalsRunAPI.as_view(), name="api-coaching-proposals-run"),
    path("coaching/runs/", api.RunListAPI.as_view(), name="api-coaching-run-list"),
    path("coaching/runs/<int:pk>/", api.RunAPI.as_view(), name="api-coaching-run"),
    path("coaching/assignments/", api.AssignmentListAPI.as_view(), name="api-coaching-assignment-list"),
    path(ONE, api.AssignmentAPI.as_view(), name="api-coaching-assignment"),
    path(f"{ONE}assign/", api.AssignAPI.as_view(), name="api-coaching-assign"),
    path(f"{ONE}acknowledge/", api.AcknowledgeAPI.as_view(), name="api-coaching-acknowledge"),
    path(f"{ONE}start/", api.StartAPI.as_view(), name="api-coaching-start"),
    path(f"{ONE}complete/", api.CompleteAPI.as_view(), name="api-coaching-complete"),
    path(f"{ONE}dismiss/", api.DismissAPI.as_view(), name="api-coaching-dismiss"),
]
