"""Who may be given which conversation to review."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from accounts.access import Actor, Capability, Role, RoleGrant
from accounts.models import Member, MemberRole
from conversations.models import Conversation


@dataclass(frozen=True, slots=True)
class Grader:
    """An active member who grades: his own agent, and the teams he grades (None: all)."""

    id: int
    name: str
    agent_id: int | None
    scope: frozenset[int] | None

    def may_take(self, conversation_team: int | None, agent_id: int) -> bool:
        """Within his teams, and not his own work. The team is the conversation's own, since that decides
        whether he can read it."""
        return agent_id != self.agent_id and (self.scope is None or conversation_team in self.scope)


def graders(actor: Actor, ids: Collection[int] | None = None) -> list[Grader]:
    """The active members who grade, all or of these ids, by id. Two queries."""
    rows = Member.objects.in_workspace(actor.workspace_id).filter(deactivated_at=None)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    grants: dict[int, list[RoleGrant]] = defaultdict(list)
    for row in MemberRole.objects.in_workspace(actor.workspace_id).filter(member__in=rows):
        grants[row.member_id].append(RoleGrant(Role(row.role), row.team_id))
    found = [_grader(actor, member, grants[member.pk]) for member in rows.order_by("pk")]
    return [each for each in found if each is not None]


def _grader(actor: Actor, member: Member, grants: list[RoleGrant]) -> Grader | None:
    acting = Actor(workspace=actor.workspace, member=member, grants=tuple(grants))
    if not acting.can(Capability.GRADE):
        return None
    return Grader(member.pk, member.name, member.agent_id, acting.scope(Capability.GRADE))


def takers(
    candidates: Collection[Grader], conversation: Conversation, agent_id: int, without: Collection[int] = ()
) -> list[Grader]:
    """Those of the candidates who may review the agent in the conversation, `without` some members."""
    return [
        each
        for each in candidates
        if each.id not in without and each.may_take(conversation.team_id, agent_id)
    ]
