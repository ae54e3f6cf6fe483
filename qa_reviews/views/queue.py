"""Pages of the reviewer's queue: the list, the next one, skip, hand back, ask, reassign; and the answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views.forms import FormPage
from accounts.views.pages import page_links
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.paging import page
from qa_reviews.forms import AnswerForm, AskForm, ReassignForm, SkipForm
from qa_reviews.models import QueueItem, QueueQuestion
from qa_reviews.policies.queue import may_answer, may_ask, may_reassign, may_skip
from qa_reviews.selectors import queue as selectors
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import graders_like, takers, takes_of
from qa_reviews.services import queue as services

ASSIGNED = Capability.GRADE_ASSIGNED


class QueuePage(WorkspaceTemplatePage):
    """What waits for the reviewer: how far he is, the conversations themselves, and what he asked about."""

    capability = ASSIGNED
    template_name = "qa_reviews/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = selectors.mine(self.actor).exclude(selectors.is_asked())
        found = page(rows, selectors.ORDER, cursor=self.request.GET.get("cursor"))
        asked = list(selectors.own_questions(self.actor))
        grades = self.actor.can(Capability.GRADE)
        return (
            super().get_context_data(**kwargs)
            | page_links(self.request, found)
            | {
                "items": found.rows,
                "cycles": selectors.cycles(self.actor),
                "goal": selectors.goal(self.actor),
                "asked": [each for each in asked if each.answered_at is None],
                "answered": {each.item_id for each in asked if each.answered_at is not None},
                "pool": selectors.pool_size(self.actor) if grades else 0,
                "today": today(self.actor),
                "grades": grades,
                "plans": self.actor.can(Capability.PLAN_MANAGE),
                "picks": grades and self.actor.workspace.settings.reviewers_pick,
            }
        )


class QueueNextPage(WorkspacePage):
    capability = ASSIGNED

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        item = services.next_item(actor=self.actor)
        if item is None:
            messages.info(request, _("Nothing waits for you."))
            return redirect("queue", slug)
        return redirect("workbench", slug, item.pk)


class QueueHandBackPage(WorkspacePage):
    capability = ASSIGNED

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        item = services.hand_back(actor=self.actor, item_id=pk)
        if item.reviewer_id is None:
            messages.success(request, _("Handed back: others can take it now."))
        else:
            messages.success(request, _("Laid down again. It waits in your queue."))
        return redirect("queue", slug)


class ItemFormPage(FormPage):
    """A form about one item."""

    def item(self) -> QueueItem:
        return selectors.item(self.actor, self.kwargs["pk"])

    def context(self) -> dict[str, Any]:
        return {"item": self.item()}


class QueueSkipPage(ItemFormPage):
    capability = ASSIGNED
    template_name = "qa_reviews/queue_skip.html"

    def form(self, data: Any = None) -> SkipForm:
        may_skip(self.actor, self.item()).demand()
        return SkipForm(data)

    def save(self, form: SkipForm) -> HttpResponse:
        services.skip(actor=self.actor, item_id=self.kwargs["pk"], **form.cleaned_data)
        messages.success(self.request, _("Set aside."))
        return redirect("queue", self.actor.workspace.slug)


class QueueAskPage(ItemFormPage):
    capability = ASSIGNED
    template_name = "qa_reviews/queue_ask.html"

    def form(self, data: Any = None) -> AskForm:
        may_ask(self.actor, self.item()).demand()
        return AskForm(data)

    def save(self, form: AskForm) -> HttpResponse:
        services.ask_lead(actor=self.actor, item_id=self.kwargs["pk"], **form.cleaned_data)
        messages.success(self.request, _("Asked. You will be told when somebody answers."))
        return redirect("queue", self.actor.workspace.slug)


class QueueReassignPage(ItemFormPage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/queue_reassign.html"

    def form(self, data: Any = None) -> ReassignForm:
        item, on = self.item(), today(self.actor)
        may_reassign(self.actor, item).demand()
        able = takers(graders_like(self.actor, item.draw.plan, on), takes_of(item), on)
        return ReassignForm(data, members=[(each.id, each.name) for each in able])

    def save(self, form: ReassignForm) -> HttpResponse:
        reviewer = form.cleaned_data["reviewer"]
        item = services.reassign(actor=self.actor, item_id=self.kwargs["pk"], reviewer_id=reviewer)
        messages.success(self.request, _("Handed over to %(name)s.") % {"name": item.reviewer})
        return redirect("draw", self.actor.workspace.slug, item.draw_id)


class QuestionListPage(WorkspaceTemplatePage):
    """What reviewers ask the lead, the oldest first."""

    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/questions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = page(selectors.open_questions(self.actor), ("id",), cursor=self.request.GET.get("cursor"))
        shown = super().get_context_data(**kwargs) | page_links(self.request, found)
        return shown | {"questions": found.rows}


class QuestionAnswerPage(FormPage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/question_answer.html"

    def question(self) -> QueueQuestion:
        return selectors.question(self.actor, self.kwargs["pk"])

    def context(self) -> dict[str, Any]:
        return {"question": self.question()}

    def form(self, data: Any = None) -> AnswerForm:
        may_answer(self.actor, self.question()).demand()
        return AnswerForm(data)

    def save(self, form: AnswerForm) -> HttpResponse:
        services.answer_question(
            actor=self.actor, question_id=self.kwargs["pk"], answer=form.cleaned_data["answer"]
        )
        messages.success(self.request, _("Answered."))
        return redirect("question-list", self.actor.workspace.slug)
