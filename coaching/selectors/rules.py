"""Reads of rules, of who may coach, and of the categories that rules can look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet

from accounts.access import Actor, Role, RoleGrant
from accounts.models import Member, MemberRole
from coaching.models import CoachingRule
from coaching.policies import coaching_scope
from coaching.rules import Rule, Strength
from coaching.rules.definition import Kind
from common.errors import Missing
from scorecards.models import ScorecardVersion
from scorecards.selectors import definition_of, standing_versions


def rules(actor: Actor) -> QuerySet[CoachingRule]:
    """The rules of the workspace, for who manages coaching. One query."""
    return CoachingRule.objects.visible_to(actor).select_related("coach")


def rule(actor: Actor, pk: int) -> CoachingRule:
    """One of them, or Missing. One query."""
    found = rules(actor).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def definition(row: CoachingRule) -> Rule:
    """The rule as the pure module takes it."""
    kind: Kind = row.kind  # type: ignore[assignment]  # a choice of the column
    strength: Strength = row.strength  # type: ignore[assignment]
    return Rule(
        kind=kind,
        strength=strength,
        target=None if row.target is None else float(row.target),
        category=row.category or None,
        min_reviews=row.min_reviews,
        min_answers=row.min_answers,
        cooldown_days=row.cooldown_days,
    )


@dataclass(frozen=True, slots=True)
class Coach:
    """An active member who manages coaching, for the whole workspace or for some teams."""

    member: Member
    roles: frozenset[Role]
    scope: frozenset[int | None]


def coaches_by_id(actor: Actor) -> dict[int, Coach]:
    """Everybody who manages coaching, by member id, in the order of names. One query."""
    rows = MemberRole.objects.visible_to(actor).filter(member__deactivated_at=None)
    held = rows.select_related("member").order_by("member__name", "member_id", "pk")
    found = {}
    for _, each in groupby(held, key=lambda row: row.member_id):
        own = list(each)
        grants = [RoleGrant(Role(row.role), row.team_id) for row in own]
        scope = coaching_scope(grants)
        if scope:
            found[own[0].member_id] = Coach(own[0].member, frozenset(g.role for g in grants), scope)
    return found


def category_names(actor: Actor) -> Mapping[str, str]:
    """Key -> name of every category of a published scorecard, as its latest published version has it.
    One query."""
    return {
        category.key: category.name
        for version in standing_versions(actor).values()
        if version.state == ScorecardVersion.State.PUBLISHED
        for group in definition_of(version).groups
        for category in group.categories
    }
