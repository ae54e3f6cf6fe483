"""The workbench: a queue item's draft, a hand-made draft, or a revision, beside the transcript."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page

from accounts.access import Capability
from accounts.views_base import WorkspacePage
from common.errors import Conflict, Invalid, Problem, invalid
from qa_reviews.judgement import Judgement
from qa_reviews.lifecycle import Move
from qa_reviews.models import Review
from qa_reviews.policies.reviews import decide
from qa_reviews.selectors import workbench as selectors
from qa_reviews.selectors.card_form import Filled, card_form, judgement_from_form
from qa_reviews.selectors.card_json import card_json, questions_json
from qa_reviews.selectors.queue import questions
from qa_reviews.services import drafts, opening
from qa_reviews.services import reviews as services
from qa_reviews.services.carrying import newest_of, standing
from qa_reviews.services.gradings import context_of
from qa_reviews.views.workbench_words import errors_of, key_names, problems_in, words
from scorecards.selectors import definition_of, pass_mark_of


@method_decorator(gzip_page, name="dispatch")
class GradingPage(WorkspacePage):
    """A scorecard to fill in. `mode` is "draft" or "revise". Long transcripts go out compressed, also where
    no proxy does it."""

    capability = Capability.REVIEW_READ
    mode = "draft"
    is_item = False

    def url(self, name: str, **kwargs: Any) -> str:
        return reverse(name, kwargs={"slug": self.actor.workspace.slug} | kwargs)

    def show(
        self,
        review: Review,
        judgement: Judgement,
        problem: Problem | None = None,
        reason: str = "",
    ) -> HttpResponse:
        bench = selectors.bench(self.actor, review)
        errors = errors_of(judgement, problem)
        groups = card_form(
            bench.definition,
            bench.context,
            Filled(judgement, errors, bench.proposals, bench.decisions),
        )
        context = {
            "review": review,
            "bench": bench,
            "conversation": review.conversation,
            "groups": groups,
            "total": sum(each.visible for group in groups for each in group.categories),
            "comment": judgement.comment,
            "reason": reason,
            "mode": self.mode,
            "is_item": self.is_item,
            "problems": problems_in(errors, problem),
            "back_url": self.back_url(review),
            "data": self.data(bench, judgement),
        } | self.item_context()
        status = 200 if problem is None else problem.status
        return render(self.request, "qa_reviews/workbench.html", context, status=status)

    def data(self, bench: selectors.Bench, judgement: Judgement) -> dict[str, Any]:
        """What the page's scripts need."""
        review = bench.review
        pass_mark = pass_mark_of(review.scorecard, self.actor.workspace.settings.pass_mark)
        return {
            "card": card_json(bench.definition, bench.context),
            "questions": questions_json(bench.definition, bench.context),
            "evidence": {
                each.category: [passage.as_json() for passage in each.evidence]
                for each in judgement.choices
                if each.evidence
            },
            "remarks": [remark.as_json() for remark in judgement.remarks],
            "suggestions": {
                key: {"option": each.option or None, "passages": [p.as_json() for p in each.passages]}
                for key, each in bench.proposals.items()
            },
            "pass_mark": f"{pass_mark:.4f}",
            "mode": self.mode,
            "number": review.draft_number,
            "active": review.active_seconds or 0,
            "urls": self.urls(review) | {"back": self.back_url(review)},
            "words": words(),
            "keys": key_names(),
        }

    def back_url(self, review: Review) -> str:
        if review.calibrated is not None:
            return self.url("calibration", pk=review.calibrated.session_id)
        return self.url("review-list")

    def item_context(self) -> dict[str, Any]:
        """What the page says of a queue item, and where it is moved without scripts."""
        return {}

    def done_url(self, review: Review) -> str:
        """Where a submitted review leads: back to its session, else to its own page."""
        if review.calibrated is not None:
            return self.back_url(review)
        return self.url("review", pk=review.pk)

    def urls(self, review: Review) -> dict[str, str]:
        return {
            "draft": self.url("api-review", pk=review.pk),
            "submit": self.url("api-review-submit", pk=review.pk),
            "done": self.done_url(review),
            "reveal": self.url("api-review-reveal", pk=review.pk),
            "reviewee": self.url("api-review-reviewee", pk=review.pk),
            "edit": self.url("review-edit", pk=review.pk),
            "templates": self.url("api-comment-template-list") if self.actor.can(Capability.GRADE) else "",
            "people": self.url("api-mention-list"),
            "hashtags": self.url("api-hashtag-list"),
            "markdown": self.url("api-markdown"),
        }

    def posted(self, request: HttpRequest, review: Review, before: Judgement) -> Judgement:
        definition = definition_of(review.version)
        context = context_of(conversation=review.conversation, definition=definition)
        return judgement_from_form(definition, context, request.POST, before)


class DraftPage(GradingPage):
    """A draft: saved as one goes, submitted at the end. Works as a plain form, too."""

    def review(self, pk: int) -> Review:
        return selectors.row(self.actor, pk)

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        review = self.review(pk)
        if review.state != Review.State.DRAFT:
            return redirect("review", slug=slug, pk=review.pk)
        decide(self.actor, review, Move.UPDATE).demand()
        return self.show(review, Judgement.of(review.draft))

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        review = self.review(pk)
        judgement = self.posted(request, review, Judgement.of(review.draft))
        try:
            if request.POST.get("action") == "submit":
                drafts.submit(actor=self.actor, review_id=review.pk, judgement=judgement)
                messages.success(request, _("The review was submitted."))
                return self.after_submit(review)
            drafts.save_draft(actor=self.actor, review_id=review.pk, changes=judgement.as_json())
        except Invalid as problem:
            return self.show(review, judgement, problem)
        messages.success(request, _("The draft was saved."))
        return redirect(request.path)

    def after_submit(self, review: Review) -> HttpResponseRedirect:
        return redirect(self.done_url(review))


class ReviewEdit(DraftPage):
    """A draft that was made by hand."""


class Workbench(DraftPage):
    """A queue item: opening it claims it; after it comes the next."""

    capability = Capability.GRADE_ASSIGNED
    is_item = True
    item = 0

    def review(self, pk: int) -> Review:
        self.item = pk
        begun = selectors.at_work(self.actor, pk)
        return begun or selectors.row(self.actor, opening.open_item(actor=self.actor, item_id=pk).pk)

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        try:
            return super().get(request, slug, pk)
        except (Conflict, Invalid) as problem:
            messages.error(request, problem.detail)
            return redirect(self.url("queue"))

    def back_url(self, review: Review) -> str:
        return self.url("queue")

    def item_context(self) -> dict[str, Any]:
        asked = list(questions(self.actor).filter(item=self.item).order_by("pk"))
        return {
            "item_questions": asked,
            "may_ask": all(each.answered_at for each in asked),
            "skip_url": self.url("queue-skip", pk=self.item),
            "ask_url": self.url("queue-ask", pk=self.item),
            "hand_back_url": self.url("queue-hand-back", pk=self.item),
        }

    def data(self, bench: selectors.Bench, judgement: Judgement) -> dict[str, Any]:
        return super().data(bench, judgement) | {"item": self.item}

    def urls(self, review: Review) -> dict[str, str]:
        return super().urls(review) | {
            "next": self.url("api-queue-next"),
            "item": self.url("workbench", pk=0),
            "skip": self.url("api-queue-skip", pk=self.item),
            "ask": self.url("api-queue-ask", pk=self.item),
            "handBack": self.url("api-queue-hand-back", pk=self.item),
        }

    def after_submit(self, review: Review) -> HttpResponseRedirect:
        return redirect(self.url("queue"))


class ReviewRevise(GradingPage):
    """A submitted review, graded once more with a reason."""

    mode = "revise"

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        review = selectors.row(self.actor, pk)
        decide(self.actor, review, Move.REVISE).demand()
        return self.show(review, self.newest(review))

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        review = selectors.row(self.actor, pk)
        decide(self.actor, review, Move.REVISE).demand()
        judgement = self.posted(request, review, self.newest(review))
        reason = request.POST.get("reason", "").replace("\0", "").strip()
        try:
            if not reason:
                raise invalid("/reason", "required", _("Say why it is revised."))
            services.revise(actor=self.actor, review_id=pk, reason=reason, judgement=judgement)
        except Invalid as problem:
            return self.show(review, judgement, problem, reason)
        return redirect("review", slug=slug, pk=pk)

    def newest(self, review: Review) -> Judgement:
        return standing(grading=newest_of(review), whole=True)

    def back_url(self, review: Review) -> str:
        return self.url("review", pk=review.pk)

    def urls(self, review: Review) -> dict[str, str]:
        return super().urls(review) | {"submit": self.url("api-review-revise", pk=review.pk)}
