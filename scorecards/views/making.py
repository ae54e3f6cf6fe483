"""New scorecards: empty, from the gallery, from a file, or as a copy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from common import params
from common.errors import Invalid, Missing, Problem
from scorecards import selectors, services
from scorecards.forms import GalleryForm, ImportForm, NameForm
from scorecards.gallery import GalleryCard, gallery
from scorecards.lines import line_of
from scorecards.models import ScorecardVersion
from scorecards.ready import STARTER
from scorecards.rubric import rubric
from scorecards.views.base import ScorecardWritePage


class NewDraftPage(ScorecardWritePage):
    """Base of what makes a scorecard: on to the builder."""

    def build(self, draft: ScorecardVersion) -> HttpResponse:
        return self.to("scorecard-edit", pk=draft.scorecard_id, number=draft.number)


class ScorecardNewPage(NewDraftPage):
    """The ways to begin, and the empty one itself."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self.page(NameForm(), 200)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = NameForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        _card, draft = services.create_scorecard(
            actor=self.actor, name=form.cleaned_data["name"], definition=STARTER
        )
        return self.build(draft)

    def page(self, form: NameForm, status: int) -> HttpResponse:
        context = {"form": form, "cards": [ready(card) for card in gallery()]}
        return render(self.request, "scorecards/new.html", context, status=status)


def ready(card: GalleryCard) -> dict[str, Any]:
    """A card of the gallery as its readers see it."""
    return {"card": card, "rubric": rubric(card.file.definition)}


class ScorecardGalleryPage(NewDraftPage):
    """One ready scorecard (`?card=`), and the button that takes it."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        params.check_known(request.GET, {"card"})
        if not request.GET.get("card"):
            return self.to("scorecard-new")
        found = self.found(request.GET["card"])
        return self.page(found, GalleryForm(initial={"card": found.slug, "name": found.name}), 200)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = GalleryForm(request.POST)
        if not form.is_valid():
            if "card" in form.errors:
                return self.to("scorecard-new")
            return self.page(self.found(form.cleaned_data["card"]), form, 422)
        given = form.cleaned_data
        card = services.create_from_gallery(actor=self.actor, slug=given["card"], name=given["name"])
        return self.to("scorecard-edit", pk=card.pk, number=1)

    def found(self, slug: str) -> GalleryCard:
        card = next((each for each in gallery() if each.slug == slug), None)
        if card is None:
            raise Missing()
        return card

    def page(self, card: GalleryCard, form: GalleryForm, status: int) -> HttpResponse:
        return render(self.request, "scorecards/gallery.html", ready(card) | {"form": form}, status=status)


class ScorecardImportPage(NewDraftPage):
    """A scorecard as a file. What was chosen or pasted stays in sight when it is refused."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self.page(ImportForm(), [], 200)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, [], 422)
        text = form.cleaned_data["text"]
        try:
            card = services.import_scorecard(actor=self.actor, text=text)
        except Problem as problem:
            return self.refused(text, problem)
        return self.to("scorecard-edit", pk=card.pk, number=1)

    def refused(self, text: str, problem: Problem) -> HttpResponse:
        form = ImportForm({"text": text})
        form.add_error(
            None, problem.detail if not problem.errors else _("This file has errors; nothing was made.")
        )
        errors = [
            {"line": line_of(text, error.pointer), "pointer": error.pointer, "detail": error.detail}
            for error in problem.errors
        ]
        return self.page(form, sorted(errors, key=lambda each: each["line"] or 0), problem.status)

    def page(self, form: ImportForm, errors: list[dict[str, Any]], status: int) -> HttpResponse:
        context = {"form": form, "errors": errors}
        return render(self.request, "scorecards/import.html", context, status=status)


class ScorecardDuplicatePage(NewDraftPage):
    """A version as the first draft of a scorecard of its own."""

    def get(self, request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
        version = selectors.version(self.actor, pk, number)
        name = _("Copy of %(name)s") % {"name": version.scorecard.name}
        return self.page(version, NameForm(initial={"name": name}), 200)

    def post(self, request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
        version, form = selectors.version(self.actor, pk, number), NameForm(request.POST)
        if not form.is_valid():
            return self.page(version, form, 422)
        try:
            card = services.duplicate(
                actor=self.actor, scorecard_id=pk, number=number, name=form.cleaned_data["name"]
            )
        except Invalid as problem:
            form.add_error("name", problem.detail)
            return self.page(version, form, problem.status)
        return self.to("scorecard-edit", pk=card.pk, number=1)

    def page(self, version: ScorecardVersion, form: NameForm, status: int) -> HttpResponse:
        context = {"form": form, "version": version, "scorecard": version.scorecard}
        return render(self.request, "scorecards/duplicate.html", context, status=status)
