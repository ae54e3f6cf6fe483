"""Pages of conversations: the list, and one with its transcript."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.views.pages import page_links
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common import params
from common.paging import page
from conversations import selectors as rows_of
from conversations.filters import ATTRIBUTE
from conversations.forms import ConversationFilterForm
from conversations.models import Conversation, SurveyResponse
from qa_reviews.policies.basics import hides_reviewer
from qa_reviews.policies.conversations import may_review, may_review_self, may_see_csat
from qa_reviews.selectors import conversations as selectors
from qa_reviews.selectors.disputes import agents_in
from qa_reviews.selectors.transcripts import transcript

CLOSED = (Conversation.Status.CLOSED,)
RUNNING = (Conversation.Status.OPEN, Conversation.Status.PENDING)
STATUSES = {"open": _("Open"), "pending": _("Pending"), "closed": _("Closed")}
KINDS = {"csat": _("Satisfaction (CSAT)"), "ces": _("Effort (CES)"), "nps": _("Recommendation (NPS)")}
EXTRA = {"source": _("Source"), "reopened_min": _("Reopened at least"), "handling_min": _("Handled at least")}


class ConversationListPage(WorkspaceTemplatePage):
    """Closed ones, latest first, unless the address says otherwise."""

    capability = Capability.CONVERSATION_READ
    template_name = "qa_reviews/conversations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        if not any(query.getlist("status")):
            query.setlist("status", list(CLOSED))
        rows, order = selectors.listed(self.actor, query, params.PAGING)
        found = page(rows, order, params.limit(query), query.get("cursor"))
        counts = selectors.review_counts(self.actor, found.rows)
        form = ConversationFilterForm(
            query,
            choices=selectors.filter_choices(self.actor),
            sees_csat=may_see_csat(self.actor).allowed,
        )
        return super().get_context_data(**kwargs) | {
            "rows": [{"conversation": one, "reviews": counts.get(one.pk, 0)} for one in found.rows],
            "form": form,
            "chips": _chips(form, query),
            "clear_url": _address(query, {}, keep={"status"}),
            "closed": query.getlist("status") == list(CLOSED),
            "closed_url": _address(query, {"status": CLOSED}),
            "running_url": _address(query, {"status": RUNNING}),
            "imports": self.actor.can(Capability.IMPORT),
            **page_links(self.request, found),
        }


class ConversationPage(WorkspaceTemplatePage):
    """The transcript with what is known about the conversation."""

    capability = Capability.CONVERSATION_READ
    template_name = "qa_reviews/conversation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        conversation = rows_of.conversation(self.actor, kwargs["pk"])
        answers = selectors.answers_to(self.actor, conversation)
        return super().get_context_data(**kwargs) | {
            "conversation": conversation,
            "status": STATUSES[conversation.status],
            "lines": transcript(self.actor, conversation),
            "answers": [_answer(one) for one in answers or ()],
            "answers_hidden": "" if answers is not None else may_see_csat(self.actor).reason,
            "reviews": selectors.reviews_of(self.actor, conversation),
            "hide_reviewer": hides_reviewer(self.actor),
            "reviewing": may_review(self.actor, conversation),
            "grades": self.actor.can(Capability.GRADE),
            "reviews_self": self.reviews_self(conversation),
        }

    def reviews_self(self, conversation: Conversation) -> bool:
        """Whether to offer a review of one's own work."""
        if self.actor.agent_id is None or not self.actor.workspace.settings.self_reviews:
            return False
        took_part = [agent.pk for agent in agents_in(conversation)]
        return may_review_self(self.actor, conversation, took_part).allowed


class ConversationBy(WorkspacePage):
    """A stable address: the names that the conversation's source knows it by."""

    capability = Capability.CONVERSATION_READ

    def get(self, request: HttpRequest, slug: str, source: str, external_id: str) -> HttpResponse:
        pk = selectors.by_external_id(self.actor, source, external_id)
        return redirect("conversation", slug=slug, pk=pk)


def _answer(survey: SurveyResponse) -> dict[str, Any]:
    return {"survey": survey, "kind": KINDS[survey.kind]}


def _address(query: QueryDict, changes: dict[str, tuple[str, ...]], keep: set[str] | None = None) -> str:
    """The list's address with other values, from the first page on."""
    found = QueryDict(mutable=True)
    lists = dict(query.lists()) | {name: list(values) for name, values in changes.items()}
    for name, values in lists.items():
        if name not in params.PAGING and (keep is None or name in keep):
            found.setlist(name, [value for value in values if value])
    return f"?{found.urlencode()}"


def _chips(form: Form, query: QueryDict) -> list[dict[str, Any]]:
    """One for each value that narrows the list, with the address without it. The status has its tabs."""
    found = []
    for name, values in query.lists():
        if name in params.PAGING or name == "status":
            continue
        field = form.fields.get(name)
        label = field.label if field else EXTRA.get(name, name.removeprefix(ATTRIBUTE))
        words = {str(key): word for key, word in getattr(field, "choices", ())}
        for value in filter(None, values):
            others = tuple(other for other in values if other != value)
            found.append(
                {
                    "label": label,
                    "value": words.get(value, value),
                    "remove_url": _address(query, {name: others}),
                }
            )
    return found
