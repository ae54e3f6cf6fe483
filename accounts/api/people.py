"""Teams, agents and members over the API."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.access import Actor, Capability, RoleGrant
from accounts.access import Role as RoleName
from accounts.models import Agent
from accounts.serializers import (
    AgentIn,
    AgentOut,
    AgentPatch,
    InvitedOut,
    MemberIn,
    MemberOut,
    MemberPatch,
    TeamIn,
    TeamOut,
)
from accounts.services import agents, invitations, members, profiles, teams
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or
from common.refs import ids_of, refs_in, resolve
from common.serializers import Strict

LISTED = params.PAGING | {"updated_since"}


def parsed(shape: type[Strict], request: Request) -> dict[str, Any]:
    """The body in this shape, or 422."""
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class TeamListAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.PEOPLE_READ, "POST": Capability.PEOPLE_WRITE}

    @extend_schema(responses=TeamOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, LISTED)
        rows, order = since_or(request, selectors.teams(self.actor), ("id",))
        return paged(request, rows, order, lambda team: TeamOut(team, context={"actor": self.actor}).data)

    @extend_schema(request=TeamIn, responses={201: TeamOut})
    def post(self, request: Request, slug: str) -> Response:
        team = teams.create_team(actor=self.actor, name=parsed(TeamIn, request)["name"])
        return Response(TeamOut(team, context={"actor": self.actor}).data, status=201)


class TeamAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.PEOPLE_READ, "PATCH": Capability.PEOPLE_WRITE}

    @extend_schema(responses=TeamOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        team = selectors.row_or_missing(selectors.teams(self.actor), pk)
        return Response(TeamOut(team, context={"actor": self.actor}).data)

    @extend_schema(request=TeamIn, responses=TeamOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        selectors.row_or_missing(selectors.teams(self.actor), pk)
        name, if_match = parsed(TeamIn, request)["name"], request.headers.get("If-Match")
        team = teams.rename_team(actor=self.actor, team_id=pk, name=name, if_match=if_match)
        return Response(TeamOut(team, context={"actor": self.actor}).data)


def with_team(actor: Actor, body: dict[str, Any]) -> agents.AgentChanges:
    """The named changes of an agent, their team resolved among those the actor sees."""
    changes = cast(agents.AgentChanges, body)
    if body.get("team") is not None:
        changes["team"] = resolve(selectors.teams(actor), body["team"], "/team")
    return changes


class AgentAnswer(WorkspaceAPIView):
    def answer(self, pk: int, status: int = 200) -> Response:
        agent = selectors.row_or_missing(selectors.agents_with_team(self.actor, merged=True), pk)
        return Response(AgentOut(agent, context={"actor": self.actor}).data, status=status)


class AgentListAPI(AgentAnswer):
    capabilities = {"GET": Capability.PEOPLE_READ, "POST": Capability.PEOPLE_WRITE}

    @extend_schema(responses=AgentOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        query = request.query_params
        params.check_known(query, LISTED | {"team", "kind", "source", "q"})
        found = selectors.find_agents(
            self.actor,
            team_ids=ids_of(selectors.teams(self.actor), refs_in(query, "team"), "team"),
            kinds=params.any_of(query, "kind", Agent.Kind.values),
            sources=params.texts(query, "source"),
            q=" ".join(params.texts(query, "q")[-1:]),
            merged="updated_since" in query,  # who follows changes learns of merges too
        )
        rows, order = since_or(request, found, ("id",))
        return paged(request, rows, order, lambda agent: AgentOut(agent, context={"actor": self.actor}).data)

    @extend_schema(request=AgentIn, responses={201: AgentOut})
    def post(self, request: Request, slug: str) -> Response:
        body = parsed(AgentIn, request)
        key = {name: body.pop(name) for name in ("source", "external_id")}
        agent = agents.create_agent(actor=self.actor, **key, changes=with_team(self.actor, body))
        return self.answer(agent.pk, status=201)


class AgentAPI(AgentAnswer):
    capabilities = {"GET": Capability.PEOPLE_READ, "PATCH": Capability.PEOPLE_WRITE}

    @extend_schema(responses=AgentOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.answer(pk)

    @extend_schema(request=AgentPatch, responses=AgentOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        selectors.row_or_missing(selectors.agents_with_team(self.actor, merged=True), pk)
        changes = with_team(self.actor, parsed(AgentPatch, request))
        if_match = request.headers.get("If-Match")
        agents.update_agent(actor=self.actor, agent_id=pk, changes=changes, if_match=if_match)
        return self.answer(pk)


def member_changes(actor: Actor, body: dict[str, Any]) -> members.MemberChanges:
    """The named changes of a member, teams and agent resolved among those the actor sees."""
    named = {name: body[name] for name in profiles.FIELDS if name in body}
    changes = cast(members.MemberChanges, named)
    if "name" in body:
        changes["name"] = body["name"]
    if "roles" in body:
        changes["grants"] = [grant(actor, role, index) for index, role in enumerate(body["roles"])]
    if "agent" in body:
        ref = body["agent"]
        changes["agent"] = None if ref is None else resolve(selectors.agents(actor), ref, "/agent")
    return changes


def grant(actor: Actor, role: dict[str, Any], index: int) -> RoleGrant:
    ref = role.get("team")
    team = None if ref is None else resolve(selectors.teams(actor), ref, f"/roles/{index}/team")
    return RoleGrant(RoleName(role["role"]), team.pk if team else None)


class MemberAnswer(WorkspaceAPIView):
    def answer(self, pk: int, status: int = 200) -> Response:
        member = selectors.row_or_missing(selectors.members_with_roles(self.actor), pk)
        return Response(MemberOut(member, context={"actor": self.actor}).data, status=status)


class MemberListAPI(MemberAnswer):
    capabilities = {"GET": Capability.ENTER, "POST": Capability.ADMINISTER}

    @extend_schema(responses=MemberOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, LISTED)
        rows, order = since_or(request, selectors.members_with_roles(self.actor), ("id",))
        return paged(request, rows, order, lambda row: MemberOut(row, context={"actor": self.actor}).data)

    @extend_schema(request=MemberIn, responses={201: MemberOut})
    def post(self, request: Request, slug: str) -> Response:
        body = parsed(MemberIn, request)
        said = member_changes(self.actor, body)
        member = members.create_member(
            actor=self.actor,
            email=body["email"],
            name=said["name"],
            grants=said["grants"],
            agent=said.get("agent"),
        )
        return self.answer(member.pk, status=201)


class MemberAPI(MemberAnswer):
    capabilities = {"GET": Capability.ENTER, "PATCH": Capability.PLAN_MANAGE}

    @extend_schema(responses=MemberOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.answer(pk)

    @extend_schema(request=MemberPatch, responses=MemberOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        """Name, roles and agent are an administrator's to change; the rest also who plans for his teams."""
        selectors.row_or_missing(selectors.members(self.actor), pk)
        changes = member_changes(self.actor, parsed(MemberPatch, request))
        if_match = request.headers.get("If-Match")
        members.update_member(actor=self.actor, member_id=pk, changes=changes, if_match=if_match)
        return self.answer(pk)


class MemberDeactivateAPI(MemberAnswer):
    capabilities = {"POST": Capability.ADMINISTER}

    @extend_schema(request=None, responses=MemberOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        members.deactivate_member(actor=self.actor, member_id=pk)
        return self.answer(pk)


class MemberReactivateAPI(MemberAnswer):
    capabilities = {"POST": Capability.ADMINISTER}

    @extend_schema(request=None, responses=MemberOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        members.reactivate_member(actor=self.actor, member_id=pk)
        return self.answer(pk)


class MemberInviteAPI(WorkspaceAPIView):
    capabilities = {"POST": Capability.ADMINISTER}
    shown_once = ("link",)

    @extend_schema(request=None, responses=InvitedOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        invited = invitations.invite(actor=self.actor, member_id=pk)
        shown = {"link": invited.link, "expires_at": invited.invitation.expires_at}
        return Response(InvitedOut(shown).data)
