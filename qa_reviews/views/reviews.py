"""The explorer of reviews: a list with filters that can be kept, and deep links into it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import Actor, Capability
from accounts.views.pages import page_links
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common import params
from common.paging import page
from qa_reviews.models import Review, SavedView
from qa_reviews.policies.basics import hides_reviewer, reads_others
from qa_reviews.review_forms import ReviewFilterForm
from qa_reviews.selectors import reviews as selectors
from qa_reviews.selectors.review_filters import hashtag_counts
from qa_reviews.services import release
from qa_reviews.views.listing import address_with, saved_views_of
from scorecards.scoring import passed
from scorecards.selectors import pass_mark_of

LATEST_FIRST = ("-submitted_at", "-id")
MOST_HASHTAGS = 12
NOT_FOR_AGENTS = ["agent", "team", "mine", "held", "active_min", "active_max"]
STATES = {
    Review.State.DRAFT: gettext_lazy("Draft"),
    Review.State.SUBMITTED: gettext_lazy("Submitted"),
    Review.State.DISPUTED: gettext_lazy("Disputed"),
    Review.State.RESOLVED: gettext_lazy("Resolved"),
    Review.State.RETRACTED: gettext_lazy("Retracted"),
}


class ReviewListPage(WorkspaceTemplatePage):
    """Submitted reviews, latest first; drafts where they are asked for."""

    capability = Capability.REVIEW_READ
    template_name = "qa_reviews/reviews.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        params.check_known(query, selectors.FILTERS | params.PAGING)
        rows = selectors.filtered(self.actor, selectors.reviews(self.actor), _query(query))
        drafts = query.getlist("state") == [Review.State.DRAFT]
        rows = rows if drafts else rows.exclude(submitted_at=None)
        order = selectors.NEWEST_FIRST if drafts else LATEST_FIRST
        found = page(rows, order, params.limit(query), query.get("cursor"))
        return (
            super().get_context_data(**kwargs)
            | _filters(self.actor, query)
            | page_links(self.request, found)
            | {
                "rows": [summary(self.actor, review) for review in found.rows],
                "drafts": drafts,
                "own_drafts": selectors.own_drafts(self.actor).count(),
                "hashtags": _hashtags(query, hashtag_counts(rows, MOST_HASHTAGS)),
                "hide_reviewer": hides_reviewer(self.actor),
                "leads": reads_others(self.actor),
                "export_url": _export_url(self.actor, query),
                "releasing": _releasing(self.actor, query),
            }
        )


class ReviewRelease(WorkspacePage):
    """Release the chosen reviews that are held back, or all of them in the actor's scope."""

    capability = Capability.REVIEW_MANAGE

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        chosen = None
        if request.POST.get("all") != "true":
            chosen = [params.whole(value, "review") for value in request.POST.getlist("review")]
        count = release.release_reviews(actor=self.actor, review_ids=chosen)
        words = ngettext(
            "%(count)d review was released: its agent is told.",
            "%(count)d reviews were released: their agents are told.",
            count,
        )
        messages.success(request, words % {"count": count})
        return redirect("review-list", slug=slug)


class ReviewBy(WorkspacePage):
    """A stable address of an imported review: the names its source knows it by."""

    capability = Capability.REVIEW_READ

    def get(self, request: HttpRequest, slug: str, source: str, external_id: str) -> HttpResponse:
        return redirect("review", slug=slug, pk=selectors.by_external_id(self.actor, source, external_id))


def summary(actor: Actor, review: Review) -> dict[str, Any]:
    """A review with its pass mark, whether it passed, and its state in words."""
    pass_mark = pass_mark_of(review.scorecard, actor.workspace.settings.pass_mark)
    return {
        "review": review,
        "pass_mark": pass_mark,
        "passed": passed(review.score, pass_mark),
        "state": STATES[Review.State(review.state)],
    }


def _filters(actor: Actor, query: QueryDict) -> dict[str, Any]:
    """The form of the filters, a chip for each that is set, and the views kept of them."""
    without = [] if reads_others(actor) else [*NOT_FOR_AGENTS]
    without += ["reviewer"] if hides_reviewer(actor) else []
    form = ReviewFilterForm(query or None, choices=selectors.filter_choices(actor), without=without)
    return {
        "form": form,
        "chips": _chips(form, query),
        "clear_url": reverse("review-list", kwargs={"slug": actor.workspace.slug}),
        **saved_views_of(actor, SavedView.Page.REVIEWS, query),
    }


def _hashtags(query: QueryDict, counted: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """Each hashtag with its count, and the address of the reviews that have it."""
    found = []
    for tag, count in counted:
        narrowed = query.copy()
        narrowed.pop("cursor", None)
        narrowed["hashtag"] = tag
        found.append({"tag": tag, "count": count, "url": f"?{narrowed.urlencode()}"})
    return found


def _releasing(actor: Actor, query: QueryDict) -> dict[str, Any] | None:
    """How many reviews the actor could release, and whether the list shows them to choose from."""
    if not actor.can(Capability.REVIEW_MANAGE):
        return None
    count = release.waiting(actor=actor).filter(held=True).count()
    return {"count": count, "choosing": query.get("held") == "true"} if count else None


def _export_url(actor: Actor, query: QueryDict) -> str:
    """The same rows as a file, for who may export."""
    if not actor.can(Capability.EXPORT):
        return ""
    filters = _query(query)
    for name in params.PAGING:
        filters.pop(name, None)
    return f"{reverse('api-review-export', kwargs={'slug': actor.workspace.slug})}?{filters.urlencode()}"


def _query(query: QueryDict) -> QueryDict:
    """The page's parameters as the filters take them: one end of a period is enough here."""
    found = query.copy()
    if found.get("from") and not found.get("to"):
        found["to"] = "2199-12-31"
    elif found.get("to") and not found.get("from"):
        found["from"] = "1970-01-01"
    return found


def _chips(form: ReviewFilterForm, query: QueryDict) -> list[dict[str, Any]]:
    """One chip for each value that filters, in words, with the address without it."""
    found = []
    for name, field in form.fields.items():
        for value in query.getlist(name):
            if not value:
                continue
            words = {str(key): label for key, label in getattr(field, "choices", ())}
            others = [each for each in query.getlist(name) if each != value]
            found.append(
                {
                    "label": field.label,
                    "value": words.get(value, value),
                    "remove_url": address_with(query, {name: others}),
                }
            )
    return found
