"""The page of one conversation with its transcript, and its stable address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from conversations import selectors as rows_of
from conversations.filter_words import CHOICES
from conversations.models import Conversation, SurveyResponse
from qa_reviews.policies.basics import hides_reviewer
from qa_reviews.policies.conversations import BLIND, may_review, may_review_self, may_see_csat
from qa_reviews.selectors import conversations as selectors
from qa_reviews.selectors.disputes import agents_in
from qa_reviews.selectors.transcripts import transcript

KINDS = {"csat": _("Satisfaction (CSAT)"), "ces": _("Effort (CES)"), "nps": _("Recommendation (NPS)")}


class ConversationPage(WorkspaceTemplatePage):
    """The transcript with what is known about the conversation."""

    capability = Capability.CONVERSATION_READ
    template_name = "qa_reviews/conversation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        conversation = rows_of.conversation(self.actor, kwargs["pk"])
        answers = selectors.answers_to(self.actor, conversation)
        return super().get_context_data(**kwargs) | {
            "conversation": conversation,
            "status": CHOICES[conversation.status],
            "lines": transcript(self.actor, conversation),
            "answers": [_answer(one) for one in answers or ()],
            "answers_hidden": "" if answers is not None else may_see_csat(self.actor).reason or BLIND,
            "flags": selectors.flags_of(self.actor, [conversation]).get(conversation.pk, []),
            "reviews": selectors.reviews_of(self.actor, conversation),
            "hide_reviewer": hides_reviewer(self.actor),
            "reviewing": may_review(self.actor, conversation),
            "grades": self.actor.can(Capability.GRADE),
            "calibrates": self.actor.can(Capability.PLAN_MANAGE) and conversation.text_deleted_at is None,
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
