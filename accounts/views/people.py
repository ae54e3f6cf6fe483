"""Settings: the people of a workspace and their links in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import policies, selectors
from accounts.access import Capability
from accounts.forms import SCOPED, Choices, NewPersonForm, PersonForm
from accounts.models import Agent, Member
from accounts.services import invitations, members
from accounts.views.forms import SettingsPage, named
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.errors import Conflict


class PeoplePage(WorkspaceTemplatePage):
    capability = Capability.ADMINISTER
    tab = "people"
    template_name = "accounts/people.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = selectors.members_with_roles(self.actor).order_by("deactivated_at", "name")
        return super().get_context_data(**kwargs) | {"people": people}


class PersonAddPage(SettingsPage):
    tab = "people"
    template_name = "accounts/person_add.html"

    def form(self, data: Any = None) -> NewPersonForm:
        teams, agents = named(selectors.teams(self.actor)), _free_agents(self, None)
        return NewPersonForm(data, teams=teams, agents=agents)

    def save(self, form: NewPersonForm) -> HttpResponse:
        said = form.cleaned_data
        member = members.create_member(
            actor=self.actor,
            email=said["email"],
            name=said["name"],
            grants=form.grants(),
            agent=_agent(self, said["agent"]),
        )
        return shown_link(self, member.pk)


class PersonPage(SettingsPage):
    tab = "people"
    template_name = "accounts/person.html"

    def context(self) -> dict[str, Any]:
        member = self.member()
        return {"person": member, "invitable": policies.invitable(member)}

    def member(self) -> Member:
        return selectors.row_or_missing(selectors.members_with_roles(self.actor), self.kwargs["pk"])

    def form(self, data: Any = None) -> PersonForm:
        member = self.member()
        held = selectors.grants_of(member)
        initial: dict[str, Any] = {
            "name": member.name,
            "roles": sorted({grant.role.value for grant in held}),
            "agent": member.agent_id,
        }
        for role, field in SCOPED.items():
            initial[field] = [grant.team_id for grant in held if grant.role == role and grant.team_id]
        teams, agents = named(selectors.teams(self.actor)), _free_agents(self, member)
        return PersonForm(data, initial=initial, teams=teams, agents=agents)

    def save(self, form: PersonForm) -> HttpResponse:
        member = self.member()
        changes: members.MemberChanges = {
            "name": form.cleaned_data["name"],
            "grants": form.grants(selectors.grants_of(member)),
            "agent": _agent(self, form.cleaned_data["agent"]),
        }
        members.update_member(actor=self.actor, member_id=member.pk, changes=changes)
        messages.success(self.request, _("Saved."))
        return redirect("settings-person", self.actor.workspace.slug, member.pk)


class PersonInvitePage(WorkspacePage):
    """The link is on the answer to this POST and nowhere else."""

    capability = Capability.ADMINISTER

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        return shown_link(self, pk)


class PersonDeactivatePage(WorkspacePage):
    capability = Capability.ADMINISTER

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        try:
            member = members.deactivate_member(actor=self.actor, member_id=pk)
            messages.success(request, _("%(name)s can no longer enter.") % {"name": member.name})
        except Conflict as problem:
            messages.error(request, problem.detail)
        return redirect("settings-person", slug, pk)


class PersonReactivatePage(WorkspacePage):
    capability = Capability.ADMINISTER

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        try:
            member = members.reactivate_member(actor=self.actor, member_id=pk)
            messages.success(request, _("%(name)s may enter again.") % {"name": member.name})
        except Conflict as problem:
            messages.error(request, problem.detail)
        return redirect("settings-person", slug, pk)


def shown_link(page: WorkspacePage, pk: int) -> HttpResponse:
    """A fresh invitation of the member, and the page that shows its link this once."""
    invited = invitations.invite(actor=page.actor, member_id=pk)
    context = {"person": invited.invitation.member, "invited": invited, "view": PeoplePage}
    answer = render(page.request, "accounts/invited.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _free_agents(page: WorkspacePage, member: Member | None) -> Choices:
    return named(selectors.linkable_agents(page.actor, member))


def _agent(page: WorkspacePage, pk: int | None) -> Agent | None:
    return selectors.row_or_missing(selectors.agents(page.actor), pk) if pk is not None else None
