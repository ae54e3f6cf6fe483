"""The builder of a draft."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from common.errors import Conflict, Invalid, Problem, Stale
from common.etags import etag
from scorecards import policies, selectors, services
from scorecards.definition import SCALES
from scorecards.forms import DraftForm
from scorecards.models import ScorecardVersion
from scorecards.views.base import ScorecardWritePage
from scorecards.wording import BUILDER_WORDS, KNOWN_TAGS


class ScorecardEditPage(ScorecardWritePage):
    """A draft's form. The script turns the JSON into fields and saves by the API; without it the JSON is
    posted here."""

    def get(self, request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
        version = selectors.version(self.actor, pk, number)
        decision = policies.change(self.actor, version)
        if not decision.allowed:
            messages.warning(request, decision.reason)
            return self.to("scorecard-version", pk=pk, number=number)
        text = json.dumps(version.definition, indent=2, ensure_ascii=False)
        return self.page(version, DraftForm(initial={"definition": text, "etag": etag(version)}))

    def post(self, request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
        version = selectors.version(self.actor, pk, number)
        form = DraftForm(request.POST)
        if not form.is_valid():
            return self.page(version, form, 422)
        try:
            services.change_draft(
                actor=self.actor,
                scorecard_id=pk,
                number=number,
                definition=form.cleaned_data["definition"],
                if_match=form.cleaned_data["etag"],
            )
        except (Conflict, Stale, Invalid) as problem:
            return self.refused(version, form, problem)
        messages.success(request, _("The draft is saved."))
        return self.to("scorecard-version", pk=pk, number=number)

    def refused(self, version: ScorecardVersion, form: DraftForm, problem: Problem) -> HttpResponse:
        """The same page with what was typed, and why it was not saved."""
        if isinstance(problem, Stale):
            form = DraftForm({"definition": form.data["definition"], "etag": etag(version)})
            text = _("Somebody changed this draft since you opened it. Save again to replace their version.")
            form.add_error(None, text)
        for error in problem.errors:
            form.add_error(None, f"{error.pointer.removeprefix('/definition')}: {error.detail}")
        if not form.errors:
            form.add_error(None, problem.detail)
        return self.page(version, form, problem.status)

    def number_before(self, version: ScorecardVersion) -> int | None:
        """The version that the draft follows."""
        rows = selectors.versions(self.actor, version.scorecard_id)
        return max((row.number for row in rows if row.number < version.number), default=None)

    def page(self, version: ScorecardVersion, form: DraftForm, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "version": version,
            "scorecard": version.scorecard,
            "before": self.number_before(version),
            "scales": [(name, "|".join(labels), ", ".join(labels)) for name, labels in SCALES.items()],
            "known_tags": KNOWN_TAGS,
            "words": BUILDER_WORDS,
        }
        return render(self.request, "scorecards/edit.html", context, status=status)
