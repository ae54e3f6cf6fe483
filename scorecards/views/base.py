"""What the pages that write have in common."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.access import Capability
from accounts.views_base import WorkspacePage


class ScorecardWritePage(WorkspacePage):
    """Base of what writes: where it goes from here."""

    capability = Capability.SCORECARD_WRITE

    def to(self, route: str, **kwargs: int) -> HttpResponse:
        address = reverse(route, kwargs={"slug": self.actor.workspace.slug, **kwargs})
        return HttpResponseRedirect(address)
