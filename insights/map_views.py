"""The page of IQS and CSAT."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Capability
from common.errors import Invalid
from insights import selectors
from insights.figures import csat_figure, iqs_figure
from insights.how import how_url
from insights.map_figures import (
    association_figure,
    direction,
    drivers_table,
    map_chart,
    map_table,
    mix_table,
)
from insights.map_forms import MIX_WORDS, MapForm
from insights.map_parameters import read_map
from insights.pages import TablesPage
from insights.query import Query
from insights.selectors import Place
from insights.selectors.quality_map import MapAsked, QualityMap, quality_map
from insights.selectors.references import reference_lines
from insights.stats.association import LEAST_AGENTS, LEAST_PAIRS


class QualityMapPage(TablesPage):
    """Where each agent stands between IQS and CSAT, and whether the two go together."""

    capability = Capability.NUMBERS_READ_ALL
    template_name = "insights/iqs_csat.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, problem = self.asked()
        found = quality_map(self.actor, asked)
        teams = list(selectors.teams_in_scope(self.actor))
        iqs_lines, csat_lines = (reference_lines(self.actor, metric) for metric in ("iqs", "csat"))
        shared = self.filters(asked.query, teams) | {"form": MapForm(asked, teams)}
        return (
            super().get_context_data(**kwargs)
            | shared
            | self.connections(found)
            | self.whole(found)
            | {
                "found": found,
                "problem": problem,
                "chart": map_chart(self.actor, found, iqs_lines, csat_lines),
                "references": [*iqs_lines, *csat_lines],
                "mix": MIX_WORDS[asked.mix],
                "tables": [
                    map_table(self.actor, found, self.request.GET.get("sort", "name")),
                    drivers_table(found.drivers),
                    mix_table(self.actor, found),
                ],
            }
        )

    def asked(self) -> tuple[MapAsked, str]:
        """The question of the address, and what is wrong with it; then the last 13 weeks are shown."""
        try:
            return read_map(self.actor, self.request.GET, {"sort", "format"}), ""
        except Invalid as problem:
            return MapAsked(Query(selectors.recent_weeks(self.actor), axis="closed")), problem.detail

    def connections(self, found: QualityMap) -> dict[str, Any]:
        """How closely scores and answers go together: of conversations, and of agents."""
        pairs, agents = found.conversations, found.between
        needed = {"found": pairs.pairs, "needed": LEAST_PAIRS}
        few_pairs = _("%(found)d of %(needed)d conversations") % needed
        few_agents = _("%(found)d of %(needed)d agents") % {"found": agents.pairs, "needed": LEAST_AGENTS}
        return {
            "conversations": association_figure(pairs, few_pairs),
            "conversations_say": direction(pairs),
            "between": association_figure(agents, few_agents),
            "between_say": direction(agents),
        }

    def whole(self, found: QualityMap) -> dict[str, Any]:
        """The numbers of all together."""
        settings = self.actor.workspace.settings
        return {
            "iqs": found.iqs and iqs_figure(found.iqs, settings.min_team_reviews),
            "csat": csat_figure(found.csat, settings.min_answers),
            "how_url": how_url(self.actor.workspace.slug, Place(found.asked.query)),
        }
