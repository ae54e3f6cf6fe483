"""Asking a lead about a queue item before it is graded, and answering."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor, Capability, Role
from accounts.models import Member, Workspace
from accounts.selectors import actors_of
from accounts.services.audit import record
from common.errors import Conflict, Missing, invalid
from notices.services import notify
from qa_reviews.models import QueueItem, QueueQuestion
from qa_reviews.policies.queue import may_answer, may_ask
from qa_reviews.selectors.queue import items
from qa_reviews.services.queue.rows import PLACE_FIELDS, locked_item

LONGEST = 5000
"""Code points of a question or an answer."""
ASKED_FIRST = (Role.LEAD, Role.MANAGER, Role.ADMIN)


@transaction.atomic
def ask_lead(*, actor: Actor, item_id: int, text: str) -> QueueQuestion:
    """Ask the leads of the item's team. The item stays the actor's and stands last in his queue until
    somebody answered. Raises Missing, Refused, Conflict (`question_open` while another one waits),
    Invalid."""
    item = locked_item(rows=items(actor), item_id=item_id)
    may_ask(actor, item).demand()
    said = _said(text, "/text")
    if item.questions.filter(answered_at=None).exists():
        raise Conflict("This was asked about already: the answer is still to come.", code="question_open")
    item.state, item.claimed_at = QueueItem.State.OPEN, None
    item.save(update_fields=PLACE_FIELDS)
    assert actor.member is not None  # may_ask: it is his
    question = QueueQuestion.objects.create(
        workspace_id=item.workspace_id, item=item, asked_by=actor.member, text=said
    )
    record(actor, "queue.asked", item, {"question": question.pk})
    leads = leads_of(workspace=actor.workspace, team_id=item.team_id, but=actor.member.pk)
    key = f"question:{question.pk}"
    notify(
        recipients=leads, kind="queue.asked", subject=question, key=key, parameters={"by": actor.member_id}
    )
    return question


@transaction.atomic
def answer_question(*, actor: Actor, question_id: int, answer: str) -> QueueQuestion:
    """Answer what a reviewer asked; he is told, and the item takes its place in his queue again. Raises
    Missing, Refused outside the actor's teams, Conflict when it is answered, Invalid."""
    rows = QueueQuestion.objects.visible_to(actor).select_related("item", "asked_by")
    question = rows.select_for_update(of=("self",)).filter(pk=question_id).first()
    if question is None:
        raise Missing
    may_answer(actor, question).demand()
    question.answer, question.answered_at = _said(answer, "/answer"), timezone.now()
    question.answered_by = actor.member
    question.save(update_fields=["answer", "answered_at", "answered_by"])
    record(actor, "queue.answered", question.item, {"question": question.pk})
    told = {question.asked_by_id, question.item.reviewer_id} - {actor.member_id, None}
    key = f"question:{question.pk}:answer"
    notify(
        recipients=[pk for pk in told if pk],
        kind="queue.answered",
        subject=question,
        key=key,
        parameters={"by": actor.member_id},
    )
    return question


def leads_of(*, workspace: Workspace, team_id: int | None, but: int) -> set[int]:
    """Ids of the people who are asked about the team's conversations: its leads, where there is none the
    managers, else the admins; `but` who asks. Two queries."""
    able = {
        pk: each
        for pk, each in actors_of(workspace).items()
        if pk != but and _answers(each) and each.covers(Capability.PLAN_MANAGE, team_id)
    }
    for role in ASKED_FIRST:
        if found := {pk for pk, each in able.items() if role in each.roles}:
            return found
    return set()


def _answers(actor: Actor) -> bool:
    """Whether somebody reads what the member is told: keys have members of their own."""
    return actor.member is not None and actor.member.kind == Member.Kind.PERSON


def _said(text: str, pointer: str) -> str:
    said = text.strip()
    if not said:
        raise invalid(pointer, "required", "Write something.")
    if len(said) > LONGEST:
        raise invalid(pointer, "too_long", f"At most {LONGEST} characters.")
    return said
