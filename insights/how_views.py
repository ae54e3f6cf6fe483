"""The page that shows how one number came about."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access import Actor, Capability
from accounts.views_base import WorkspaceTemplatePage
from common.errors import Invalid
from insights import figures, how, selectors
from insights.selectors import Explained, Place


class HowPage(WorkspaceTemplatePage):
    """One estimate with its frame, bands, reviews, variance and range."""

    capability = Capability.NUMBERS_READ
    template_name = "insights/how.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        try:
            found = selectors.explain(self.actor, how.read(self.actor, self.request.GET))
        except Invalid as problem:
            return context | {"problem": problem.detail}
        settings = self.actor.workspace.settings
        of_agent = "agent" in found.place.query.group_by or len(found.place.query.agents) == 1
        needed = settings.min_reviews if of_agent else settings.min_team_reviews
        return context | {
            "found": found,
            "estimate": found.estimate,
            "figure": figures.iqs_figure(found.estimate, needed),
            "of": subject(self.actor, found.place),
            "period": found.place.query.period,
            "is_pass": found.place.number == "pass_rate",
            "against": _against(found),
        }


def _against(found: Explained) -> float | None:
    """p (1 - p) x 10,000: what the variance is set against."""
    level = found.working.level
    return None if level is None else level * (1 - level) * 10_000


def subject(actor: Actor, place: Place) -> str:
    """Whose number it is, in words: "Ana Silva, Tone"; empty for the whole."""
    query, dims, key = place.query, place.query.group_by, place.key
    if not dims and len(query.agents) == 1:
        dims, key = ("agent",), query.agents
    elif not dims and len(query.teams) == 1:
        dims, key = ("team",), query.teams
    names = selectors.names_of(actor, dims, [key])
    words = [names.word(dim, value) for dim, value in zip(dims, key, strict=True)]
    if place.start:
        words.append(_("from %(day)s") % {"day": date_format(place.start, "j M Y")})
    return ", ".join(words)
