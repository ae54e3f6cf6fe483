"""Correcting and retracting submitted reviews, moving drafts, and what agents do with their reviews."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.selectors import agents
from accounts.services.audit import record
from common.errors import Conflict, FieldError, Invalid, invalid
from common.refs import Ref, resolve
from notices.services import notify_agent
from qa_reviews.judgement import Judgement
from qa_reviews.lifecycle import Move, after
from qa_reviews.models import Dispute, QueueItem, Review
from qa_reviews.policies.basics import is_released
from qa_reviews.policies.reviews import decide, may_move_to
from qa_reviews.services import queue
from qa_reviews.services.carrying import newest_of, standing, write_amended
from qa_reviews.services.comments import tell_mentioned
from qa_reviews.services.opening import TWICE, team_then
from qa_reviews.services.release import NOT_TOLD
from qa_reviews.services.rows import GRADED_FIELDS, grade, locked, put_hashtags, shown
from scorecards.selectors import definition_of

PLACE_FIELDS = ("agent", "team", "queue_item", "stratum", "selection", "updated_at")


def revise(
    *, actor: Actor, review_id: int, reason: str, judgement: Judgement, if_match: str | None = None
) -> Review:
    """Another grading that counts from now on; the review keeps its date, the agent sees it as new."""
    with transaction.atomic():
        review = locked(actor=actor, review_id=review_id, move=Move.REVISE, if_match=if_match)
        before = shown(review)
        grade(actor=actor, review=review, judgement=judgement, reason=reason)
        review.state = after(review.state, Move.REVISE)
        review.seen_at = review.acknowledged_at = None
        review.save(update_fields=[*GRADED_FIELDS, "state", "seen_at", "acknowledged_at", "updated_at"])
        changes = {"reason": reason, "score": [before, shown(review)]}
        record(actor, "review.revised", review, changes)
        _tell_agent(actor, review, "review_revised", review.gradings_count)
        tell_mentioned(actor=actor, review=review, texts=judgement.texts)
        return review


def retract(*, actor: Actor, review_id: int, reason: str, if_match: str | None = None) -> Review:
    """It counts nowhere any more, and its open dispute is closed; it stays readable, with the reason in the
    audit."""
    with transaction.atomic():
        review = locked(actor=actor, review_id=review_id, move=Move.RETRACT, if_match=if_match)
        withdraw(review=review)
        record(actor, "review.retracted", review, {"reason": reason})
        _tell_agent(actor, review, "review_retracted", "")
        return review


def withdraw(*, review: Review) -> None:
    """Put a locked review, and a dispute that is open about it, out of force; the caller's audit tells."""
    review.state, review.retracted_at = after(review.state, Move.RETRACT), timezone.now()
    review.save(update_fields=["state", "retracted_at", "updated_at"])
    disputes = Dispute.objects.in_workspace(review.workspace_id).filter(review=review)
    disputes.filter(state=Dispute.State.OPEN).update(
        state=Dispute.State.CLOSED, updated_at=review.retracted_at
    )


def amend(
    *,
    actor: Actor,
    review_id: int,
    comment: str | None = None,
    comments: Mapping[str, str] | None = None,
    if_match: str | None = None,
) -> Review:
    """Mend the words of the newest grading, its comment or those by category key, within 24 hours: scores,
    dates and what the agent has seen stay, nobody is told, both texts are kept. Raises Missing, Refused,
    Stale, Conflict, Invalid."""
    with transaction.atomic():
        review = locked(actor=actor, review_id=review_id, move=Move.AMEND, if_match=if_match)
        before = standing(grading=newest_of(review))
        said = {choice.category: choice.comment for choice in before.choices}
        changed = {key: text for key, text in (comments or {}).items() if text != said.get(key)}
        new_comment = before.comment if comment is None else comment
        _check_amended(review, changed, said)
        if not changed and new_comment == before.comment:
            return review
        grading = write_amended(
            review=review, grader_id=actor.member_id, comment=new_comment, comments=changed
        )
        put_hashtags(review=review, texts=standing(grading=grading, whole=True).texts)
        review.save(update_fields=["gradings_count", "hashtags", "updated_at"])
        record(actor, "review.amended", review, {"grading": grading.number, "comments": sorted(changed)})
        return review


def _check_amended(review: Review, changed: Mapping[str, str], said: Mapping[str, str]) -> None:
    categories = {category.key: category for category in definition_of(review.version).categories}
    errors = []
    for key, text in changed.items():
        if key not in said:
            detail = f"This review rates no category “{key}”."
            errors.append(FieldError(f"/comments/{key}", "unknown_category", detail))
        elif not text.strip() and categories[key].comment_required != "never":
            detail = f"“{categories[key].name}” needs a comment."
            errors.append(FieldError(f"/comments/{key}", "comment_required", detail))
    if errors:
        raise Invalid(errors)


def reveal(*, actor: Actor, review_id: int, if_match: str | None = None) -> Review:
    """Show the reviewer of a blind draft what is hidden while he grades; when is kept. Raises Missing,
    Refused, Stale, Conflict."""
    with transaction.atomic():
        review = locked(actor=actor, review_id=review_id, move=Move.REVEAL, if_match=if_match)
        review.revealed_at = timezone.now()
        review.save(update_fields=["revealed_at", "updated_at"])
        record(actor, "review.revealed", review)
        return review


def change_reviewee(*, actor: Actor, review_id: int, agent: Ref, if_match: str | None = None) -> Review:
    """The draft is about another agent from now on, with his team of then; what was typed stays. A queue item
    is set aside as not reviewable, and the draft goes on as one made by hand. Raises Missing, Refused, Stale,
    Conflict (`already_reviewed`), Invalid."""
    with transaction.atomic():
        review = locked(actor=actor, review_id=review_id, move=Move.REASSIGN, if_match=if_match)
        found = resolve(agents(actor), agent, "/agent")
        if found.pk == review.agent_id:
            raise invalid("/agent", "same_agent", "This draft is about that agent already.")
        team_id = team_then(conversation=review.conversation, agent=found)
        may_move_to(actor, agent_id=found.pk, team_id=team_id).demand()
        before, item = review.agent_id, review.queue_item
        review.agent, review.team_id = found, team_id
        review.queue_item = review.stratum = None
        review.selection = Review.Selection.MANUAL
        _save_place(review)
        if item is not None:
            reason = QueueItem.SkipReason.NOT_REVIEWABLE
            queue.skip(actor=actor, item_id=item.pk, reason=reason, comment=f"Work of {found.name}")
        record(actor, "review.reviewee_changed", review, {"agent": [before, found.pk]})
        return review


def _save_place(review: Review) -> None:
    try:
        with transaction.atomic():
            review.save(update_fields=PLACE_FIELDS)
    except IntegrityError:
        raise Conflict(TWICE, code="already_reviewed") from None


def acknowledge(*, actor: Actor, review_id: int, if_match: str | None = None) -> Review:
    """The agent has read it. A second time changes nothing."""
    with transaction.atomic():
        review = locked(actor=actor, review_id=review_id, move=Move.ACKNOWLEDGE, if_match=if_match)
        if review.acknowledged_at is None:
            review.acknowledged_at = timezone.now()
            review.seen_at = review.seen_at or review.acknowledged_at
            review.save(update_fields=["seen_at", "acknowledged_at", "updated_at"])
            record(actor, "review.acknowledged", review)
        return review


def mark_seen(*, actor: Actor, review_id: int) -> None:
    """Note the first time the agent opened it; quietly nothing for others and for later times."""
    with transaction.atomic():
        unseen = Review.objects.visible_to(actor).filter(pk=review_id, seen_at=None)
        review = unseen.select_for_update(of=("self",)).first()
        if review is None or not decide(actor, review, Move.SEE).allowed:
            return
        review.seen_at = timezone.now()
        review.save(update_fields=["seen_at", "updated_at"])
        record(actor, "review.seen", review)


def _tell_agent(actor: Actor, review: Review, kind: str, which: object) -> None:
    """Only of a review that he was shown; not of what he did himself."""
    if not is_released(review) or review.kind in NOT_TOLD:
        return
    key = f"review:{review.pk}:{kind}:{which}"
    parameters = {"by": actor.member_id}
    notify_agent(agent_id=review.agent_id, kind=kind, subject=review, key=key, parameters=parameters)
