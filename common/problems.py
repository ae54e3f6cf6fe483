"""Errors on the wire: application/problem+json, written once for every API view."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from common.errors import FieldError, Problem

log = logging.getLogger(__name__)
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    415: "Unsupported media type",
    429: "Too many requests",
}
CODES = {"null": "required", "does_not_exist": "not_found", "incorrect_type": "invalid", "blank": "required"}


def body(
    status: int, code: str, title: str, detail: str, errors: Iterable[FieldError] = ()
) -> dict[str, Any]:
    """The problem document of api.md."""
    return {
        "type": f"urn:plumbline:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [error.as_json() for error in errors],
    }


def field_errors(detail: Any, pointer: str = "") -> list[FieldError]:
    """DRF's nested error structure as flat field errors with JSON pointers."""
    if isinstance(detail, Mapping):
        return [
            error
            for name, inner in detail.items()
            for error in field_errors(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")
        ]
    if isinstance(detail, list):
        found = []
        for index, inner in enumerate(detail):
            here = pointer if isinstance(inner, exceptions.ErrorDetail) else f"{pointer}/{index}"
            found += field_errors(inner, here)
        return found
    code = getattr(detail, "code", "invalid")
    return [FieldError(pointer, CODES.get(code, code), str(detail))]


def problem_response(document: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        document, status=document["status"], headers=headers, content_type="application/problem+json"
    )


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: every refusal in one shape; anything unknown stays an exception (500)."""
    document: dict[str, Any] | None = None
    headers: dict[str, str] = {}
    if isinstance(error, Problem):
        document = body(error.status, error.code, error.title, error.detail, error.errors)
    elif isinstance(error, exceptions.ValidationError):
        errors = field_errors(error.detail)
        detail = " ".join(e.detail for e in errors[:3])
        document = body(422, "invalid", "Some fields are not valid", detail, errors)
    elif isinstance(error, exceptions.APIException):
        code = error.get_codes() if isinstance(error.get_codes(), str) else "invalid"
        document = body(
            error.status_code, str(code), TITLES.get(error.status_code, "Error"), str(error.detail)
        )
        headers = _headers(error)
    elif isinstance(error, Http404):
        document = body(404, "not_found", "Not found", "There is nothing here that you can see.")
    elif isinstance(error, PermissionDenied):
        document = body(403, "refused", "Not allowed", str(error) or "Not allowed.")
    elif isinstance(error, OperationalError | InterfaceError):
        log.exception("database unavailable")
        document = body(503, "unavailable", "Try again", "The database did not answer; try again shortly.")
        headers = {"Retry-After": "2"}
    if document is None:
        return None
    set_rollback()
    return problem_response(document, headers)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def json_problem(status: int, code: str, detail: str) -> JsonResponse:
    """The same document from places that DRF does not reach (unknown API paths, server errors)."""
    document = body(status, code, TITLES.get(status, "Error"), detail)
    return JsonResponse(document, status=status, content_type="application/problem+json")
