"""What an imported review refers to, read and checked before anything is written: a rejected row touches
nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q

from accounts.access import Actor
from accounts.models import Agent, Member
from common.errors import FieldError, Invalid, invalid
from conversations.models import Conversation
from conversations.payload import ConversationRef
from qa_reviews.history.cases import Case
from qa_reviews.history.matching import is_same, known_as
from qa_reviews.import_rows import ReviewRow
from qa_reviews.judgement import Judgement, Quotes
from qa_reviews.models import Dispute, QueueItem, Review
from qa_reviews.policies.queue import WAITING
from qa_reviews.reviewee import reviewee_id
from qa_reviews.services.gradings import context_of, quotes_of, scored
from qa_reviews.services.opening import TWICE
from scorecards.answers import check_answers
from scorecards.definition import visible
from scorecards.models import ScorecardVersion
from scorecards.ratings import chosen_of
from scorecards.scoring import Result
from scorecards.selectors import definition_of

AgentKey = tuple[str, str]
Who = tuple[object, object, object]


@dataclass(frozen=True, slots=True)
class Checked:
    """A row that fits, with what it comes to. Conversation, agent or reviewer are None where they are not
    known yet; `review` is the one it updates; `case` is how the ratings were scored."""

    row: ReviewRow
    conversation: Conversation | None
    agent_id: int | None
    reviewer: Member | None
    version: ScorecardVersion
    item: QueueItem | None
    review: Review | None
    judgement: Judgement
    case: Case
    result: Result
    quotes: Quotes


class Known:
    """What the tables hold of one chunk's rows. Eight queries."""

    def __init__(self, actor: Actor, rows: Sequence[ReviewRow], reviews: Iterable[Review]) -> None:
        self.actor, self.workspace_id = actor, actor.workspace_id
        self.reviews = {(review.source, review.external_id): review for review in reviews}
        self.agents = self._agents(rows)
        self.conversations = self._conversations(rows)
        self.members = list(Member.objects.in_workspace(self.workspace_id).order_by("pk"))
        self.versions = self._versions(rows)
        self.items = self._items(rows)
        self.begun = self._begun()
        self.taken = self._taken()
        self.disputes = self._disputes()

    def check(self, row: ReviewRow) -> Checked:
        """The row with its score; Invalid for what it names and does not exist, or that contradicts itself.
        An omitted category counts as N/A."""
        version = self._version(row)
        conversation = self._conversation(row)
        agent_id = self._agent_id(row, conversation)
        reviewer = known_as(self.members, row.reviewer)
        review = self.reviews.get((row.source, row.external_id))
        self._check_person(row, agent_id, reviewer)
        self._check_update(row, review, conversation, agent_id, reviewer)
        who = _who(row, conversation, agent_id, reviewer)
        if review is None and row.kind == Review.Kind.STANDARD and who in self.taken:
            raise invalid("/conversation", "already_reviewed", TWICE)
        item = self._item(row, conversation, agent_id) if review is None else review.queue_item
        self._check_disputes(row, review)
        of = conversation or Conversation(workspace_id=self.workspace_id)
        case, judgement, result = _scored(row, version, of)
        quotes = quotes_of(actor=Actor.system(self.actor.workspace), conversation=of, judgement=judgement)
        self._take(row, who, item)
        return Checked(
            row, conversation, agent_id, reviewer, version, item, review, judgement, case, result, quotes
        )

    # --- read for all rows together ----------------------------------------------------------------------

    def _agents(self, rows: Sequence[ReviewRow]) -> dict[AgentKey, int]:
        named = {(row.agent.source, row.agent.external_id) for row in rows if row.agent is not None}
        found = Agent.objects.in_workspace(self.workspace_id).filter(
            source__in={source for source, _ in named}, external_id__in={external for _, external in named}
        )
        return {(agent.source, agent.external_id): agent.merged_into_id or agent.pk for agent in found}

    def _conversations(self, rows: Sequence[ReviewRow]) -> dict[ConversationRef, Conversation]:
        refs = {row.conversation for row in rows}
        by_id = Q(pk__in={ref.id for ref in refs if ref.id is not None})
        by_key = Q(
            source__in={ref.source for ref in refs if ref.id is None},
            external_id__in={ref.external_id for ref in refs if ref.id is None},
        )
        rows_found = list(Conversation.objects.in_workspace(self.workspace_id).filter(by_id | by_key))
        by_pk = {row.pk: row for row in rows_found}
        by_ref = {ConversationRef(row.source, row.external_id): row for row in rows_found}
        return by_ref | {ref: by_pk[ref.id] for ref in refs if ref.id is not None and ref.id in by_pk}

    def _versions(self, rows: Sequence[ReviewRow]) -> dict[tuple[int, int | None], ScorecardVersion]:
        """By scorecard and number; the newest published one by the scorecard and None."""
        used = ScorecardVersion.objects.in_workspace(self.workspace_id).filter(
            scorecard_id__in={row.scorecard for row in rows},
            state__in=[ScorecardVersion.State.PUBLISHED, ScorecardVersion.State.ARCHIVED],
        )
        found: dict[tuple[int, int | None], ScorecardVersion] = {}
        for version in used.order_by("number"):
            found[version.scorecard_id, version.number] = version
            if version.state == ScorecardVersion.State.PUBLISHED:
                found[version.scorecard_id, None] = version
        return found

    def _items(self, rows: Sequence[ReviewRow]) -> dict[int, QueueItem]:
        ids = {row.queue_item for row in rows if row.queue_item is not None}
        items = QueueItem.objects.in_workspace(self.workspace_id).select_related("agent")
        return items.in_bulk(ids) if ids else {}

    def _begun(self) -> set[int | None]:
        reviews = Review.objects.in_workspace(self.workspace_id).filter(queue_item_id__in=list(self.items))
        return set(reviews.values_list("queue_item_id", flat=True))

    def _disputes(self) -> dict[int, list[Dispute]]:
        """Those of the reviews that the rows update, by review."""
        ids = [review.pk for review in self.reviews.values()]
        found: dict[int, list[Dispute]] = {}
        for dispute in Dispute.objects.in_workspace(self.workspace_id).filter(review_id__in=ids):
            found.setdefault(dispute.review_id, []).append(dispute)
        return found

    def _taken(self) -> set[Who]:
        standing = Review.objects.in_workspace(self.workspace_id).filter(
            conversation_id__in={row.pk for row in self.conversations.values()}, kind=Review.Kind.STANDARD
        )
        pairs = standing.exclude(state=Review.State.RETRACTED)
        return set(pairs.values_list("conversation_id", "agent_id", "reviewer_id"))

    # --- of one row --------------------------------------------------------------------------------------

    def _version(self, row: ReviewRow) -> ScorecardVersion:
        version = self.versions.get((row.scorecard, row.version))
        if version is not None:
            return version
        if row.version is not None and (row.scorecard, None) in self.versions:
            raise invalid("/version", "not_found", f"The scorecard has no published version {row.version}.")
        detail = f"There is no published scorecard “{row.scorecard}” here."
        raise invalid("/scorecard", "not_found", detail)

    def _conversation(self, row: ReviewRow) -> Conversation | None:
        found = self.conversations.get(row.conversation)
        if found is None and row.conversation.id is not None:
            detail = f"There is no conversation “{row.conversation.id}” here."
            raise invalid("/conversation", "not_found", detail)
        return found

    def _agent_id(self, row: ReviewRow, conversation: Conversation | None) -> int | None:
        if row.agent is not None:
            return self.agents.get((row.agent.source, row.agent.external_id))
        found = conversation and reviewee_id(
            conversation=conversation, settings=self.actor.workspace.settings
        )
        if not found:
            detail = "The conversation is of no known agent: name the one whose work was reviewed."
            raise invalid("/agent", "required", detail)
        return found

    def _check_person(self, row: ReviewRow, agent_id: int | None, reviewer: Member | None) -> None:
        himself = reviewer is not None and agent_id is not None and reviewer.agent_id == agent_id
        if himself and row.kind != Review.Kind.SELF:
            raise invalid("/reviewer", "yourself", "Nobody grades himself, except in a self-review.")

    def _check_update(
        self,
        row: ReviewRow,
        before: Review | None,
        conversation: Conversation | None,
        agent_id: int | None,
        reviewer: Member | None,
    ) -> None:
        """A review that was brought in before stays the one it is: only its content may change."""
        if before is None:
            return
        if before.state == Review.State.RETRACTED:
            raise invalid("", "retracted", "This review was retracted here and is not changed any more.")
        same = {
            "conversation": conversation is not None and before.conversation_id == conversation.pk,
            "agent": before.agent_id == agent_id,
            "reviewer": reviewer is not None and before.reviewer_id == reviewer.pk,
            "scorecard": before.scorecard_id == row.scorecard,
            "kind": before.kind == row.kind,
        }
        for name, stays in same.items():
            if not stays:
                raise invalid(f"/{name}", "cannot_change", f"The {name} of an imported review cannot change.")

    def _item(
        self, row: ReviewRow, conversation: Conversation | None, agent_id: int | None
    ) -> QueueItem | None:
        if row.queue_item is None:
            return None
        item = self.items.get(row.queue_item)
        if item is None:
            raise invalid("/queue_item", "not_found", f"There is no queue item “{row.queue_item}” here.")
        person_id = item.agent.merged_into_id or item.agent_id
        if conversation is None or (item.conversation_id, person_id) != (conversation.pk, agent_id):
            raise invalid("/queue_item", "not_of_item", "It is of another conversation or agent.")
        if item.state not in WAITING:
            raise invalid("/queue_item", f"item_{item.state}", "This queue item is closed already.")
        if item.pk in self.begun:
            raise invalid("/queue_item", "item_begun", "A review of this queue item has been begun here.")
        return item

    def _check_disputes(self, row: ReviewRow, review: Review | None) -> None:
        """A dispute that was raised here stays; another one cannot be open beside it."""
        still_open = [each for each in row.disputes if not each.outcome]
        standing = self.disputes.get(review.pk, []) if review else []
        for before in standing:
            if before.state == Dispute.State.OPEN and still_open and not is_same(before, still_open[0]):
                raise invalid("/disputes", "open_dispute", "Another dispute of this review is open here.")

    def _take(self, row: ReviewRow, who: Who, item: QueueItem | None) -> None:
        """A second review of the same kind, or of the same item, finds it taken."""
        if row.kind == Review.Kind.STANDARD:
            self.taken.add(who)
        if item is not None:
            self.begun.add(item.pk)


def _scored(
    row: ReviewRow, version: ScorecardVersion, conversation: Conversation
) -> tuple[Case, Judgement, Result]:
    """How the row is scored, what of it is kept, its result. A query only for conditions on CSAT."""
    definition = definition_of(version)
    context = context_of(conversation=conversation, definition=definition)
    choices = row.judgement.choices
    result = scored(definition=definition, context=context, choices=choices, strict=False)
    case = Case(definition, tuple(choice.rated for choice in choices), context)
    return case, replace(row.judgement, answers=_answers(row, case)), result


def _answers(row: ReviewRow, case: Case) -> dict[str, str]:
    """The answers as they are kept; Invalid for those, and for words on categories, that do not fit."""
    shown = visible(case.definition, case.context, chosen_of(case.ratings))
    kept, problems = check_answers(case.definition, shown, dict(row.judgement.answers), False)
    errors = [FieldError(problem.pointer, problem.code, problem.detail) for problem in problems]
    errors += _category_errors(row, case)
    if errors:
        raise Invalid(errors)
    return kept


def _category_errors(row: ReviewRow, case: Case) -> Iterator[FieldError]:
    """What disputes and comments name and the scorecard does not have."""
    options = {key: {o.key for o in category.options} for key, category in case.categories.items()}
    unknown = "This version has no such category."
    for index, comment in enumerate(row.comments):
        if comment.category and comment.category not in options:
            yield FieldError(f"/comments/{index}/category", "unknown_category", unknown)
    for index, dispute in enumerate(row.disputes):
        for place, proposed in enumerate(dispute.proposed):
            pointer = f"/disputes/{index}/proposed/{place}"
            if proposed.category not in options:
                yield FieldError(f"{pointer}/category", "unknown_category", unknown)
            elif proposed.na == (proposed.option is not None):
                yield FieldError(f"{pointer}/option", "option_or_na", "Give an option or N/A, and not both.")
            elif proposed.option is not None and proposed.option not in options[proposed.category]:
                yield FieldError(f"{pointer}/option", "unknown_option", "The category has no such option.")


def _who(
    row: ReviewRow, conversation: Conversation | None, agent_id: int | None, reviewer: Member | None
) -> Who:
    """Whose review of what: by ids, or as named where they are yet to be made."""
    agent = row.agent and (row.agent.source, row.agent.external_id)
    person = (row.reviewer.email or row.reviewer.name).casefold()
    return (
        conversation.pk if conversation else row.conversation,
        agent_id or agent,
        reviewer.pk if reviewer else person,
    )
