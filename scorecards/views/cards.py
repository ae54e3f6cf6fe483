"""Pages of scorecards: the list, one version as a rubric, and what may be done to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views_base import WorkspaceTemplatePage
from common.errors import Conflict, Invalid, Stale
from common.etags import etag
from scorecards import policies, selectors, services
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.rubric import rubric
from scorecards.views.base import ScorecardWritePage
from scorecards.wording import offer_words, plain


class ScorecardListPage(WorkspaceTemplatePage):
    capability = Capability.SCORECARD_READ
    template_name = "scorecards/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standing = selectors.standing_versions(self.actor)
        rows = selectors.scorecards(self.actor).order_by("rank", "name", "pk")
        cards = [self.card(row, standing[row.pk]) for row in rows]
        return super().get_context_data(**kwargs) | {"cards": cards, "write": policies.write(self.actor)}

    def card(self, row: Scorecard, version: ScorecardVersion) -> dict[str, Any]:
        versions = row.versions.all()
        return {
            "scorecard": row,
            "version": version,
            "versions": len(versions),
            "rubric": rubric(selectors.definition_of(version)),
            "draft": next((each for each in versions if each.state == "draft"), None),
            "pass_mark": plain(selectors.pass_mark_of(row, self.actor.workspace.settings.pass_mark)),
            "offered": offer_words(row.offer_when),
        }


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
        card = version.scorecard
        return super().get_context_data(**kwargs) | {
            "scorecard": card,
            "version": version,
            "versions": versions,
            "first": versions[-1].number,
            "draft": next((each for each in versions if each.state == "draft"), None),
            "rubric": rubric(definition),
            "start": definition.start,
            "pass_mark": plain(selectors.pass_mark_of(card, self.actor.workspace.settings.pass_mark)),
            "offered": offer_words(card.offer_when),
            "etag": quote(etag(version)),
            "write": policies.write(self.actor),
            "replays": self.actor.can(Capability.NUMBERS_READ_ALL),
            "change": policies.change(self.actor, version),
            "publish": policies.publish(self.actor, version, definition),
            "archive": policies.archive(self.actor, version),
            "add_version": policies.add_version(self.actor, versions),
        }


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
