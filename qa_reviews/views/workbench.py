"""The workbench: a queue item's draft, a hand-made draft, or a revision, beside the transcript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views_base import WorkspacePage
from common.errors import Conflict, FieldError, Invalid, Problem, invalid
from qa_reviews.lifecycle import Move
from qa_reviews.models import Review
from qa_reviews.policies.reviews import decide
from qa_reviews.selectors import cards
from qa_reviews.selectors import reviews as selectors
from qa_reviews.selectors.transcripts import transcript
from qa_reviews.services import drafts, opening
from qa_reviews.services import reviews as services
from qa_reviews.services.gradings import Judgement, context_of, definition_of


class GradingPage(WorkspacePage):
    """A scorecard to fill in. `move` says what submitting does; `mode` is "draft" or "revise"."""

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
        definition = definition_of(review.version)
        context = context_of(conversation=review.conversation, definition=definition)
        errors = _errors(judgement, problem)
        groups = cards.card_form(definition, context, judgement.choices, errors)
        lines = transcript(self.actor, review.conversation)
        back = self.back_url(review)
        return render(
            self.request,
            "qa_reviews/workbench.html",
            {
                "review": review,
                "agent_name": str(review.agent),
                "conversation": review.conversation,
                "lines": lines,
                "groups": groups,
                "total": sum(len(group.categories) for group in groups),
                "comment": judgement.comment,
                "reason": reason,
                "mode": self.mode,
                "is_item": self.is_item,
                "problems": _problems(groups, errors, problem),
                "back_url": back,
                "skip_url": self.skip_url(),
                "data": {
                    "card": cards.card_json(definition, context),
                    "texts": {line.message: line.plain for line in lines},
                    "evidence": {
                        each["category"]: each["evidence"] for each in judgement.as_json()["ratings"]
                    },
                    "pass_mark": f"{self.actor.workspace.settings.pass_mark:.4f}",
                    "mode": self.mode,
                    "number": review.draft_number,
                    "urls": self.urls(review) | {"back": back},
                    "words": _words(),
                    "keys": _key_names(),
                },
            },
            status=200 if problem is None else problem.status,
        )

    def back_url(self, review: Review) -> str:
        return self.url("review-list")

    def skip_url(self) -> str:
        """Where skipping is a page of its own; only queue items can be skipped."""
        return ""

    def urls(self, review: Review) -> dict[str, str]:
        return {
            "draft": self.url("api-review", pk=review.pk),
            "submit": self.url("api-review-submit", pk=review.pk),
            "done": self.url("review", pk=review.pk),
        }

    def posted(self, request: HttpRequest, review: Review, before: Judgement) -> Judgement:
        definition = definition_of(review.version)
        context = context_of(conversation=review.conversation, definition=definition)
        choices = cards.choices_from_form(definition, context, request.POST, before.choices)
        return Judgement(choices, request.POST.get("comment", "").replace("\0", ""))


class DraftPage(GradingPage):
    """A draft: saved as one goes, submitted at the end. Works as a plain form, too."""

    def review(self, pk: int) -> Review:
        return selectors.review(self.actor, pk)

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
        return redirect("review", slug=self.actor.workspace.slug, pk=review.pk)


class ReviewEdit(DraftPage):
    """A draft that was made by hand."""


class Workbench(DraftPage):
    """A queue item: opening it claims it; after it comes the next."""

    capability = Capability.GRADE
    is_item = True
    item = 0

    def review(self, pk: int) -> Review:
        self.item = pk
        return selectors.review(self.actor, opening.open_item(actor=self.actor, item_id=pk).pk)

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        try:
            return super().get(request, slug, pk)
        except Conflict as problem:
            messages.error(request, problem.detail)
            return redirect(self.url("queue"))

    def back_url(self, review: Review) -> str:
        return self.url("queue")

    def skip_url(self) -> str:
        return self.url("queue-skip", pk=self.item)

    def urls(self, review: Review) -> dict[str, str]:
        return super().urls(review) | {
            "next": self.url("api-queue-next"),
            "item": self.url("workbench", pk=0),
            "skip": self.url("api-queue-skip", pk=self.item),
        }

    def after_submit(self, review: Review) -> HttpResponseRedirect:
        return redirect(self.url("queue"))


class ReviewRevise(GradingPage):
    """A submitted review, graded once more with a reason."""

    mode = "revise"

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        review = selectors.review(self.actor, pk)
        decide(self.actor, review, Move.REVISE).demand()
        return self.show(review, self.newest(review))

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        review = selectors.review(self.actor, pk)
        judgement = self.posted(request, review, self.newest(review))
        reason = request.POST.get("reason", "").replace("\0", "").strip()
        try:
            decide(self.actor, review, Move.REVISE).demand()
            if not reason:
                raise invalid("/reason", "required", _("Say why it is revised."))
            services.revise(actor=self.actor, review_id=pk, reason=reason, judgement=judgement)
        except Invalid as problem:
            return self.show(review, judgement, problem, reason)
        return redirect("review", slug=slug, pk=pk)

    def newest(self, review: Review) -> Judgement:
        grading = selectors.newest_grading(review)
        choices = cards.choices_of(selectors.ratings_of(review))
        return Judgement(choices, grading.comment if grading else "")

    def back_url(self, review: Review) -> str:
        return self.url("review", pk=review.pk)

    def urls(self, review: Review) -> dict[str, str]:
        return super().urls(review) | {"submit": self.url("api-review-revise", pk=review.pk)}


def _errors(judgement: Judgement, problem: Problem | None) -> dict[str, str]:
    """The first error of each category that a refusal names."""
    found: dict[str, str] = {}
    for error in problem.errors if problem else ():
        key = _category_of(judgement, error)
        if key:
            found.setdefault(key, error.detail)
    return found


def _category_of(judgement: Judgement, error: FieldError) -> str:
    parts = error.pointer.split("/")
    if len(parts) > 2 and parts[1] == "ratings" and parts[2].isdigit():
        return judgement.choices[int(parts[2])].category
    return ""


def _problems(
    groups: Iterable[cards.GroupForm], errors: Mapping[str, str], problem: Problem | None
) -> list[dict[str, str]]:
    """Each error in words, linked to its category where it has one."""
    listed = [{"key": key, "text": text} for key, text in errors.items()]
    others = [error.detail for error in problem.errors] if problem else []
    return listed + [{"key": "", "text": text} for text in others if text not in errors.values()]


def _words() -> dict[str, str]:
    return {
        "fresh": "",
        "kept": _("Draft saved"),
        "unsaved": _("Not saved yet"),
        "saving": _("Saving…"),
        "saved": _("Saved {time}"),
        "offline": _("No connection: trying again"),
        "stale": _("Not saved: open elsewhere"),
        "refused": _("Not saved"),
        "staleHelp": _(
            "This draft was saved in another tab or by another device. Nothing here overwrites it: reload "
            "this page to go on with the newer one."
        ),
        "required": _("Choose an option or N/A."),
        "commentRequired": _("This rating needs a comment."),
        "incomplete": _("Not submitted: {count} to complete."),
        "notSubmitted": _("Not submitted: the server cannot be reached. What you chose is still here."),
        "reasonRequired": _("Say why it is revised."),
        "selectFirst": _("Select words of one message first."),
        "quoted": _("Added to the category as evidence."),
        "unfailed": _("Without the critical failure:"),
    }


def _key_names() -> dict[str, str]:
    return {
        "title": _("Grading"),
        "next": _("Next category"),
        "previous": _("Previous category"),
        "option": _("Choose an option"),
        "na": _("Not applicable"),
        "comment": _("Comment"),
        "cause": _("Root causes"),
        "evidence": _("Selected words as evidence"),
        "undo": _("Undo the last choice"),
        "submit": _("Submit, then the next"),
        "skip": _("Skip"),
        "back": _("Back"),
    }
