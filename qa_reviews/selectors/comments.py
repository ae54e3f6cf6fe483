"""Reads of the talk under a review."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.access import Actor
from accounts.models import Member, Workspace
from accounts.selectors import actors_of
from common.errors import Missing
from qa_reviews.models import Review, ReviewComment


def comments(actor: Actor, review: Review) -> QuerySet[ReviewComment]:
    """The comments under a review that the actor sees, with their authors. One query."""
    return ReviewComment.objects.visible_to(actor).filter(review=review).select_related("author", "review")


def thread(actor: Actor, review: Review) -> list[ReviewComment]:
    """All of them, oldest first. One query."""
    return list(comments(actor, review).order_by("pk"))


def comment(actor: Actor, review: Review, pk: int) -> ReviewComment:
    """One of them, or Missing. One query."""
    found = comments(actor, review).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def people(workspace: Workspace) -> list[tuple[int, str]]:
    """Id and name of every active member, for mentions. One query."""
    rows = Member.objects.in_workspace(workspace.pk).filter(deactivated_at=None)
    return list(rows.order_by("pk").values_list("pk", "name"))


def who_see(
    workspace: Workspace, review: Review, member_ids: Collection[int], note: ReviewComment | None = None
) -> set[int]:
    """Those of the members who see the review now, or this comment under it. Two queries and one a member."""
    if not member_ids:
        return set()
    actors = actors_of(workspace, member_ids)
    if note is not None:
        return {pk for pk, actor in actors.items() if comments(actor, review).filter(pk=note.pk).exists()}
    rows = {pk: Review.objects.visible_to(actor) for pk, actor in actors.items()}
    return {pk for pk, seen in rows.items() if seen.filter(pk=review.pk).exists()}
