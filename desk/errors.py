"""Pages (and API answers) for addresses that do not exist and for our own mistakes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.errors import Missing
from common.problems import json_problem


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return json_problem(404, "not_found", "There is no such address in this API.")
    return render(request, "problem.html", {"problem": Missing("This page does not exist.")}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return json_problem(500, "server_error", "Something went wrong here; it was logged.")
    return render(request, "500.html", status=500)
