"""Bases of every API view and page of a workspace: who acts, may he, and the same answers to trouble."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.views.generic import TemplateView, View
from rest_framework.exceptions import NotAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import selectors
from accounts.access import Actor, Capability
from accounts.models import ApiKey, User
from accounts.services import idempotency


class WorkspaceAPIView(APIView):
    """An endpoint below /api/v1/w/<slug>/. `capabilities` names, per method, what the role must allow."""

    capabilities: ClassVar[Mapping[str, Capability]]
    idempotent: ClassVar[bool] = True  # imports are upserts and need no Idempotency-Key
    shown_once: ClassVar[tuple[str, ...]] = ()  # secrets of the answer, never stored: null when given again
    actor: Actor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor = self._actor(request, kwargs["slug"])
        method = "GET" if request.method in ("HEAD", "OPTIONS") else str(request.method)
        if method in self.capabilities:
            self.actor.require(self.capabilities[method])
        key = request.headers.get("Idempotency-Key")
        handler = getattr(self, "post", None)
        if method == "POST" and key and self.idempotent and handler is not None:
            vars(self)["post"] = partial(self._answer_once, handler, key)  # dispatch finds it here

    def _actor(self, request: Request, slug: str) -> Actor:
        if isinstance(request.auth, ApiKey):
            return selectors.actor_for(slug, key=request.auth)
        if isinstance(request.user, User):
            return selectors.actor_for(slug, user=request.user)
        raise NotAuthenticated("Send an API key: Authorization: Bearer <key>.")

    def _answer_once(self, handler: Any, key: str, request: Request, *args: Any, **kwargs: Any) -> Response:
        body_hash = hashlib.sha256(request._request.body).hexdigest()
        assert self.actor.member is not None  # everybody who calls is a member
        path = request.path.rstrip("/")
        reserved = idempotency.reserve(member=self.actor.member, key=key, path=path, body_hash=body_hash)
        if isinstance(reserved, idempotency.Answer):
            return Response(reserved.body, status=reserved.status, headers={"Idempotent-Replay": "true"})
        try:
            with transaction.atomic():
                response: Response = handler(request, *args, **kwargs)
                body = json.loads(JSONRenderer().render(response.data) or b"null")
                body = body | dict.fromkeys(self.shown_once) if self.shown_once else body
                idempotency.keep(row=reserved, status=response.status_code, body=body)
        except BaseException:
            idempotency.release(row=reserved)
            raise
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        data = getattr(response, "data", None)
        if isinstance(data, dict) and data.get("etag"):
            response["ETag"] = data["etag"]
        return super().finalize_response(request, response, *args, **kwargs)


class ActorRequest(HttpRequest):
    """A page request once its actor is known."""

    actor: Actor


class WorkspacePage(LoginRequiredMixin, View):
    """A page below /w/<slug>/. `capability` names what the role must allow, for every method. Its times are
    those of the workspace's zone."""

    capability: ClassVar[Capability]
    actor: Actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return self.handle_no_permission()
        self.actor = selectors.actor_for(kwargs["slug"], user=request.user)
        request.actor = self.actor  # type: ignore[attr-defined]
        self.actor.require(self.capability)
        with timezone.override(ZoneInfo(self.actor.workspace.timezone)):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if isinstance(response, SimpleTemplateResponse) else response


class WorkspaceTemplatePage(WorkspacePage, TemplateView):
    """A page that only reads: give `template_name` and `get_context_data`."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"actor": self.actor}
