"""Opening reviews: by hand, or from the queue."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.access import Actor, Capability
from accounts.models import Agent
from accounts.selectors import agents, teams_on
from common.errors import Conflict, Missing, Refused, invalid
from common.refs import Ref, resolve
from conversations.models import Conversation
from qa_reviews.judgement import Choice, Judgement
from qa_reviews.models import CalibrationConversation, QueueItem, Review
from qa_reviews.policies.queue import is_peers
from qa_reviews.policies.reviews import may_create
from qa_reviews.reviewee import reviewee_id
from qa_reviews.selectors.disputes import agents_in
from qa_reviews.services import queue
from qa_reviews.services.gradings import context_of, context_of_conversation
from qa_reviews.services.queue.rows import free_drafts
from qa_reviews.services.rows import check_draft_of
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.selectors import definition_of, offered_scorecards
from scorecards.starting import starting_ratings

TWICE = "You have reviewed this agent in this conversation already."
NONE_OFFERED = (
    "The plan names no scorecard, and none is offered for this conversation: skip it, or ask a lead to "
    "offer one or to name one in the plan."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReview:
    """What a reviewer wants to open: a queue item, or a conversation picked by hand, with a scorecard or the
    one that is offered for it."""

    conversation: Ref | None = None
    agent: Ref | None = None
    scorecard: Ref | None = None
    queue_item: int | None = None
    kind: str = Review.Kind.STANDARD


def create_review(*, actor: Actor, new: NewReview, judgement: Judgement) -> Review:
    """A draft by the actor, with the newest published version pinned. Refused (403) where he may not pick it,
    Conflict `already_reviewed` for a second one of the same agent and conversation."""
    with transaction.atomic():
        review = unsaved(actor=actor, new=new)
        if judgement == Judgement():
            judgement = _begin(review)
        else:
            check_draft_of(review=review, judgement=judgement)
        review.draft = judgement.as_json()
        insert(review=review)
        return review


def unsaved(*, actor: Actor, new: NewReview) -> Review:
    """The review that the actor wants to open, with its facts pinned, for `insert`."""
    return _from_item(actor, new) if new.queue_item is not None else _by_hand(actor, new)


def insert(*, review: Review) -> None:
    """Save a new review. Conflict `already_reviewed`."""
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError:
        raise Conflict(TWICE, code="already_reviewed") from None


def open_item(*, actor: Actor, item_id: int) -> Review:
    """The actor's draft for a queue item, claimed for him; the one begun earlier where there is one.
    Conflict when he has reviewed the same agent and conversation already."""
    with transaction.atomic():
        item = queue.claim(actor=actor, item_id=item_id)
        own = Review.objects.visible_to(actor).filter(reviewer_id=actor.member_id)
        begun = own.filter(queue_item=item).first() or _adopted(item, own)
        if begun is not None:
            return begun
        return create_review(actor=actor, new=NewReview(queue_item=item.pk), judgement=Judgement())


def open_calibration(*, actor: Actor, row: CalibrationConversation) -> Review:
    """A new draft of what a session calibrates, by the session's version, always blind. Its session,
    conversation and agent should be loaded, and the actor let to grade."""
    version = row.session.version
    assert version is not None  # it is open
    team = team_then(conversation=row.conversation, agent=row.agent)
    review = _draft(actor, row.conversation, row.agent, team, version, Review.Kind.CALIBRATION)
    review.calibrated, review.blind = row, True
    review.draft = _begin(review).as_json()
    insert(review=review)
    return review


def team_then(*, conversation: Conversation, agent: Agent) -> int | None:
    """The agent's team as the conversation had it: its own where it is his, else his on the closing day."""
    if conversation.agent_id == agent.pk:
        return conversation.team_id
    if conversation.closed_on is None:
        return None
    return teams_on(conversation.workspace_id, [agent.pk], conversation.closed_on).get(agent.pk)


def newest_version(*, actor: Actor, scorecard: Scorecard) -> ScorecardVersion:
    """The latest published version; Invalid where there is none."""
    published = ScorecardVersion.objects.visible_to(actor).filter(
        scorecard=scorecard, state=ScorecardVersion.State.PUBLISHED
    )
    version = published.order_by("-number").first()
    if version is None:
        detail = f"“{scorecard.name}” has no published version."
        raise invalid("/scorecard", "not_published", detail)
    version.scorecard = scorecard
    return version


def selection_of(item: QueueItem | None) -> str:
    """How the conversation came to be reviewed: by its item's band, or by hand."""
    if item is None:
        return Review.Selection.MANUAL
    return Review.Selection.TARGETED if item.band == "risk" else Review.Selection.RANDOM


def kind_of(item: QueueItem) -> str:
    """As what an item is reviewed: of a peer plan as a peer review. Its plan should be loaded."""
    return Review.Kind.PEER if is_peers(item) else Review.Kind.STANDARD


def _by_hand(actor: Actor, new: NewReview) -> Review:
    if new.kind != Review.Kind.SELF:
        actor.require(Capability.GRADE)
    elif not actor.workspace.settings.self_reviews:
        raise Refused("Self-reviews are switched off in this workspace.", code="self_reviews_off")
    if new.conversation is None:
        raise invalid("/conversation", "required", "Name the conversation, or a queue item.")
    conversation = resolve(Conversation.objects.visible_to(actor), new.conversation, "/conversation")
    own = Ref(id=actor.agent_id) if new.kind == Review.Kind.SELF and actor.agent_id else None
    agent = _agent(actor, conversation, new.agent or own)
    team = team_then(conversation=conversation, agent=agent)
    may_create(actor, kind=new.kind, agent_id=agent.pk, team_id=team, by_hand=True).demand()
    if new.kind == Review.Kind.SELF and not agents_in(conversation).filter(pk=agent.pk).exists():
        raise Refused("A self-review is about a conversation of your own.", code="not_your_conversation")
    # An agent does not read scorecards, but grades himself by one of them.
    reader = actor if actor.can(Capability.SCORECARD_READ) else Actor.system(actor.workspace)
    scorecard = _scorecard(reader, conversation, agent, new.scorecard)
    return _draft(
        actor, conversation, agent, team, newest_version(actor=reader, scorecard=scorecard), new.kind
    )


def _scorecard(reader: Actor, conversation: Conversation, agent: Agent, ref: Ref | None) -> Scorecard:
    """The one that is named, else the first that is offered for such a conversation."""
    if ref is not None:
        return resolve(Scorecard.objects.visible_to(reader), ref, "/scorecard")
    found = _offered(reader, conversation, agent)
    if found is None:
        detail = "No scorecard is offered for this conversation: name the one to grade with."
        raise invalid("/scorecard", "required", detail)
    return found


def _offered(reader: Actor, conversation: Conversation, agent: Agent) -> Scorecard | None:
    offers = offered_scorecards(reader, context_of_conversation(conversation), agent.kind)
    fitting = next((offer for offer in offers if offer.fits), None)
    return None if fitting is None else Scorecard.objects.visible_to(reader).get(pk=fitting.id)


def scorecard_of_item(*, item: QueueItem) -> Scorecard:
    """What the item is graded with: the plan's scorecard, else the first that is offered for the
    conversation. Conflict `no_scorecard_offered` where none is. Two queries, none where the plan
    names one."""
    if item.draw.plan.scorecard is not None:
        return item.draw.plan.scorecard
    found = _offered(Actor.system(item.workspace), item.conversation, item.agent.person)
    if found is None:
        raise Conflict(NONE_OFFERED, code="no_scorecard_offered")
    return found


def _from_item(actor: Actor, new: NewReview) -> Review:
    actor.require(Capability.GRADE_ASSIGNED)
    try:
        item = queue.claim(actor=actor, item_id=new.queue_item or 0)
    except Missing:
        raise invalid(
            "/queue_item", "not_found", f"There is no queue item “{new.queue_item}” here."
        ) from None
    kind = kind_of(item)
    if new.kind not in (Review.Kind.STANDARD, kind):
        raise invalid("/kind", "not_of_item", f"This queue item is reviewed as a {kind} review.")
    # A peer reads neither scorecards nor others' conversations, but grades what was assigned to him.
    reader = Actor.system(actor.workspace) if kind == Review.Kind.PEER else actor
    conversation, agent = item.conversation, item.agent.person
    scorecard = scorecard_of_item(item=item)
    _same(Conversation.objects.visible_to(reader), new.conversation, conversation.pk, "conversation")
    _same(agents(reader), new.agent, agent.pk, "agent")
    _same(Scorecard.objects.visible_to(reader), new.scorecard, scorecard.pk, "scorecard")
    team = team_then(conversation=conversation, agent=agent)
    may_create(actor, kind=kind, agent_id=agent.pk, team_id=team, by_hand=False).demand()
    _give_up_drafts(actor, item)
    review = _draft(actor, conversation, agent, team, newest_version(actor=reader, scorecard=scorecard), kind)
    _bind(review, item)
    return review


def _same(
    rows: QuerySet[Conversation] | QuerySet[Agent] | QuerySet[Scorecard], ref: Ref | None, pk: int, name: str
) -> None:
    if ref is not None and not rows.filter(ref.condition(rows.model), pk=pk).exists():
        raise invalid(f"/{name}", "not_of_item", f"The queue item has another {name}.")


def _agent(actor: Actor, conversation: Conversation, ref: Ref | None) -> Agent:
    if ref is not None:
        return resolve(agents(actor), ref, "/agent")
    agent_id = reviewee_id(conversation=conversation, settings=actor.workspace.settings)
    if agent_id is None:
        raise invalid("/agent", "required", "The conversation has no agent: name whose work you review.")
    if conversation.agent is not None and conversation.agent.pk == agent_id:
        return conversation.agent
    return agents(Actor.system(actor.workspace)).get(pk=agent_id)


def _draft(
    actor: Actor,
    conversation: Conversation,
    agent: Agent,
    team_id: int | None,
    version: ScorecardVersion,
    kind: str,
) -> Review:
    return Review(
        workspace=actor.workspace,
        conversation=conversation,
        agent=agent,
        team_id=team_id,
        reviewer=actor.member,
        scorecard=version.scorecard,
        version=version,
        kind=kind,
        closed_at=conversation.closed_at,
        closed_on=conversation.closed_on,
        blind=kind != Review.Kind.SELF and actor.workspace.settings.blind,
    )


def _begin(review: Review) -> Judgement:
    """What the form begins with where the definition says so; the review keeps that it did."""
    definition = definition_of(review.version)
    if definition.start == "empty":
        return Judgement()
    context = context_of(conversation=review.conversation, definition=definition)
    review.started_from = definition.start
    begun = starting_ratings(definition, context)
    return Judgement(tuple(Choice(rated.category, rated.option, rated.na) for rated in begun))


def _bind(review: Review, item: QueueItem) -> None:
    review.queue_item, review.stratum_id, review.selection = item, item.stratum_id, selection_of(item)
    review.blind = item.draw.plan.blind


def _adopted(item: QueueItem, own: QuerySet[Review]) -> Review | None:
    """A draft that the reviewer had begun by hand becomes the item's, if it grades by the same scorecard."""
    draft = own.filter(
        state=Review.State.DRAFT,
        kind=kind_of(item),
        conversation=item.conversation_id,
        agent=item.agent.person,
        queue_item=None,
        scorecard=scorecard_of_item(item=item),
    ).first()
    if draft is not None:
        _bind(draft, item)
        draft.save(update_fields=["queue_item", "stratum", "selection", "blind", "updated_at"])
    return draft


def _give_up_drafts(actor: Actor, item: QueueItem) -> None:
    """What somebody typed whose claim on the item has lapsed stays his, as made by hand."""
    others = Review.objects.in_workspace(actor.workspace_id).filter(queue_item=item, state=Review.State.DRAFT)
    free_drafts(others.exclude(reviewer_id=actor.member_id))
