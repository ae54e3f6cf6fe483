"""Pages of draws: the ledger and its proof."""

from __future__ import annotations

from typing import Any

from accounts.access import Capability
from accounts.views.pages import page_links
from accounts.views_base import WorkspaceTemplatePage
from common.paging import page
from qa_reviews.selectors import draws as draw_rows
from qa_reviews.selectors.ledgers import verify


class DrawPage(WorkspaceTemplatePage):
    """A draw's ledger; `?verify=1` recomputes it."""

    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/draw.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        draw = draw_rows.draw(self.actor, self.kwargs["pk"])
        items = page(draw_rows.draw_items(self.actor, draw), ("id",), 100, self.request.GET.get("cursor"))
        strata = list(draw_rows.strata(self.actor, draw))
        verdict = verify(self.actor, draw.pk) if self.request.GET.get("verify") else None
        return (
            super().get_context_data(**kwargs)
            | page_links(self.request, items)
            | {
                "draw": draw,
                "strata": strata,
                "items": items.rows,
                "late": draw_rows.late(self.actor, draw),
                "allowed": draw_rows.allowed_reviewers(self.actor, draw),
                "done": sum(row.done for row in strata),  # type: ignore[attr-defined]
                "drawn": sum(row.drawn for row in strata),
                "verdict": verdict,
            }
        )
