"""Who am I, keys, settings and jobs over the API."""

from __future__ import annotations

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.access import Capability, Role
from accounts.api.people import parsed
from accounts.serializers import (
    ApiKeyIn,
    ApiKeyOut,
    JobOut,
    MeOut,
    MePatch,
    NewApiKeyOut,
    SettingsOut,
    SettingsPatch,
)
from accounts.services import keys, profiles, settings
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged
from common.refs import resolve


class MeAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.ENTER, "PATCH": Capability.ENTER}

    @extend_schema(responses=MeOut)
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, ())
        return Response(MeOut(selectors.me(self.actor)).data)

    @extend_schema(request=MePatch, responses=MeOut)
    def patch(self, request: Request, slug: str) -> Response:
        """One's own languages and goal."""
        changes = cast(profiles.ProfileChanges, parsed(MePatch, request))
        member = profiles.update_own_profile(actor=self.actor, changes=changes)
        return Response(MeOut(selectors.me(self.actor) | {"member": member}).data)


class ApiKeyListAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.ADMINISTER, "POST": Capability.ADMINISTER}
    shown_once = ("key",)

    @extend_schema(responses=ApiKeyOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, params.PAGING)
        rows, context = selectors.api_keys(self.actor), {"actor": self.actor}
        return paged(request, rows, ("id",), lambda key: ApiKeyOut(key, context=context).data)

    @extend_schema(request=ApiKeyIn, responses={201: NewApiKeyOut})
    def post(self, request: Request, slug: str) -> Response:
        body, actor = parsed(ApiKeyIn, request), self.actor
        member, agent = body.get("member"), body.get("agent")
        key, secret = keys.create_key(
            actor=actor,
            name=body["name"],
            role=Role(body["role"]),
            member=resolve(selectors.members(actor), member, "/member") if member else None,
            agent=resolve(selectors.agents(actor), agent, "/agent") if agent else None,
            expires_at=body.get("expires_at"),
        )
        return Response(ApiKeyOut(key, context={"actor": actor}).data | {"key": secret}, status=201)


class ApiKeyRevokeAPI(WorkspaceAPIView):
    capabilities = {"POST": Capability.ADMINISTER}

    @extend_schema(request=None, responses=ApiKeyOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        key = keys.revoke_key(actor=self.actor, key_id=pk)
        return Response(ApiKeyOut(key, context={"actor": self.actor}).data)


class SettingsAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.ADMINISTER, "PATCH": Capability.ADMINISTER}

    @extend_schema(responses=SettingsOut)
    def get(self, request: Request, slug: str) -> Response:
        return Response(SettingsOut(selectors.settings_of(self.actor), context={"actor": self.actor}).data)

    @extend_schema(request=SettingsPatch, responses=SettingsOut)
    def patch(self, request: Request, slug: str) -> Response:
        changes, if_match = parsed(SettingsPatch, request), request.headers.get("If-Match")
        row = settings.update_settings(actor=self.actor, changes=changes, if_match=if_match)
        row.refresh_from_db()
        return Response(SettingsOut(row, context={"actor": self.actor}).data)


class JobAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.ENTER}

    @extend_schema(responses=JobOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(JobOut(selectors.job_for(self.actor, pk)).data)
