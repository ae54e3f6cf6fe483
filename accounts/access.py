"""What a role may do, and who is acting. The only module that knows what roles mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from common.errors import Refused

if TYPE_CHECKING:
    from accounts.models import Member, Workspace


class Role(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    LEAD = "lead"
    REVIEWER = "reviewer"
    AGENT = "agent"


class Capability(StrEnum):
    ENTER = "enter"  # any member: me, own inbox, jobs he started
    ADMINISTER = "administer"  # settings, members, keys, audit
    PEOPLE_READ = "people.read"  # teams and agents
    PEOPLE_WRITE = "people.write"  # make and change teams and agents
    IMPORT = "import"
    CONVERSATION_READ = "conversation.read"
    SCORECARD_READ = "scorecard.read"
    SCORECARD_WRITE = "scorecard.write"
    PLAN_MANAGE = "plan.manage"  # plans, draws, reassign
    GRADE = "grade"
    GRADE_ASSIGNED = "grade.assigned"  # what a plan gave to him, and nothing else
    REVIEW_READ = "review.read"
    REVIEW_READ_ALL = "review.read_all"  # everybody's reviews, within the scope
    REVIEW_MANAGE = "review.manage"  # revise, retract, release, resolve
    NUMBERS_READ = "numbers.read"
    NUMBERS_READ_ALL = "numbers.read_all"  # more than what concerns oneself
    COACHING_READ = "coaching.read"
    COACHING_MANAGE = "coaching.manage"
    COACHING_RULES = "coaching.rules"
    EXPORT = "export"


C = Capability
_AGENT = {
    C.ENTER, C.PEOPLE_READ, C.CONVERSATION_READ, C.GRADE_ASSIGNED, C.REVIEW_READ, C.NUMBERS_READ,
    C.COACHING_READ,
}  # fmt: skip
_REVIEWER = {
    C.ENTER, C.PEOPLE_READ, C.CONVERSATION_READ, C.SCORECARD_READ, C.GRADE, C.GRADE_ASSIGNED, C.REVIEW_READ,
    C.NUMBERS_READ,
}  # fmt: skip
_LEAD = _REVIEWER | {
    C.PLAN_MANAGE, C.REVIEW_READ_ALL, C.REVIEW_MANAGE, C.NUMBERS_READ_ALL, C.COACHING_READ, C.COACHING_MANAGE,
    C.EXPORT,
}  # fmt: skip
_MANAGER = _LEAD | {C.PEOPLE_WRITE, C.SCORECARD_WRITE, C.IMPORT, C.COACHING_RULES}

GRANTS: dict[Role, frozenset[Capability]] = {
    Role.AGENT: frozenset(_AGENT),
    Role.REVIEWER: frozenset(_REVIEWER),
    Role.LEAD: frozenset(_LEAD),
    Role.MANAGER: frozenset(_MANAGER),
    Role.ADMIN: frozenset(Capability),
}

WORDS: dict[Capability, str] = {
    C.ENTER: "enter this workspace",
    C.ADMINISTER: "change settings, people and keys",
    C.PEOPLE_READ: "see teams and agents",
    C.PEOPLE_WRITE: "change teams and agents",
    C.IMPORT: "import data",
    C.CONVERSATION_READ: "see conversations",
    C.SCORECARD_READ: "see scorecards",
    C.SCORECARD_WRITE: "change scorecards",
    C.PLAN_MANAGE: "plan samples",
    C.GRADE: "grade conversations",
    C.GRADE_ASSIGNED: "grade what is assigned to you",
    C.REVIEW_READ: "see reviews",
    C.REVIEW_READ_ALL: "see everybody's reviews",
    C.REVIEW_MANAGE: "revise or retract reviews",
    C.NUMBERS_READ: "see numbers",
    C.NUMBERS_READ_ALL: "see other people's numbers",
    C.COACHING_READ: "see coaching",
    C.COACHING_MANAGE: "manage coaching",
    C.COACHING_RULES: "change coaching rules",
    C.EXPORT: "export data",
}


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role for the whole workspace (team_id None) or for one team."""

    role: Role
    team_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who is acting, where. Built by `accounts.selectors.actor_for`; tasks use `Actor.system`."""

    workspace: Workspace
    member: Member | None
    grants: tuple[RoleGrant, ...]
    agent_id: int | None = None
    key_id: int | None = None

    @classmethod
    def system(cls, workspace: Workspace) -> Actor:
        """The service itself, for jobs and set-up: may do everything in this workspace."""
        return cls(workspace=workspace, member=None, grants=(RoleGrant(Role.ADMIN),))

    @property
    def workspace_id(self) -> int:
        return self.workspace.pk

    @property
    def member_id(self) -> int | None:
        return self.member.pk if self.member else None

    @property
    def name(self) -> str:
        return self.member.name if self.member else "Plumbline"

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset().union(*(GRANTS[role] for role in self.roles))

    def can(self, capability: Capability) -> bool:
        return any(capability in GRANTS[grant.role] for grant in self.grants)

    def require(self, capability: Capability) -> None:
        """Refused (403) with the reason in words unless the actor can."""
        if not self.can(capability):
            raise Refused(f"Your role does not let you {WORDS[capability]}.", code="role")

    def scope(self, capability: Capability) -> frozenset[int] | None:
        """Team ids for which the actor has the capability; None means the whole workspace."""
        teams = [g.team_id for g in self.grants if capability in GRANTS[g.role]]
        if None in teams:
            return None
        return frozenset(team for team in teams if team is not None)

    def covers(self, capability: Capability, team_id: int | None) -> bool:
        """Whether the capability reaches this team (a row without a team needs the whole workspace)."""
        scope = self.scope(capability)
        return self.can(capability) and (scope is None or team_id in scope)
