"""Reads of conversations as reviewing sees them: which were reviewed, and what a blind reviewer may know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import QueryDict

from accounts.access import Actor, Capability
from accounts.selectors import agents, teams
from conversations import filters, selectors
from conversations.models import Conversation, SurveyResponse
from qa_reviews.models import Review
from qa_reviews.policies.conversations import may_see_csat

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


def reviews_of(actor: Actor, conversation: Conversation) -> list[Review]:
    """Its reviews that the actor sees, latest first. One query."""
    rows = Review.objects.visible_to(actor).filter(conversation=conversation)
    return list(rows.select_related("agent", "reviewer", "scorecard").order_by("-pk"))


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
