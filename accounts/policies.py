"""What may be done to people's rows now: the words of `authorized_actions`."""

from __future__ import annotations

from collections.abc import Collection

from accounts.access import Actor, Capability
from accounts.models import Agent, ApiKey, Member, Team, WorkspaceSettings

Person = Agent | ApiKey | Member | Team | WorkspaceSettings


def actions(actor: Actor, row: Person) -> list[str]:
    """The verbs that the actor's role and the row's state allow."""
    if isinstance(row, Agent | Team):
        return _written_actions(row) if actor.can(Capability.PEOPLE_WRITE) else []
    if not actor.can(Capability.ADMINISTER):
        return []
    if isinstance(row, ApiKey):
        return [] if row.revoked_at else ["revoke"]
    if isinstance(row, Member):
        return _member_actions(row)
    return ["update"]


def _written_actions(row: Agent | Team) -> list[str]:
    if isinstance(row, Team):
        return ["update"]
    return ["unmerge"] if row.merged_into_id else ["update", "merge"]


def _member_actions(member: Member) -> list[str]:
    if not member.is_active:
        return ["update", "reactivate"]
    return ["update", "deactivate", *(["invite"] if invitable(member) else [])]


def invitable(member: Member) -> bool:
    """Whether a link would give this member a log-in."""
    return (
        member.is_active
        and member.user_id is None
        and bool(member.email)
        and member.kind != Member.Kind.SERVICE
    )


def may_plan_for(actor: Actor, team_ids: Collection[int | None]) -> bool:
    """Whether the actor plans for somebody of these teams (None: of the whole workspace)."""
    return any(actor.covers(Capability.PLAN_MANAGE, team_id) for team_id in team_ids)
