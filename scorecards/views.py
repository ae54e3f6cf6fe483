"""Pages of scorecards: list, one version as a rubric, and the editor of a draft."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.errors import Conflict, Invalid, Problem, Stale
from common.etags import etag
from scorecards import policies, selectors, services
from scorecards.definition import SCALES
from scorecards.forms import DraftForm, NewScorecardForm, RenameForm
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.ready import STARTER, SUPPORT_QUALITY
from scorecards.rubric import rubric

STARTS = {NewScorecardForm.READY: SUPPORT_QUALITY, NewScorecardForm.STARTER: STARTER}


class ScorecardListPage(WorkspaceTemplatePage):
    capability = Capability.SCORECARD_READ
    template_name = "scorecards/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standing = selectors.standing_versions(self.actor)
        cards = [
            {
                "scorecard": row,
                "version": standing[row.pk],
                "rubric": rubric(selectors.definition_of(standing[row.pk])),
                "draft": next((v for v in row.versions.all() if v.state == "draft"), None),
            }
            for row in selectors.scorecards(self.actor).order_by("name", "pk")
        ]
        return super().get_context_data(**kwargs) | {"cards": cards, "write": policies.write(self.actor)}


class ScorecardPage(WorkspaceTemplatePage):
    """One version: the one named in the address, else the one that stands for the scorecard."""

    capability = Capability.SCORECARD_READ
    template_name = "scorecards/scorecard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pk = kwargs["pk"]
        versions = list(selectors.versions(self.actor, pk).order_by("-number"))
        number = kwargs.get("number")
        version = (
            selectors.standing(versions) if number is None else selectors.version(self.actor, pk, number)
        )
        definition = selectors.definition_of(version)
        return super().get_context_data(**kwargs) | {
            "scorecard": version.scorecard,
            "version": version,
            "versions": versions,
            "draft": next((each for each in versions if each.state == "draft"), None),
            "rubric": rubric(definition),
            "etag": quote(etag(version)),
            "write": policies.write(self.actor),
            "change": policies.change(self.actor, version),
            "publish": policies.publish(self.actor, version, definition),
            "archive": policies.archive(self.actor, version),
            "add_version": policies.add_version(self.actor, versions),
        }


class ScorecardWritePage(WorkspacePage):
    """Base of what writes: where it goes from here."""

    capability = Capability.SCORECARD_WRITE

    def to(self, route: str, **kwargs: int) -> HttpResponse:
        address = reverse(route, kwargs={"slug": self.actor.workspace.slug, **kwargs})
        return HttpResponseRedirect(address)


class ScorecardNewPage(ScorecardWritePage):
    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self.page(NewScorecardForm(), 200)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = NewScorecardForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        given = form.cleaned_data
        scorecard, draft = services.create_scorecard(
            actor=self.actor, name=given["name"], definition=STARTS[given["start"]]
        )
        return self.to("scorecard-edit", pk=scorecard.pk, number=draft.number)

    def page(self, form: NewScorecardForm, status: int) -> HttpResponse:
        return render(self.request, "scorecards/new.html", {"form": form}, status=status)


class ScorecardRenamePage(ScorecardWritePage):
    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        scorecard = selectors.scorecard(self.actor, pk)
        return self.page(scorecard, RenameForm(initial={"name": scorecard.name}), 200)

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        scorecard = selectors.scorecard(self.actor, pk)
        form = RenameForm(request.POST)
        if not form.is_valid():
            return self.page(scorecard, form, 422)
        services.rename(actor=self.actor, scorecard_id=pk, name=form.cleaned_data["name"])
        return self.to("scorecard", pk=pk)

    def page(self, scorecard: Scorecard, form: RenameForm, status: int) -> HttpResponse:
        context = {"form": form, "scorecard": scorecard}
        return render(self.request, "scorecards/rename.html", context, status=status)


class ScorecardVersionAddPage(ScorecardWritePage):
    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        try:
            draft = services.add_version(actor=self.actor, scorecard_id=pk)
        except Conflict as refusal:
            messages.error(request, refusal.detail)
            return self.to("scorecard", pk=pk)
        return self.to("scorecard-edit", pk=pk, number=draft.number)


class VersionMovePage(ScorecardWritePage):
    """Base of publish and archive: a button that tells which state of the version it was shown with."""

    def move(self, pk: int, number: int, if_match: str | None) -> str:
        """Makes the move and answers what happened, in words."""
        raise NotImplementedError

    def post(self, request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
        try:
            messages.success(request, self.move(pk, number, request.GET.get("etag")))
        except (Conflict, Stale, Invalid) as refusal:
            messages.error(request, refusal.detail)
        return self.to("scorecard-version", pk=pk, number=number)


class ScorecardPublishPage(VersionMovePage):
    def move(self, pk: int, number: int, if_match: str | None) -> str:
        services.publish(actor=self.actor, scorecard_id=pk, number=number, if_match=if_match)
        return _("Version %(number)d is published: new reviews use it.") % {"number": number}


class ScorecardArchivePage(VersionMovePage):
    def move(self, pk: int, number: int, if_match: str | None) -> str:
        services.archive(actor=self.actor, scorecard_id=pk, number=number, if_match=if_match)
        return _("Version %(number)d is archived; its reviews keep it.") % {"number": number}


class ScorecardEditPage(ScorecardWritePage):
    """A draft's form. The script turns the JSON into fields; what is posted is the JSON either way."""

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

    def page(self, version: ScorecardVersion, form: DraftForm, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "version": version,
            "scorecard": version.scorecard,
            "scales": [(name, "|".join(labels), ", ".join(labels)) for name, labels in SCALES.items()],
        }
        return render(self.request, "scorecards/edit.html", context, status=status)
