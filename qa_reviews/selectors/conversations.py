"""Reads of conversations as reviewing sees them: which were reviewed, and what a blind reviewer may know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from accounts.access import Actor, Capability
from accounts.models import Agent
from common.errors import Missing
from common.paging import Near, Page, page
from common.refs import Ref, ids_of
from conversations import filters, selectors
from conversations.models import Conversation, SurveyResponse
from conversations.risks import Flag
from conversations.searching import saying
from qa_reviews.models import QueueItem, Review
from qa_reviews.policies.conversations import can_be_blind, is_blind, may_see_csat, may_see_flags
from qa_reviews.policies.queue import WAITING
from qa_reviews.reviewee import reviewee_id
from qa_reviews.selectors.conversation_columns import Order, is_closed, order_of
from qa_reviews.selectors.disputes import agents_in
from qa_reviews.services.gradings import context_of_conversation
from scorecards.models import Scorecard
from scorecards.offering import Offer
from scorecards.selectors import offered_scorecards

COUNTED_UP_TO = 10_000
SIGNALS = (
    *("silence_min", "agents_min", "waited_at_end", "closing_missing", "long_for_topic"),
    "words",
)
"""Filters that ask for a signal of risk: what `may_see_flags` covers."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The conversations that a list's address asks for, all of them, and the order they come in."""

    rows: QuerySet[Conversation]
    order: Order
    near: Near | None = None  # as for a page


def listed(actor: Actor, query: QueryDict, also: Collection[str]) -> Listing:
    """What the list's parameters ask for. `also`: parameters that mean something else. Refused (403) where a
    parameter would tell a blind reviewer what the customer said, or which signals there are; where only some
    plans are blind, such a parameter leaves out what he is to grade for them. At most five queries beside the
    rows."""
    wanted = filters.from_query(actor, query, {*also, "order"})
    ids_of(Scorecard.objects.visible_to(actor), [Ref(id=pk) for pk in wanted.scorecard], "scorecard")
    if wanted.uses_csat:
        may_see_csat(actor).demand()
    signals = any(getattr(wanted, name) not in (None, ()) for name in SIGNALS)
    if signals:
        may_see_flags(actor).demand()
    order = order_of(actor, query, wanted.status)
    about = Conversation.objects.in_workspace(actor.workspace_id).filter(_closed_about(wanted))
    rows = about.visible_to(actor).filter(_reviewed(actor, wanted))
    if signals or wanted.uses_csat or "csat" in map(_column, order.names):
        rows = rows.exclude(Exists(_to_grade_blind(actor).filter(conversation=OuterRef("pk"))))
    if wanted.home is None or not wanted.said:
        return Listing(rows.filter(wanted.q()), order)
    checked = saying(wanted.said, wanted.home.languages, indexed=False)
    near = Near(about, rows.filter(replace(wanted, said=()).q() & checked))
    return Listing(rows.filter(wanted.q()), order, near)


def page_of(actor: Actor, listing: Listing, limit: int, cursor: str | None) -> Page:
    """One page of the listing, with the people that a summary names. The rows are found by their indexes and
    only then read. Two to five queries."""
    order = listing.order
    columns = [_column(name) for name in order.names]
    near = listing.near and Near(listing.near.along, listing.near.rows.values(*columns))
    found = page(
        listing.rows.values(*columns), order.names, limit, cursor, order.unknown_last, near, order.above
    )
    ids = [row["id"] for row in found.rows]
    rows = selectors.conversations(actor).defer("search").in_bulk(ids)
    return replace(found, rows=[rows[pk] for pk in ids if pk in rows])


def _column(name: str) -> str:
    return name.lstrip("-")


def _to_grade_blind(actor: Actor) -> QuerySet[QueueItem]:
    """What waits for the actor, or for whoever takes it, in blind plans of a workspace that is not blind."""
    if is_blind(actor) or not can_be_blind(actor):
        return QueueItem.objects.none()
    rows = QueueItem.objects.visible_to(actor).filter(state__in=WAITING, draw__plan__blind=True)
    return rows.filter(Q(reviewer=actor.member_id) | Q(reviewer=None))


def hidden_from(actor: Actor, conversations: Iterable[Conversation]) -> set[int]:
    """Those of them whose CSAT and signals the actor must not know: he grades blind, and neither leads their
    team nor has graded them. At most one query, none where blind grading does not concern him."""
    if not can_be_blind(actor):
        return set()
    others = {one.pk for one in conversations if not actor.covers(Capability.REVIEW_READ_ALL, one.team_id)}
    if is_blind(actor):
        return others - _graded(actor, others)
    rows = _to_grade_blind(actor).filter(conversation__in=others)
    return set(rows.values_list("conversation_id", flat=True))


def _closed_about(wanted: filters.Filter) -> Q:
    """What follows for `closed_at`, in whose order rows are read, from what is asked of status and date: a
    local date begins up to 14 hours before that of UTC, and ends up to 12 hours after it."""
    found = Q()
    if is_closed(wanted.status):
        found &= Q(closed_at__isnull=False)
    if wanted.closed_from and wanted.closed_from.year > 1:
        found &= Q(closed_at__gte=datetime.combine(wanted.closed_from, time(), UTC) - timedelta(hours=14))
    if wanted.closed_to and wanted.closed_to.year < 9999:
        found &= Q(closed_at__lt=datetime.combine(wanted.closed_to, time(), UTC) + timedelta(hours=36))
    return found


def counted(actor: Actor, query: QueryDict, also: Collection[str]) -> tuple[int, bool]:
    """How many the parameters ask for, up to COUNTED_UP_TO, and whether there are more. One query beside
    those of `listed`."""
    rows = listed(actor, query, also).rows.order_by().values("pk")
    found = rows[: COUNTED_UP_TO + 1].count()
    return min(found, COUNTED_UP_TO), found > COUNTED_UP_TO


def _reviewed(actor: Actor, wanted: filters.Filter) -> Q:
    """What the filter asks of reviews, which live above it."""
    found = Q()
    of_it = _counted(actor).filter(conversation=OuterRef("pk"))
    if wanted.reviewed is not None:
        found &= _whether(of_it, wanted.reviewed)
    if wanted.reviewed_by_me is not None:
        found &= _whether(of_it.filter(reviewer_id=actor.member_id), wanted.reviewed_by_me)
    if wanted.scorecard:
        found &= Q(Exists(of_it.filter(scorecard__in=wanted.scorecard)))
    return found


def _whether(reviews: QuerySet[Review], exists: bool) -> Q:
    return Q(Exists(reviews)) if exists else ~Q(Exists(reviews))


def flags_of(actor: Actor, conversations: Sequence[Conversation]) -> dict[int, list[Flag]]:
    """The signals of each conversation that the actor may know them of, others are absent. At most four
    queries."""
    if not may_see_flags(actor, graded=True).allowed:
        return {}
    hidden = hidden_from(actor, conversations)
    seen = [one for one in conversations if one.pk not in hidden]
    found = selectors.flags_of(actor, seen) if seen else {}
    return {one.pk: found.get(one.pk, []) for one in seen}


def _graded(actor: Actor, ids: Collection[int]) -> set[int]:
    """Those of the conversations of which the actor's own review is submitted."""
    own = Review.objects.visible_to(actor).filter(
        conversation__in=ids, reviewer_id=actor.member_id, kind__in=("standard", "peer")
    )
    return set(own.exclude(submitted_at=None).values_list("conversation_id", flat=True))


def review_counts(actor: Actor, conversations: Iterable[Conversation]) -> dict[int, int]:
    """How many counted reviews each has; those without are absent. One query."""
    rows = _counted(actor).filter(conversation__in=[one.pk for one in conversations])
    return dict(rows.values_list("conversation").annotate(Count("pk")))


def answers_to(actor: Actor, conversation: Conversation) -> list[SurveyResponse] | None:
    """What the customer answered; None where the actor may not know. At most two queries."""
    if not may_see_csat(actor, graded=True).allowed or hidden_from(actor, [conversation]):
        return None
    return selectors.surveys_of(actor, conversation)


def by_external_id(actor: Actor, source: str, external_id: str) -> int:
    """The id of the conversation that its source knows under this name; Missing when the actor does not see
    it. One query."""
    named = Conversation.objects.visible_to(actor).filter(source=source, external_id=external_id)
    found = None if "\0" in source + external_id else named.values_list("pk", flat=True).first()
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


def _counted(actor: Actor) -> QuerySet[Review]:
    """Submitted reviews; who grades knows that one exists (not what it says), an agent only released ones."""
    sees_work = actor.can(Capability.GRADE)
    rows = Review.objects.in_workspace(actor.workspace_id) if sees_work else Review.objects.visible_to(actor)
    return rows.counted()
