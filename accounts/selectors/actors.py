"""Who acts: people and keys, and how they come in. The Actor is built here and nowhere else."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access import Actor, Role, RoleGrant
from accounts.models import ApiKey, Invitation, Member, MemberRole, User, Workspace
from common.errors import Missing, Refused

INVITATION_GONE = "This invitation was used, has expired or was replaced by a newer one. Ask for a new link."

# A person's key may be narrowed to a role that one of his own includes.
STRONGER: dict[Role, tuple[Role, ...]] = {
    Role.ADMIN: (),
    Role.MANAGER: (Role.ADMIN,),
    Role.LEAD: (Role.ADMIN, Role.MANAGER),
    Role.REVIEWER: (Role.ADMIN, Role.MANAGER, Role.LEAD),
    Role.AGENT: (),
}


def key_hash(key: str) -> str:
    """SHA-256 of a key or token: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def grants_of(member: Member) -> tuple[RoleGrant, ...]:
    """The member's roles with their scopes. One query."""
    rows = MemberRole.objects.filter(member_id=member.pk)
    return tuple(RoleGrant(Role(row.role), row.team_id) for row in rows)


def narrowed(grants: Iterable[RoleGrant], role: Role) -> tuple[RoleGrant, ...]:
    """The grants reduced to one role: as held, else in the scopes of stronger roles; () when not held."""
    grants = tuple(grants)
    for held in ((role,), STRONGER[role]):
        if found := {RoleGrant(role, g.team_id) for g in grants if g.role in held}:
            return tuple(found)
    return ()


def actor_for(slug: str, *, user: User | None = None, key: ApiKey | None = None) -> Actor:
    """The actor of a person or a key in the workspace named in the URL; Missing (404) to strangers.
    Two queries."""
    members = Member.objects.select_related("workspace", "workspace__settings").filter(
        workspace__slug=slug, deactivated_at=None
    )
    member = (
        members.filter(pk=key.member_id).first()
        if key is not None
        else members.filter(user=user, user__is_active=True).first()
    )
    if member is None:
        raise Missing("There is no such workspace, or you are not a member of it.")
    grants = grants_of(member)
    if key is not None:
        grants = narrowed(grants, Role(key.role))
        if not grants:
            raise Refused("The member of this key no longer has its role.", code="role")
    return Actor(
        workspace=member.workspace,
        member=member,
        grants=grants,
        agent_id=member.agent_id if any(g.role == Role.AGENT for g in grants) else None,
        key_id=key.pk if key else None,
    )


def actors_of(workspace: Workspace, member_ids: Collection[int] | None = None) -> dict[int, Actor]:
    """Each active member (all, or of these ids) as an actor, by id: whom something may be told, and who may
    be asked to do it. Two queries."""
    rows = Member.objects.in_workspace(workspace.pk).filter(deactivated_at=None).order_by("pk")
    rows = rows if member_ids is None else rows.filter(pk__in=member_ids)
    grants: dict[int, list[RoleGrant]] = defaultdict(list)
    for role in MemberRole.objects.in_workspace(workspace.pk).filter(member__in=rows.order_by()):
        grants[role.member_id].append(RoleGrant(Role(role.role), role.team_id))
    return {member.pk: _actor(workspace, member, tuple(grants[member.pk])) for member in rows}


def _actor(workspace: Workspace, member: Member, grants: tuple[RoleGrant, ...]) -> Actor:
    is_agent = any(grant.role == Role.AGENT for grant in grants)
    agent_id = member.agent_id if is_agent else None
    return Actor(workspace=workspace, member=member, grants=grants, agent_id=agent_id)


def live_key(presented: str) -> ApiKey | None:
    """The unrevoked, unexpired key that was presented. One query."""
    return (
        ApiKey.objects.select_related("member")
        .filter(
            Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
            key_hash=key_hash(presented),
            revoked_at=None,
        )
        .first()
    )


def workspaces_of(user: User) -> QuerySet[Workspace]:
    """The workspaces in which the person is an active member, by name."""
    members = Member.objects.filter(user=user, deactivated_at=None)
    return Workspace.objects.filter(pk__in=members.values("workspace_id")).order_by("name")


def user_by_email(email: str) -> User | None:
    """Whoever logs in with this e-mail, in whatever case. One query."""
    return User.objects.filter(email__iexact=email.strip()).first() if email.strip() else None


def open_invitations() -> QuerySet[Invitation]:
    """Invitations whose links still work; only a token's hash leads to one."""
    return Invitation.objects.filter(
        used_at=None, expires_at__gt=timezone.now(), member__deactivated_at=None, member__user=None
    )


def invitation(token: str) -> Invitation:
    """The open invitation of a link, with its member and workspace, or Missing (404). One query."""
    rows = open_invitations().select_related("member__workspace")
    found = rows.filter(token_hash=key_hash(token)).first()
    if found is None:
        raise Missing(INVITATION_GONE)
    return found


def workspace_exists(slug: str) -> bool:
    """Whether the slug is taken. One query."""
    return Workspace.objects.filter(slug=slug).exists()


def workspace(slug: str) -> Workspace:
    """The workspace of this slug, for operators' commands, or Missing. One query."""
    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        raise Missing(f"There is no workspace “{slug}”.")
    return found
