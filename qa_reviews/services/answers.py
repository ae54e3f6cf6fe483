"""What an accepted dispute does: another grading, or a review taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import IntegrityError, transaction

from accounts.access import Actor
from accounts.models import Agent
from accounts.selectors import actors_of
from common.errors import FieldError, Invalid, invalid
from qa_reviews.judgement import Choice, Judgement
from qa_reviews.lifecycle import Move, after
from qa_reviews.models import Dispute, Review
from qa_reviews.policies.reviews import may_move_to
from qa_reviews.services import queue
from qa_reviews.services.carrying import carry_over, newest_of, standing
from qa_reviews.services.gradings import context_of
from qa_reviews.services.opening import team_then
from qa_reviews.services.reviews import withdraw
from qa_reviews.services.rows import GRADED_FIELDS, grade, shown
from scorecards.definition import visible
from scorecards.selectors import definition_of


def check_proposed(*, review: Review, proposed: Sequence[Choice]) -> None:
    """Invalid for proposals that name no category of the review, none or a wrong option of it, or one
    twice."""
    categories = {category.key: category for category in definition_of(review.version).categories}
    errors, seen = [], set[str]()
    for index, choice in enumerate(proposed):
        category, at = categories.get(choice.category), f"/proposed/{index}"
        if category is None:
            detail = f"The scorecard has no category “{choice.category}”."
            errors.append(FieldError(f"{at}/category", "unknown_category", detail))
        elif choice.category in seen:
            detail = f"“{category.name}” is proposed twice."
            errors.append(FieldError(f"{at}/category", "duplicate_category", detail))
        elif choice.na == (choice.option is not None):
            detail = f"Propose an option for “{category.name}”, or N/A."
            errors.append(FieldError(f"{at}/option", "option_or_na", detail))
        elif choice.na and not category.allow_na:
            detail = f"“{category.name}” cannot be N/A."
            errors.append(FieldError(f"{at}/na", "na_not_allowed", detail))
        elif not choice.na and choice.option not in {option.key for option in category.options}:
            detail = f"“{category.name}” has no option “{choice.option}”."
            errors.append(FieldError(f"{at}/option", "unknown_option", detail))
        seen.add(choice.category)
    if errors:
        raise Invalid(errors)


def accept_ratings(
    *, actor: Actor, review: Review, dispute: Dispute, judgement: Judgement | None
) -> dict[str, object]:
    """Another grading: the newest one with the judgement's choices, or the proposed ones, put over it. Its
    comments, evidence, answers and remarks stay. What the audit tells of it."""
    over = _ratings(dispute, judgement)
    newest, before = newest_of(review), shown(review)
    base = standing(grading=newest)
    choices = _shown_only(review, put_over(base=base.choices, over=over))
    new_comment = judgement.comment if judgement is not None else ""
    changed = replace(base, choices=choices, comment=new_comment or base.comment)
    grade(actor=actor, review=review, judgement=changed, reason=dispute.answer)
    carry_over(review=review, before=newest)
    review.state = after(review.state, Move.RESOLVE)
    review.seen_at = review.acknowledged_at = None
    review.save(update_fields=[*GRADED_FIELDS, "state", "seen_at", "acknowledged_at", "updated_at"])
    return {"score": [before, shown(review)]}


def put_over(*, base: Sequence[Choice], over: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices with some of them changed. A comment and evidence stay where no others are given; root
    causes only while the option stays, since they explain it."""
    changed = {choice.category: choice for choice in over}
    kept = [_changed(choice, changed.pop(choice.category, None)) for choice in base]
    return (*kept, *changed.values())


def accept_wrong_agent(
    *, actor: Actor, review: Review, dispute: Dispute, agent: Agent | None
) -> dict[str, object]:
    """The review is taken back, its queue item counts as not reviewable, and its reviewer gets a draft with
    the same judgement about the other agent, where one is named. What the audit tells of it."""
    withdraw(review=review)
    if review.queue_item is not None:
        queue.set_aside(actor=actor, item_id=review.queue_item.pk, comment=dispute.answer)
    draft = None if agent is None else _draft_about(actor, review, agent)
    return {"agent": agent.pk if agent else None, "draft": draft.pk if draft else None}


def _ratings(dispute: Dispute, judgement: Judgement | None) -> tuple[Choice, ...]:
    """What changes: the ratings that are given; of a dispute that is accepted as it is the proposed options,
    without what the agent said about them, since his words are no reviewer's comment."""
    if judgement is not None and judgement.choices:
        return judgement.choices
    proposed = tuple(replace(Choice.of(raw), comment="") for raw in dispute.proposed)
    if dispute.outcome == Dispute.Outcome.PARTIALLY_ACCEPTED or not proposed:
        raise invalid("/ratings", "required", "Say which ratings change, and to what.")
    return proposed


def _changed(choice: Choice, over: Choice | None) -> Choice:
    if over is None:
        return choice
    same = (over.option, over.na) == (choice.option, choice.na)
    return replace(
        over,
        comment=over.comment or choice.comment,
        root_causes=over.root_causes or (choice.root_causes if same else ()),
        evidence=over.evidence or choice.evidence,
    )


def _shown_only(review: Review, choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Without those that the changed answers hide now."""
    definition = definition_of(review.version)
    context = context_of(conversation=review.conversation, definition=definition)
    keys = visible(definition, context, {choice.category: choice.option for choice in choices})
    return tuple(choice for choice in choices if choice.category in keys)


def _draft_about(actor: Actor, review: Review, agent: Agent) -> Review | None:
    """The reviewer's hand-made draft about the agent; None when he has a review of him there already."""
    team_id = team_then(conversation=review.conversation, agent=agent)
    reviewer = actors_of(actor.workspace, [review.reviewer_id]).get(review.reviewer_id)
    if reviewer is None or not may_move_to(reviewer, agent_id=agent.pk, team_id=team_id).allowed:
        detail = "The reviewer cannot review this agent: his own work, or outside his teams. Name nobody."
        raise invalid("/agent", "not_allowed", detail)
    draft = Review(
        workspace=actor.workspace,
        conversation=review.conversation,
        agent=agent,
        team_id=team_id,
        reviewer_id=review.reviewer_id,
        scorecard_id=review.scorecard_id,
        version=review.version,
        blind=review.blind,
        draft=standing(grading=newest_of(review), whole=True).as_json(),
        closed_at=review.closed_at,
        closed_on=review.closed_on,
    )
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        return None
    return draft
