"""What holds for all versions of a scorecard: name, pass mark, bands, when it is offered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from common.errors import Invalid, Stale
from common.etags import etag
from scorecards import selectors, services
from scorecards.forms import BandFormSet, SettingsForm, band_rows
from scorecards.models import Scorecard
from scorecards.views.base import ScorecardWritePage
from scorecards.wording import plain


class ScorecardSettingsPage(ScorecardWritePage):
    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        card = selectors.scorecard(self.actor, pk)
        mark = card.pass_mark
        initial = {
            "name": card.name,
            "pass_mark": None if mark is None else plain(mark),
            "rank": card.rank,
            "etag": etag(card),
            **card.offer_when,
        }
        return self.page(card, SettingsForm(initial=initial), band_rows(bands=card.bands), 200)

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        card = selectors.scorecard(self.actor, pk)
        form, bands = SettingsForm(request.POST), band_rows(request.POST)
        if not (form.is_valid() and bands.is_valid()):
            return self.page(card, form, bands, 422)
        try:
            services.update_scorecard(
                actor=self.actor,
                scorecard_id=pk,
                changes=form.changes(bands),
                if_match=form.cleaned_data["etag"],
            )
        except Invalid as problem:
            form.blame(problem.errors)
            return self.page(card, form, bands, problem.status)
        except Stale as problem:
            data = request.POST.copy()
            data["etag"] = etag(card)
            form = SettingsForm(data)
            form.add_error(
                None, _("Somebody changed this since you opened it. Save again to replace theirs.")
            )
            return self.page(card, form, bands, problem.status)
        messages.success(request, _("The settings are saved."))
        return self.to("scorecard", pk=pk)

    def page(self, card: Scorecard, form: SettingsForm, bands: BandFormSet, status: int) -> HttpResponse:
        context = {
            "form": form,
            "bands": bands,
            "scorecard": card,
            "default_mark": plain(self.actor.workspace.settings.pass_mark),
        }
        return render(self.request, "scorecards/settings.html", context, status=status)
