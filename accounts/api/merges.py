"""Agents who turned out to be one, over the API."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.access import Capability
from accounts.api.people import parsed
from accounts.selectors.merges import merges_of, moved_by
from accounts.serializers import MergeIn, MergeOut, UndoneOut
from accounts.services import merging
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged
from common.refs import resolve


class AgentMergeAPI(WorkspaceAPIView):
    capabilities = {"POST": Capability.PEOPLE_WRITE}

    @extend_schema(request=MergeIn, responses=MergeOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Let the facts of this agent follow another; undoable for thirty days."""
        actor = self.actor
        selectors.row_or_missing(selectors.agents_with_team(actor, merged=True), pk)
        into = resolve(selectors.agents(actor), parsed(MergeIn, request)["into"], "/into")
        merge = merging.merge_agent(actor=actor, agent_id=pk, into_id=into.pk)
        return Response(MergeOut(merge, context={"moved": moved_by(actor, [merge])}).data)


class AgentUnmergeAPI(WorkspaceAPIView):
    capabilities = {"POST": Capability.PEOPLE_WRITE}

    @extend_schema(request=None, responses=UndoneOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Give the facts back that followed when this agent was merged."""
        undone = merging.unmerge_agent(actor=self.actor, agent_id=pk)
        context = {"moved": moved_by(self.actor, [undone.merge])}
        return Response(UndoneOut(undone, context=context).data)


class AgentMergeListAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.PEOPLE_WRITE}

    @extend_schema(responses=MergeOut(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """The merges in which this agent went or stayed, undone ones too, newest first."""
        params.check_known(request.query_params, params.PAGING)
        agent = selectors.row_or_missing(selectors.agents_with_team(self.actor, merged=True), pk)
        rows = merges_of(self.actor, agent)
        moved = moved_by(self.actor, rows)
        return paged(request, rows, ("-id",), lambda merge: MergeOut(merge, context={"moved": moved}).data)
