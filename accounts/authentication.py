"""Who calls the API: a key as Bearer token, or the session of the pages."""

from __future__ import annotations

from typing import Any

from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts import selectors
from accounts.models import ApiKey
from accounts.services.keys import touch


class KeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <key>`; request.auth is the ApiKey."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = selectors.live_key(presented.strip()) if presented.strip() else None
        if key is None:
            raise exceptions.AuthenticationFailed("This key is not known, has expired or was revoked.")
        touch(key=key)
        return key.member, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PageSessionAuthentication(authentication.SessionAuthentication):
    """The signed-in person, with the CSRF check that pages need."""
