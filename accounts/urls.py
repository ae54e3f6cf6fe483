from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import people, teams, workspace

PERSON = "settings/people/<int:pk>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/", workspace.WorkspaceSettingsPage.as_view(), name="settings"),
    path("settings/people/", people.PeoplePage.as_view(), name="settings-people"),
    path("settings/people/add/", people.PersonAddPage.as_view(), name="settings-person-add"),
    path(PERSON, people.PersonPage.as_view(), name="settings-person"),
    path(f"{PERSON}invite/", people.PersonInvitePage.as_view(), name="settings-person-invite"),
    path(f"{PERSON}deactivate/", people.PersonDeactivatePage.as_view(), name="settings-person-deactivate"),
    path(f"{PERSON}reactivate/", people.PersonReactivatePage.as_view(), name="settings-person-reactivate"),
    path("settings/teams/", teams.TeamsPage.as_view(), name="settings-teams"),
    path("settings/teams/<int:pk>/", teams.TeamPage.as_view(), name="settings-team"),
    path("settings/agents/", teams.AgentsPage.as_view(), name="settings-agents"),
    path("settings/agents/<int:pk>/", teams.AgentPage.as_view(), name="settings-agent"),
    path("settings/keys/", workspace.KeysPage.as_view(), name="settings-keys"),
    path("settings/keys/<int:pk>/revoke/", workspace.KeyRevokePage.as_view(), name="settings-key-revoke"),
    path("settings/audit/", workspace.AuditPage.as_view(), name="settings-audit"),
]
