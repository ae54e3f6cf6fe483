"""Pages of draws: the ledger and its proof, a bigger quota, a period drawn anew."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views.forms import FormPage
from accounts.views.pages import page_links
from accounts.views_base import WorkspaceTemplatePage
from common.paging import page
from qa_reviews.draw_forms import RaiseForm, RedrawForm, quota_words, shown_quota
from qa_reviews.models import Draw
from qa_reviews.policies.draws import may_raise, may_reach
from qa_reviews.selectors import draws as selectors
from qa_reviews.selectors.frames import stored_quota
from qa_reviews.selectors.ledgers import verify
from qa_reviews.services.raises import raise_quota
from qa_reviews.services.redraws import redraw

STRATA_SHOWN = 200


class DrawPage(WorkspaceTemplatePage):
    """A draw's ledger; `?verify=1` recomputes it."""

    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/draw.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        draw = selectors.draw(self.actor, self.kwargs["pk"])
        items = page(selectors.draw_items(self.actor, draw), ("id",), 100, self.request.GET.get("cursor"))
        strata = list(selectors.strata(self.actor, draw))
        verdict = verify(self.actor, draw.pk) if self.request.GET.get("verify") else None
        return (
            super().get_context_data(**kwargs)
            | page_links(self.request, items)
            | {
                "draw": draw,
                "quota": quota_words(stored_quota(draw.terms)),
                "raises": [(each, quota_words(each.quota)) for each in selectors.raises(self.actor, draw)],
                "may_raise": may_raise(self.actor, draw),
                "strata": strata[:STRATA_SHOWN],
                "more_strata": max(0, len(strata) - STRATA_SHOWN),
                "items": items.rows,
                "late": selectors.late(self.actor, draw),
                "allowed": selectors.allowed_reviewers(self.actor, draw),
                "done": sum(row.done for row in strata),  # type: ignore[attr-defined]
                "drawn": sum(row.drawn for row in strata),
                "verdict": verdict,
            }
        )


class DrawFormPage(FormPage):
    """A form about one draw, for who may draw its plan."""

    capability = Capability.PLAN_MANAGE

    def draw(self) -> Draw:
        draw = selectors.draw(self.actor, self.kwargs["pk"])
        may_reach(self.actor, draw).demand()
        return draw

    def context(self) -> dict[str, Any]:
        return {"draw": self.draw()}


class DrawRaisePage(DrawFormPage):
    template_name = "qa_reviews/draw_raise.html"

    def form(self, data: Any = None) -> RaiseForm:
        return RaiseForm(data, initial=shown_quota(stored_quota(self.draw().terms)))

    def save(self, form: RaiseForm) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        draw = raise_quota(actor=self.actor, draw_id=self.kwargs["pk"], quota=form.as_quota(), reason=reason)
        messages.success(self.request, _("The quota is raised: what was drawn before is still there."))
        return redirect("draw", self.actor.workspace.slug, draw.pk)


class DrawRedrawPage(DrawFormPage):
    template_name = "qa_reviews/draw_redraw.html"

    def form(self, data: Any = None) -> RedrawForm:
        self.draw()
        return RedrawForm(data)

    def save(self, form: RedrawForm) -> HttpResponse:
        draw = redraw(actor=self.actor, draw_id=self.kwargs["pk"], reason=form.cleaned_data["reason"])
        messages.success(self.request, _("Drawn anew. The former draw can still be read."))
        return redirect("draw", self.actor.workspace.slug, draw.pk)
