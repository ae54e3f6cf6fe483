from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import merges, people, reviewing, teams, workspace

PERSON = "settings/people/<int:pk>/"
AGENT = "settings/agents/<int:pk>/"
REVIEWER = "settings/reviewers/<int:pk>/"
ABSENCE = "settings/absences/<int:pk>/"

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
    path(AGENT, teams.AgentPage.as_view(), name="settings-agent"),
    path(f"{AGENT}merge/", merges.AgentMergePage.as_view(), name="settings-agent-merge"),
    path(
        "settings/agents/<int:pk>/unmerge/", merges.AgentUnmergePage.as_view(), name="settings-agent-unmerge"
    ),
    path("settings/reviewing/", reviewing.ReviewingPage.as_view(), name="settings-reviewing"),
    path("settings/reviewers/", reviewing.ReviewersPage.as_view(), name="settings-reviewers"),
    path(REVIEWER, reviewing.ReviewerPage.as_view(), name="settings-reviewer"),
    path(f"{REVIEWER}absences/", reviewing.AbsenceAddPage.as_view(), name="settings-absence-add"),
    path(f"{ABSENCE}remove/", reviewing.AbsenceRemovePage.as_view(), name="settings-absence-remove"),
    path("settings/keys/", workspace.KeysPage.as_view(), name="settings-keys"),
    path("settings/keys/<int:pk>/revoke/", workspace.KeyRevokePage.as_view(), name="settings-key-revoke"),
    path("settings/audit/", workspace.AuditPage.as_view(), name="settings-audit"),
]
