"""Pages of reviews: the list with its filters, one review with its history, a review begun by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common import params
from common.errors import invalid
from common.paging import page
from common.refs import Ref
from qa_reviews.lifecycle import Move
from qa_reviews.models import Review
from qa_reviews.policies.reviews import decide, hides_reviewer
from qa_reviews.review_forms import ReviewFilterForm, StartForm
from qa_reviews.selectors import cards
from qa_reviews.selectors import reviews as selectors
from qa_reviews.selectors.transcripts import transcript
from qa_reviews.services import drafts, opening
from qa_reviews.services import reviews as services
from qa_reviews.services.gradings import Judgement, definition_of
from qa_reviews.services.opening import NewReview
from scorecards.scoring import passed

LATEST_FIRST = ("-submitted_at", "-id")
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
        hide = hides_reviewer(self.actor)
        choices = selectors.filter_choices(self.actor)
        form = ReviewFilterForm(query or None, choices=choices, without=["reviewer"] if hide else [])
        drafts = query.getlist("state") == [Review.State.DRAFT]
        order = selectors.NEWEST_FIRST if drafts else LATEST_FIRST
        found = page(rows if drafts else rows.exclude(submitted_at=None), order, cursor=query.get("cursor"))
        return super().get_context_data(**kwargs) | {
            "rows": [_row(self.actor, review) for review in found.rows],
            "drafts": drafts,
            "own_drafts": selectors.own_drafts(self.actor).count(),
            "next_url": _with(query, cursor=found.next) if found.next else None,
            "previous_url": _with(query, cursor=found.previous) if found.previous else None,
            "form": form,
            "chips": _chips(form, query),
            "clear_url": self.request.path,
            "hide_reviewer": hide,
            "export_url": _export_url(self.actor, query),
        }


class ReviewPage(WorkspacePage):
    """One review. Opening it marks it seen for its agent; posting acknowledges, retracts or deletes it."""

    capability = Capability.REVIEW_READ

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        services.mark_seen(actor=self.actor, review_id=pk)
        review = selectors.review(self.actor, pk)
        if review.state == Review.State.DRAFT:
            return redirect("review-edit", slug=slug, pk=pk)
        return render(request, "qa_reviews/review.html", _detail(self.actor, review))

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        selectors.review(self.actor, pk)
        action = request.POST.get("action", "")
        if action == Move.ACKNOWLEDGE:
            services.acknowledge(actor=self.actor, review_id=pk)
            messages.success(request, _("Thank you: your reviewer sees that you have read it."))
        elif action == Move.RETRACT:
            services.retract(actor=self.actor, review_id=pk, reason=_reason(request))
            messages.success(request, _("The review was retracted. It counts nowhere any more."))
        elif action == Move.DELETE:
            drafts.delete_draft(actor=self.actor, review_id=pk)
            messages.success(request, _("The draft was deleted."))
            return redirect("review-list", slug=slug)
        else:
            raise invalid("/action", "invalid", _("This page cannot do that."))
        return redirect("review", slug=slug, pk=pk)


class ReviewNew(WorkspacePage):
    """Begin a review by hand: of a conversation, with a scorecard."""

    capability = Capability.GRADE

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        initial = {"conversation": request.GET.get("conversation", "")}
        return self.show(StartForm(initial=initial, scorecards=selectors.gradable_scorecards(self.actor)))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = StartForm(request.POST, scorecards=selectors.gradable_scorecards(self.actor))
        if not form.is_valid():
            return self.show(form, 422)
        review = opening.create_review(
            actor=self.actor,
            new=NewReview(
                conversation=Ref(id=form.cleaned_data["conversation"]),
                scorecard=Ref(id=int(form.cleaned_data["scorecard"])),
            ),
            judgement=Judgement(),
        )
        return redirect("review-edit", slug=slug, pk=review.pk)

    def show(self, form: StartForm, status: int = 200) -> HttpResponse:
        return render(self.request, "qa_reviews/review_new.html", {"form": form}, status=status)


def _reason(request: HttpRequest) -> str:
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    if not reason:
        raise invalid("/reason", "required", _("Say why the review is retracted."))
    return reason


def _row(actor: Actor, review: Review) -> dict[str, Any]:
    pass_mark = actor.workspace.settings.pass_mark
    return {
        "review": review,
        "passed": passed(review.score, pass_mark),
        "state": STATES[Review.State(review.state)],
    }


def _detail(actor: Actor, review: Review) -> dict[str, Any]:
    definition = definition_of(review.version)
    grading = selectors.newest_grading(review)
    groups = grading.groups if grading else []
    names = {category.key: category.name for category in definition.categories}
    return _row(actor, review) | {
        "agent_name": str(review.agent),
        "grading": grading,
        "groups": cards.judged_card(definition, selectors.ratings_of(review), groups, review.failed_by),
        "failed_names": [names.get(key, key) for key in review.failed_by],
        "pass_mark": actor.workspace.settings.pass_mark,
        "hide_reviewer": hides_reviewer(actor),
        "history": _history(review, hides_reviewer(actor)),
        "lines": transcript(actor, review.conversation),
        "decisions": {move.value: decide(actor, review, move) for move in Move},
        "about_me": actor.agent_id == review.agent_id,
    }


def _history(review: Review, hide: bool) -> list[dict[str, Any]]:
    """The review's life for parts/timeline.html."""
    found: list[dict[str, Any]] = []
    for grading in review.gradings.all():
        first = grading.number == 1
        score = _("no score") if grading.score is None else f"{grading.score.normalize():f}"
        found.append(
            {
                "title": _("Submitted") if first else _("Revised"),
                "actor": "" if hide or grading.grader is None else grading.grader.name,
                "at": review.submitted_at if first else grading.created_at,
                "text": _("Score: %(score)s") % {"score": score}
                + (f". {grading.reason}" if grading.reason else ""),
                "icon": "reviews" if first else "undo",
            }
        )
    for title, at, icon in (
        (_("Seen by the agent"), review.seen_at, "info"),
        (_("Acknowledged by the agent"), review.acknowledged_at, "good"),
        (_("Retracted"), review.retracted_at, "close"),
    ):
        if at is not None:
            found.append({"title": title, "at": at, "icon": icon})
    return sorted(found, key=lambda each: each["at"])


def _export_url(actor: Actor, query: QueryDict) -> str:
    """The same rows as a file, for who may export."""
    if not actor.can(Capability.EXPORT):
        return ""
    filters = _query(query)
    filters.pop("cursor", None)
    return f"{reverse('api-review-export', kwargs={'slug': actor.workspace.slug})}?{filters.urlencode()}"


def _query(query: QueryDict) -> QueryDict:
    """The page's parameters as the filters take them: one end of a period is enough here."""
    found = query.copy()
    if found.get("from") and not found.get("to"):
        found["to"] = "2199-12-31"
    elif found.get("to") and not found.get("from"):
        found["from"] = "1970-01-01"
    return found


def _with(query: QueryDict, **values: str | None) -> str:
    changed = query.copy()
    for name, value in values.items():
        changed[name] = value or ""
    return f"?{changed.urlencode()}"


def _chips(form: ReviewFilterForm, query: QueryDict) -> list[dict[str, Any]]:
    """One chip for each value that filters, in words, with the address without it."""
    found = []
    for name, field in form.fields.items():
        for value in query.getlist(name):
            if not value:
                continue
            words = {str(key): label for key, label in getattr(field, "choices", ())}
            without = query.copy()
            without.setlist(name, [each for each in query.getlist(name) if each != value])
            without.pop("cursor", None)
            found.append(
                {
                    "label": field.label,
                    "value": words.get(value, value),
                    "remove_url": f"?{without.urlencode()}",
                }
            )
    return found
