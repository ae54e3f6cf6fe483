"""The talk under a review: comments, private notes among reviewers, mentions."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member
from accounts.services.audit import record
from common.errors import Missing, Refused, invalid
from common.etags import check_match
from notices.services import notify
from qa_reviews.markup import mentioned
from qa_reviews.models import Review, ReviewComment
from qa_reviews.policies.comments import may_comment, may_edit
from qa_reviews.selectors.comments import people, thread, who_see
from qa_reviews.services.carrying import newest_of, standing
from qa_reviews.services.rows import locked_row, put_hashtags
from scorecards.selectors import definition_of

Visibility = ReviewComment.Visibility


def add_comment(
    *,
    actor: Actor,
    review_id: int,
    body: str,
    visibility: str = Visibility.EVERYONE,
    category: str = "",
) -> ReviewComment:
    """Say something under a review, or under one category of it: to everyone who sees it, or as a private
    note to reviewers. The other side and whoever is mentioned are told. Raises Missing, Refused, Conflict,
    Invalid."""
    with transaction.atomic():
        review = locked_row(actor=actor, review_id=review_id)
        may_comment(actor, review, visibility).demand()
        assert actor.member is not None  # the policy asks for an author
        _check(review, body, category)
        comment = ReviewComment.objects.create(
            workspace=actor.workspace,
            review=review,
            author=actor.member,
            body=body,
            visibility=visibility,
            category=category,
        )
        _keep_hashtags(review)
        record(actor, "review.commented", review, {"comment": comment.pk, "visibility": visibility})
        _tell(actor, review, comment)
        return comment


def edit_comment(
    *, actor: Actor, review_id: int, comment_id: int, body: str, if_match: str | None = None
) -> ReviewComment:
    """Other words for a comment, by its author within 24 hours; what it said stays in its history. Whoever is
    mentioned now is told. Raises Missing, Refused, Stale, Conflict, Invalid."""
    with transaction.atomic():
        review = locked_row(actor=actor, review_id=review_id)
        rows = ReviewComment.objects.visible_to(actor).filter(review=review, pk=comment_id)
        comment = rows.select_for_update(of=("self",)).first()
        if comment is None:
            raise Missing
        decision = may_edit(actor, comment)
        if isinstance(decision.refusal, Refused):
            decision.demand()
        check_match(comment, if_match)
        decision.demand()
        _check(review, body, comment.category)
        comment.body, comment.edited_at = body, timezone.now()
        comment.save(update_fields=["body", "edited_at", "updated_at"])
        _keep_hashtags(review)
        record(actor, "review.comment_edited", review, {"comment": comment.pk})
        tell_mentioned(actor=actor, review=review, texts=(body,), comment=comment)
        return comment


def tell_mentioned(
    *, actor: Actor, review: Review, texts: tuple[str, ...], comment: ReviewComment | None = None
) -> set[int]:
    """Tell the members whom the texts, a comment's or those of the newest grading, mention and who see where
    they stand; who that is. The agent is told of a grading anyway. No query where nobody is mentioned."""
    if not any("@" in text for text in texts):
        return set()
    named = people(actor.workspace)
    meant = {pk for text in texts for pk in mentioned(text, named)} - {actor.member_id}
    told = who_see(actor.workspace, review, meant, comment)
    if comment is None:
        told -= set(_agents_members(review))
    if not told:
        return set()
    where = f"comment:{comment.pk}" if comment else f"review:{review.pk}:{review.gradings_count}"
    parameters = {"by": actor.member_id} | ({"comment": comment.pk} if comment else {})
    notify(recipients=told, kind="mentioned", subject=review, key=f"mentioned:{where}", parameters=parameters)
    return told


def _check(review: Review, body: str, category: str) -> None:
    if not body.strip():
        raise invalid("/body", "required", "Write something.")
    if category and category not in {each.key for each in definition_of(review.version).categories}:
        raise invalid("/category", "unknown_category", f"The scorecard has no category “{category}”.")


def _keep_hashtags(review: Review) -> None:
    before = list(review.hashtags)
    put_hashtags(review=review, texts=standing(grading=newest_of(review), whole=True).texts)
    if review.hashtags != before:
        review.save(update_fields=["hashtags", "updated_at"])


def _tell(actor: Actor, review: Review, comment: ReviewComment) -> None:
    """Its reviewer, its agent, and who has talked here before; whoever is mentioned is told that instead."""
    mentioned_ids = tell_mentioned(actor=actor, review=review, texts=(comment.body,), comment=comment)
    talking = {each.author_id for each in thread(actor, review)}
    sides = {review.reviewer_id, *_agents_members(review), *talking}
    told = who_see(actor.workspace, review, sides - mentioned_ids - {actor.member_id}, comment)
    if not told:
        return
    parameters = {"comment": comment.pk, "by": actor.member_id}
    key = f"comment:{comment.pk}"
    notify(recipients=told, kind="review_commented", subject=review, key=key, parameters=parameters)


def _agents_members(review: Review) -> list[int]:
    """The member, if any, who is the agent that the review is about. One query."""
    rows = Member.objects.in_workspace(review.workspace_id).filter(agent_id=review.agent_id)
    return list(rows.values_list("pk", flat=True))
