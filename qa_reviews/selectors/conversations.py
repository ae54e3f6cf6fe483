"""Reads of conversations as reviewing sees them: which were reviewed, and what a blind reviewer may know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import QueryDict

from accounts.access import Actor, Capability
from accounts.models import Agent
from accounts.selectors import agents, teams
from common.errors import Missing
from conversations import filters, selectors
from conversations.models import Conversation, SurveyResponse
from qa_reviews.models import Review
from qa_reviews.policies.conversations import may_see_csat
from qa_reviews.reviewee import reviewee_id
from qa_reviews.selectors.disputes import agents_in
from qa_reviews.services.gradings import context_of_conversation
from scorecards.offering import Offer
from scorecards.selectors import offered_scorecards

LATEST_CLOSED, LATEST_CHANGED = ("-closed_at", "-id"), ("-updated_at", "-id")


def listed(
    actor: Actor, query: QueryDict, also: Collection[str]
) -> tuple[QuerySet[Conversation], Sequence[str]]:
    """The conversations that the list's parameters ask for, and their order: closed ones by closing, else by
    change. `also`: parameters that mean something else. Refused (403) where a parameter would tell a blind
    reviewer what the customer said. At most two queries beside the rows."""
    wanted = filters.from_query(actor, query, also)
    if wanted.uses_csat:
        may_see_csat(actor).demand()
    rows = selectors.conversations(actor).filter(wanted.q())
    if wanted.reviewed is not None:
        reviewed = Exists(_counted(actor).filter(conversation=OuterRef("pk")))
        rows = rows.filter(reviewed if wanted.reviewed else ~reviewed)
    return rows, LATEST_CLOSED if wanted.status == (Conversation.Status.CLOSED,) else LATEST_CHANGED


def review_counts(actor: Actor, conversations: Iterable[Conversation]) -> dict[int, int]:
    """How many counted reviews each has; those without are absent. One query."""
    rows = _counted(actor).filter(conversation__in=[one.pk for one in conversations])
    return dict(rows.values_list("conversation").annotate(Count("pk")))


def has_graded(actor: Actor, conversation: Conversation) -> bool:
    """Whether the actor's own review of it is submitted. One query."""
    own = Review.objects.visible_to(actor).filter(
        conversation=conversation, reviewer_id=actor.member_id, kind__in=("standard", "peer")
    )
    return actor.member_id is not None and own.exclude(submitted_at=None).exists()


def answers_to(actor: Actor, conversation: Conversation) -> list[SurveyResponse] | None:
    """What the customer answered; None where the actor may not know. At most two queries."""
    if may_see_csat(actor).allowed or may_see_csat(actor, graded=has_graded(actor, conversation)).allowed:
        return selectors.surveys_of(actor, conversation)
    return None


def by_external_id(actor: Actor, source: str, external_id: str) -> int:
    """The id of the conversation that its source knows under this name; Missing when the actor does not see
    it. One query."""
    named = Conversation.objects.visible_to(actor).filter(source=source, external_id=external_id)
    found = named.values_list("pk", flat=True).first()
    if found is None:
        raise Missing
    return found


def reviews_of(actor: Actor, conversation: Conversation) -> list[Review]:
    """Its reviews that the actor sees, his own first, then the latest first; while he grades it blind, only
    his own. One query."""
    rows = Review.objects.visible_to(actor).filter(conversation=conversation)
    found = list(rows.select_related("agent", "reviewer", "scorecard").order_by("-pk"))
    own = [review for review in found if review.reviewer_id == actor.member_id]
    if any(_is_blind_draft(review) for review in own):
        return own
    return own + [review for review in found if review.reviewer_id != actor.member_id]


def _is_blind_draft(review: Review) -> bool:
    return review.state == Review.State.DRAFT and review.blind and review.revealed_at is None


def agents_to_review(actor: Actor, conversation: Conversation, kind: str) -> list[Agent]:
    """Whose work in the conversation may be reviewed: the workspace's choice first, then the others who took
    part; for a self-review only oneself. One query."""
    found = sorted(agents_in(conversation), key=lambda each: str(each).casefold())
    if kind == Review.Kind.SELF:
        return [each for each in found if each.pk == actor.agent_id]
    first = reviewee_id(conversation=conversation, settings=actor.workspace.settings)
    return sorted(found, key=lambda each: each.pk != first)


def offers_for(actor: Actor, conversation: Conversation, agent: Agent | None) -> list[Offer]:
    """The scorecards to grade the agent's work in it with, best first; also for an agent, who reads none but
    grades himself by them. One query."""
    reader = actor if actor.can(Capability.SCORECARD_READ) else Actor.system(actor.workspace)
    kind = agent.kind if agent else Agent.Kind.HUMAN
    return offered_scorecards(reader, context_of_conversation(conversation), kind)


def filter_choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What the list can be narrowed to: agents and teams by name. Two queries."""
    people = sorted(((str(one.pk), str(one)) for one in agents(actor)), key=lambda one: one[1].casefold())
    groups = [(str(one.pk), one.name) for one in teams(actor).order_by("name")]
    return {"agent": people, "team": groups}


def _counted(actor: Actor) -> QuerySet[Review]:
    """Submitted reviews; who grades knows that one exists (not what it says), an agent only released ones."""
    sees_work = actor.can(Capability.GRADE)
    rows = Review.objects.in_workspace(actor.workspace_id) if sees_work else Review.objects.visible_to(actor)
    return rows.counted()
