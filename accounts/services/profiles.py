"""What a member reviews, and how much he means to: languages, channels, topics, and a goal."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypedDict

from django.db import transaction

from accounts.access import Actor
from accounts.models import Member
from accounts.policies import may_plan_for
from accounts.selectors import teams_of_member
from accounts.services.audit import record
from common.errors import FieldError, Invalid, Missing, Refused

FIELDS = ("languages", "channels", "topics", "goal_reviews", "goal_period")
OWN_FIELDS = ("languages", "goal_reviews", "goal_period")
MOST_VALUES = 200
MOST_REVIEWS = 1000


class ProfileChanges(TypedDict, total=False):
    """What a change may name; what is absent stays. Empty lists: he reviews anything. No goal: None."""

    languages: list[str]
    channels: list[str]
    topics: list[str]
    goal_reviews: int | None
    goal_period: str


@transaction.atomic
def update_own_profile(*, actor: Actor, changes: ProfileChanges) -> Member:
    """The actor's own languages and goal; the rest is up to who plans."""
    if others := set(changes) - set(OWN_FIELDS):
        names = ", ".join(sorted(others))
        raise Refused(f"What you review is set by who plans, but for languages: not {names}.", code="role")
    member = Member.objects.visible_to(actor).select_for_update().filter(pk=actor.member_id or 0).first()
    if member is None:
        raise Missing()
    if changed := assign(member=member, changes=changes):
        member.save(update_fields=[*changed, "updated_at"])
        record(actor, "member.updated", member, changed)
    return member


def demand_may_change(*, actor: Actor, member: Member, changes: Collection[str]) -> None:
    """Refused (403) unless the actor plans for a team of the member, or changes only what is his own."""
    if member.pk == actor.member_id and set(changes) <= set(OWN_FIELDS):
        return
    if not may_plan_for(actor, teams_of_member(member)):
        raise refusal(member=member)


def refusal(*, member: Member) -> Refused:
    """Why an actor may not change what somebody reviews."""
    detail = f"Goals, and what {member.name} reviews, are set by who plans for his teams."
    return Refused(detail, code="scope")


def assign(*, member: Member, changes: ProfileChanges) -> dict[str, list[Any]]:
    """Set the named fields, unsaved; what changed, with before and after. Invalid names each wrong value."""
    errors: list[FieldError] = []
    changed: dict[str, list[Any]] = {}
    for name in FIELDS:
        if name not in changes:
            continue
        value = changes[name]  # type: ignore[literal-required]
        value = _texts(name, value, errors) if isinstance(value, list) else _goal(name, value, errors)
        before = getattr(member, name)
        if before != value:
            setattr(member, name, value)
            changed[name] = [before, value]
    if errors:
        raise Invalid(errors)
    return changed


def _texts(name: str, values: Iterable[str], errors: list[FieldError]) -> list[str]:
    """Trimmed, each once whatever its case, in the order given."""
    longest = Member._meta.get_field(name).base_field.max_length  # type: ignore[union-attr]  # an array
    found: dict[str, str] = {}
    for value in values:
        if value.strip():
            found.setdefault(value.strip().casefold(), value.strip())
    if any(len(value) > longest for value in found.values()):
        errors.append(FieldError(f"/{name}", "too_long", f"Each has at most {longest} characters."))
    if len(found) > MOST_VALUES:
        errors.append(FieldError(f"/{name}", "too_many", f"At most {MOST_VALUES} can be named."))
    return list(found.values())


def _goal(name: str, value: int | str | None, errors: list[FieldError]) -> int | str | None:
    if name == "goal_period" and value not in Member.GoalPeriod.values:
        errors.append(FieldError("/goal_period", "invalid", "A goal is for a day or for a week."))
    if name == "goal_reviews" and value is not None and not 1 <= int(value) <= MOST_REVIEWS:
        detail = f"A goal has 1 to {MOST_REVIEWS} reviews; leave it empty for none."
        errors.append(FieldError("/goal_reviews", "invalid", detail))
    return value
