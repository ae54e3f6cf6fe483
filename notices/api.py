"""Notices over the API: the inbox, preferences, the workspace's defaults and its chat webhook."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.api.people import parsed
from accounts.serializers import JobOut
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged
from notices import selectors
from notices.models import ChatWebhook
from notices.registry import kinds
from notices.serializers import (
    ChatWebhookIn,
    ChatWebhookOut,
    ChatWebhookPatch,
    DefaultsPatch,
    NoticeOut,
    NoticesReadOut,
    PreferencesOut,
    PreferencesPatch,
)
from notices.services import chat, choices, mark_all_read, mark_read
from notices.services.choices import Change

READ = {"true": False, "false": True}  # read_at is null


def _changes(body: dict[str, Any]) -> list[Change]:
    return [Change(**row) for row in body["kinds"]]


class NoticeListAPI(WorkspaceAPIView):
    """The caller's own. A page may hold fewer than `limit`: what he may not see any more is left out."""

    capabilities = {"GET": Capability.ENTER}

    @extend_schema(
        parameters=[OpenApiParameter("read", bool), OpenApiParameter("kind", str, many=True)],
        responses=NoticeOut(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        query = request.query_params
        params.check_known(query, {*params.PAGING, "read", "kind"})
        rows = selectors.inbox(self.actor)
        if read := params.one_of(query, "read", READ):
            rows = rows.filter(read_at__isnull=READ[read])
        if wanted := params.any_of(query, "kind", kinds):
            rows = rows.filter(kind__in=wanted)
        answer = paged(request, rows, ("-id",), lambda notice: notice)
        told = selectors.told(self.actor, answer.data["results"])
        answer.data["results"] = [NoticeOut(each).data for each in told]
        return answer


class NoticesReadAPI(WorkspaceAPIView):
    capabilities = {"POST": Capability.ENTER}

    @extend_schema(operation_id="notices_read_all", request=None, responses=NoticesReadOut)
    def post(self, request: Request, slug: str) -> Response:
        return Response({"read": mark_all_read(actor=self.actor)})


class NoticeReadAPI(WorkspaceAPIView):
    capabilities = {"POST": Capability.ENTER}

    @extend_schema(request=None, responses=NoticeOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        notice = mark_read(actor=self.actor, notice_id=pk)
        return Response(NoticeOut(selectors.told_or_missing(self.actor, notice)).data)


class NoticePreferencesAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.ENTER, "PATCH": Capability.ENTER}

    @extend_schema(responses=PreferencesOut)
    def get(self, request: Request, slug: str) -> Response:
        return Response(PreferencesOut({"kinds": selectors.preferences(self.actor)}).data)

    @extend_schema(request=PreferencesPatch, responses=PreferencesOut)
    def patch(self, request: Request, slug: str) -> Response:
        changes = _changes(parsed(PreferencesPatch, request))
        rows = choices.set_preferences(actor=self.actor, changes=changes)
        return Response(PreferencesOut({"kinds": rows}).data)


class NoticeDefaultsAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.ADMINISTER, "PATCH": Capability.ADMINISTER}

    @extend_schema(responses=PreferencesOut)
    def get(self, request: Request, slug: str) -> Response:
        return Response(PreferencesOut({"kinds": selectors.defaults(self.actor)}).data)

    @extend_schema(request=DefaultsPatch, responses=PreferencesOut)
    def patch(self, request: Request, slug: str) -> Response:
        changes = _changes(parsed(DefaultsPatch, request))
        rows = choices.set_defaults(actor=self.actor, changes=changes)
        return Response(PreferencesOut({"kinds": rows}).data)


class ChatWebhookAPI(WorkspaceAPIView):
    capabilities = dict.fromkeys(("GET", "PUT", "PATCH", "DELETE"), Capability.ADMINISTER)

    @extend_schema(responses=ChatWebhookOut)
    def get(self, request: Request, slug: str) -> Response:
        row = selectors.chat_webhooks(self.actor).first()
        return Response(ChatWebhookOut(row or ChatWebhook()).data)

    @extend_schema(request=ChatWebhookIn, responses=ChatWebhookOut)
    def put(self, request: Request, slug: str) -> Response:
        body = parsed(ChatWebhookIn, request)
        return Response(ChatWebhookOut(chat.set_chat(actor=self.actor, **body)).data)

    @extend_schema(request=ChatWebhookPatch, responses=ChatWebhookOut)
    def patch(self, request: Request, slug: str) -> Response:
        body = parsed(ChatWebhookPatch, request)
        return Response(ChatWebhookOut(chat.set_chat(actor=self.actor, **body)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        chat.remove_chat(actor=self.actor)
        return Response(status=204)


class ChatWebhookTestAPI(WorkspaceAPIView):
    """Ask for a test message; the job is followed at jobs/{id}/, what came of it is on the settings page."""

    capabilities = {"POST": Capability.ADMINISTER}

    @extend_schema(request=None, responses={202: JobOut})
    def post(self, request: Request, slug: str) -> Response:
        job = chat.send_test(actor=self.actor)
        return Response({"job": JobOut(job).data}, status=202)
