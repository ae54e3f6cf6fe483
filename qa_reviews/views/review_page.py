"""The page of one review: what it says, what is said about it, its history, and what can be done."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views_base import WorkspacePage
from common import params
from common.errors import Conflict, Invalid, Problem, invalid
from qa_reviews.lifecycle import Move
from qa_reviews.models import Review, ReviewComment
from qa_reviews.policies.basics import hides_reviewer
from qa_reviews.policies.comments import writes_notes
from qa_reviews.policies.disputes import disputable_until
from qa_reviews.policies.reviews import reader_of
from qa_reviews.review_story import Edit, named, story
from qa_reviews.selectors import review_page as page_of
from qa_reviews.selectors import reviews as selectors
from qa_reviews.selectors.comments import people
from qa_reviews.selectors.review_facts import Facts
from qa_reviews.selectors.transcripts import transcript
from qa_reviews.services import drafts
from qa_reviews.services import reviews as services
from qa_reviews.views.review_actions import ACTIONS
from qa_reviews.views.review_panels import panels
from qa_reviews.views.reviews import summary
from scorecards.bands import band_of


class ReviewPage(WorkspacePage):
    """Opening it marks it seen for its agent. Posting names an `action`; one that is refused shows the page
    again with what was typed."""

    capability = Capability.REVIEW_READ

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        services.mark_seen(actor=self.actor, review_id=pk)
        review = selectors.review(self.actor, pk)
        if review.state == Review.State.DRAFT:
            return redirect("review-edit", slug=slug, pk=pk)
        number = request.GET.get("grading")
        return self.show(Facts.of(self.actor, review, params.whole(number, "grading") if number else None))

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        review = selectors.review(self.actor, pk)
        if request.POST.get("action") == Move.DELETE:
            drafts.delete_draft(actor=self.actor, review_id=pk)
            messages.success(request, _("The draft was deleted."))
            return redirect("review-list", slug=slug)
        action = ACTIONS.get(request.POST.get("action", ""))
        if action is None:
            raise invalid("/action", "invalid", _("This page cannot do that."))
        facts = Facts.of(self.actor, review)
        try:
            messages.success(request, action(self.actor, facts, request.POST))
        except (Invalid, Conflict) as problem:
            return self.show(facts, problem)
        return redirect("review", slug=slug, pk=pk)

    def show(self, facts: Facts, problem: Problem | None = None) -> HttpResponse:
        context = self.says(facts) | self.tells(facts) | self.does(facts, problem)
        status = 200 if problem is None else problem.status
        return render(self.request, "qa_reviews/review.html", context, status=status)

    def says(self, facts: Facts) -> dict[str, Any]:
        """The judgement, and the conversation beside it."""
        review = facts.review
        view = page_of.grading_view(
            self.actor, review, facts.grading, facts.definition, facts.disputes, facts.comments
        )
        reader = reader_of(self.actor, review)
        lines = transcript(reader, review.conversation)
        about_me = self.actor.agent_id == review.agent_id
        return summary(self.actor, review) | {
            "agent_name": str(review.agent),
            "about_me": about_me,
            "opens_conversation": reader is self.actor,
            "newest": facts.grading.number == review.gradings_count,
            "view": view,
            "grading": facts.grading,
            "band": band_of(review.scorecard.bands, facts.grading.score),
            "failed_names": [facts.names.get(key, key) for key in facts.grading.failed_by],
            "hide_reviewer": hides_reviewer(self.actor),
            "lines": [{"line": line, "remarks": view.remarks.get(line.message, [])} for line in lines],
            "marks": page_of.marks_json(lines, view.marks),
        }

    def tells(self, facts: Facts) -> dict[str, Any]:
        """The disputes, the talk and the history."""
        review, shown = facts.review, partial(named, self.actor, facts.review)
        talk: dict[str, list[dict[str, Any]]] = {place: [] for place in ReviewComment.Visibility.values}
        for each in facts.comments:
            talk[each.visibility].append({"comment": each, "author": shown(each.author)})
        edits = [
            Edit(shown(each.author), at, before, after)
            for each, at, before, after in page_of.edits_of(facts.comments)
        ]
        return {
            "disputes": [
                {
                    "dispute": each,
                    "by": shown(each.raised_by),
                    "answered_by": shown(each.resolved_by),
                    "assigned_to": shown(each.assigned_to),
                }
                for each in facts.disputes
            ],
            "talk": talk[ReviewComment.Visibility.EVERYONE],
            "notes": talk[ReviewComment.Visibility.REVIEWERS],
            "names": facts.names,
            "people": people(self.actor.workspace),
            "history": story(self.actor, review, facts.gradings, facts.definitions, facts.disputes, edits),
        }

    def does(self, facts: Facts, problem: Problem | None) -> dict[str, Any]:
        """What the actor may do now, and why the last thing he tried was refused."""
        post, review = self.request.POST, facts.review
        until = disputable_until(self.actor, review)
        left = self.actor.workspace.settings.dispute_rounds - len(facts.disputes)
        return panels(self.actor, facts, post, problem) | {
            "reads_notes": writes_notes(self.actor, review),
            "dispute_until": until,
            "dispute_days": until and max((until - timezone.now()).days, 0),
            "dispute_rounds": max(left, 0),
            "problems": [] if problem is None else _sentences(problem),
            "typed": _typed(post) if isinstance(problem, Conflict) else "",
        }


def _sentences(problem: Problem) -> list[str]:
    return [error.detail for error in problem.errors] or [problem.detail]


def _typed(post: QueryDict) -> str:
    """What the actor wrote, to copy from a form that is no longer there."""
    return post.get("comment") or post.get("body") or ""
