"""Settings: teams, and agents moving between them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import selectors
from accounts.access import Capability
from accounts.forms import AgentForm, TeamForm
from accounts.models import Agent, Team
from accounts.services import agents, teams
from accounts.views.forms import SettingsPage, named
from accounts.views.pages import page_links
from accounts.views_base import WorkspaceTemplatePage
from common.paging import page


class TeamsPage(SettingsPage):
    tab = "teams"
    template_name = "accounts/teams.html"

    def form(self, data: Any = None) -> TeamForm:
        return TeamForm(data)

    def context(self) -> dict[str, Any]:
        return {"teams": selectors.teams_with_counts(self.actor)}

    def save(self, form: TeamForm) -> HttpResponse:
        team = teams.create_team(actor=self.actor, name=form.cleaned_data["name"])
        messages.success(self.request, _("The team %(name)s is made.") % {"name": team.name})
        return redirect("settings-team", self.actor.workspace.slug, team.pk)


class TeamPage(SettingsPage):
    tab = "teams"
    template_name = "accounts/team.html"

    def team(self) -> Team:
        return selectors.row_or_missing(selectors.teams(self.actor), self.kwargs["pk"])

    def form(self, data: Any = None) -> TeamForm:
        return TeamForm(data, initial={"name": self.team().name})

    def context(self) -> dict[str, Any]:
        found = selectors.find_agents(self.actor, team_ids=[self.kwargs["pk"]])
        return {"team": self.team(), "agents": found.order_by("name", "pk")}

    def save(self, form: TeamForm) -> HttpResponse:
        team = teams.rename_team(actor=self.actor, team_id=self.kwargs["pk"], name=form.cleaned_data["name"])
        messages.success(self.request, _("Saved."))
        return redirect("settings-team", self.actor.workspace.slug, team.pk)


class AgentsPage(WorkspaceTemplatePage):
    capability = Capability.ADMINISTER
    tab = "agents"
    template_name = "accounts/agents.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        q = self.request.GET.get("q", "").replace("\0", "").strip()
        rows = selectors.find_agents(self.actor, q=q)
        found = page(rows, ("id",), cursor=self.request.GET.get("cursor"))
        shown = [(agent, selectors.team_now(agent)) for agent in found.rows]
        return (
            super().get_context_data(**kwargs) | {"agents": shown, "q": q} | page_links(self.request, found)
        )


class AgentPage(SettingsPage):
    tab = "agents"
    template_name = "accounts/agent.html"

    def agent(self) -> Agent:
        return selectors.row_or_missing(selectors.agents_with_team(self.actor), self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stays = selectors.heir(self.actor, self.kwargs["pk"])
        if stays is not None:
            return redirect("settings-agent", self.actor.workspace.slug, stays.pk)
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        agent = self.agent()
        return {
            "agent": agent,
            "memberships": selectors.memberships(self.actor, agent),
            "merges": selectors.merges_with_days(self.actor, agent),
        }

    def form(self, data: Any = None) -> AgentForm:
        agent = self.agent()
        team = selectors.team_now(agent)
        initial = {"team": team.pk if team else None}
        return AgentForm(data, instance=agent, initial=initial, teams=named(selectors.teams(self.actor)))

    def save(self, form: AgentForm) -> HttpResponse:
        said, pk = form.cleaned_data, self.kwargs["pk"]
        changes: agents.AgentChanges = {
            "name": said["name"],
            "email": said["email"],
            "kind": said["kind"],
            "starts_on": said["starts_on"],
        }
        if "team" in form.changed_data:
            team = said["team"]
            found = selectors.row_or_missing(selectors.teams(self.actor), team) if team else None
            changes |= {"team": found, "team_from": said["team_from"]}
        agents.update_agent(actor=self.actor, agent_id=pk, changes=changes)
        messages.success(self.request, _("Saved."))
        return redirect("settings-agent", self.actor.workspace.slug, pk)
