"""What helps to write a comment: templates, hashtags in use, people to mention."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, Func, QuerySet

from accounts.access import Actor, Role
from accounts.models import Member
from common.errors import Missing
from qa_reviews.models import CommentTemplate, Review
from qa_reviews.policies.basics import hides_reviewer
from scorecards.selectors import definition_of, standing_versions

MOST_HASHTAGS = 500


def templates(actor: Actor) -> QuerySet[CommentTemplate]:
    """The actor's own and the shared ones, by name. One query."""
    return CommentTemplate.objects.visible_to(actor).order_by("name", "pk")


def template(actor: Actor, pk: int) -> CommentTemplate:
    """One of them, or Missing. One query."""
    found = templates(actor).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def category_names(actor: Actor) -> list[tuple[str, str]]:
    """Key and name of the categories of the scorecards, each key once, by name. One query."""
    names = {
        category.key: category.name
        for version in standing_versions(actor).values()
        for category in definition_of(version).categories
    }
    return sorted(names.items(), key=lambda one: one[1].casefold())


def hashtags(actor: Actor) -> list[dict[str, Any]]:
    """The hashtags of the reviews the actor sees, those of most reviews first, with how many. One query."""
    seen = Review.objects.visible_to(actor).exclude(state=Review.State.DRAFT).exclude(hashtags=[])
    each = seen.annotate(hashtag=Func(F("hashtags"), function="unnest")).values("hashtag")
    found = each.annotate(reviews=Count("pk", distinct=True)).order_by("-reviews", "hashtag")
    return [dict(row) for row in found[:MOST_HASHTAGS]]


def people(actor: Actor) -> QuerySet[Member]:
    """Whom the actor may name in a comment: members with a log-in, by name; without those who grade where
    reviewers stay unnamed to him. One query."""
    colleagues = Member.objects.in_workspace(actor.workspace_id)
    rows = colleagues.filter(deactivated_at=None, user__isnull=False).order_by("name", "pk")
    return rows.filter(role_rows__role=Role.AGENT).distinct() if hides_reviewer(actor) else rows
