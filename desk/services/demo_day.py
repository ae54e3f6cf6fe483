"""The demo's days of reviewing: a raised quota, questions about the queue, a list worth looking at."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.access import Actor
from accounts.models import Member
from accounts.selectors import actors_of
from desk.demo import said
from desk.demo.cast import CHAT
from desk.services.demo_plans import MORE_PER_AGENT, WEEKLY
from qa_reviews.models import Draw, QueueItem, SavedView
from qa_reviews.services.plans import QuotaInput
from qa_reviews.services.queue import answer_question, ask_lead
from qa_reviews.services.raises import raise_quota
from qa_reviews.services.saved_views import save_view


def day(*, system: Actor, members: Mapping[str, Member]) -> None:
    """Everything in this module, each step by the service that people use."""
    actors = actors_of(system.workspace, [member.pk for member in members.values()])
    by = {key: actors[member.pk] for key, member in members.items()}
    newest = Draw.objects.visible_to(system).filter(plan__name=WEEKLY).latest("period_start")
    quota = QuotaInput(value=MORE_PER_AGENT)
    raise_quota(actor=by["manager"], draw_id=newest.pk, quota=quota, reason=said.MORE)
    _ask(by["reviewer"], by["lead"])
    query = "csat_max=2&reopened_min=1"
    page = SavedView.Page.CONVERSATIONS
    save_view(actor=by["manager"], page=page, name="Unhappy and back again", query=query, shared=True)


def _ask(reviewer: Actor, lead: Actor) -> None:
    """One question is answered, another is open."""
    waiting = QueueItem.objects.visible_to(reviewer).filter(
        reviewer_id=reviewer.member_id, state=QueueItem.State.OPEN, team__name=CHAT
    )
    first, second = waiting.order_by("due_on", "order_hash")[:2]
    question = ask_lead(actor=reviewer, item_id=first.pk, text=said.ASKED_BEFORE)
    answer_question(actor=lead, question_id=question.pk, answer=said.ANSWERED)
    ask_lead(actor=reviewer, item_id=second.pk, text=said.ASKED)
