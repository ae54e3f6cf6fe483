"""Pages (and API answers) for addresses that do not exist, refused forms, and our own mistakes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from common.errors import Malformed, Missing, Problem, Refused
from common.problems import json_problem


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, Missing(_("There is no page at this address.")))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, Malformed(_("The request could not be read.")))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, Refused(_("You may not do this.")))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    words = _("The form came from a page that was open too long, or cookies are off. Go back and try again.")
    return _answer(request, Refused(words, code="csrf"))


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return json_problem(500, "server_error", "Something went wrong here; it was logged.")
    # without the request: what fills pages' context may be what is broken
    return HttpResponse(render_to_string("500.html"), status=500)


def _answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    if request.path.startswith("/api/"):
        return json_problem(problem.status, problem.code, problem.detail)
    return render(request, "problem.html", {"problem": problem}, status=problem.status)
