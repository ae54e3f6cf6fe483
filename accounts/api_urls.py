from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.api import absences, merges, people, references, service

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/", service.MeAPI.as_view(), name="api-me"),
    path("teams/", people.TeamListAPI.as_view(), name="api-team-list"),
    path("teams/<int:pk>/", people.TeamAPI.as_view(), name="api-team"),
    path("agents/", people.AgentListAPI.as_view(), name="api-agent-list"),
    path("agents/<int:pk>/", people.AgentAPI.as_view(), name="api-agent"),
    path("agents/<int:pk>/merge/", merges.AgentMergeAPI.as_view(), name="api-agent-merge"),
    path("agents/<int:pk>/unmerge/", merges.AgentUnmergeAPI.as_view(), name="api-agent-unmerge"),
    path("agents/<int:pk>/merges/", merges.AgentMergeListAPI.as_view(), name="api-agent-merges"),
    path("members/", people.MemberListAPI.as_view(), name="api-member-list"),
    path("members/<int:pk>/", people.MemberAPI.as_view(), name="api-member"),
    path("members/<int:pk>/deactivate/", people.MemberDeactivateAPI.as_view(), name="api-member-deactivate"),
    path("members/<int:pk>/reactivate/", people.MemberReactivateAPI.as_view(), name="api-member-reactivate"),
    path("members/<int:pk>/invite/", people.MemberInviteAPI.as_view(), name="api-member-invite"),
    path("absences/", absences.AbsenceListAPI.as_view(), name="api-absence-list"),
    path("absences/<int:pk>/", absences.AbsenceAPI.as_view(), name="api-absence"),
    path("reference-figures/", references.ReferenceListAPI.as_view(), name="api-reference-list"),
    path("reference-figures/<int:pk>/", references.ReferenceAPI.as_view(), name="api-reference"),
    path("api-keys/", service.ApiKeyListAPI.as_view(), name="api-key-list"),
    path("api-keys/<int:pk>/revoke/", service.ApiKeyRevokeAPI.as_view(), name="api-key-revoke"),
    path("settings/", service.SettingsAPI.as_view(), name="api-settings"),
    path("jobs/<int:pk>/", service.JobAPI.as_view(), name="api-job"),
]
