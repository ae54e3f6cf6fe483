"""Members: made, given roles, linked to agents, sent away and taken back. Never without an administrator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import selectors
from accounts.access import Actor, Capability, Role, RoleGrant
from accounts.models import Agent, Member, MemberRole, Workspace
from accounts.services import profiles
from accounts.services.audit import record
from common.errors import Conflict, Missing, invalid
from common.etags import check_match


class MemberChanges(profiles.ProfileChanges, total=False):
    """What a change of a member may name; what is absent stays."""

    name: str
    grants: list[RoleGrant]
    agent: Agent | None


@transaction.atomic
def create_member(
    *, actor: Actor, email: str, name: str, grants: Iterable[RoleGrant], agent: Agent | None = None
) -> Member:
    """A person known by his e-mail, without a log-in until he accepts an invitation."""
    actor.require(Capability.ADMINISTER)
    email, name, grants = email.strip(), _name(name), _grants(grants)
    if email and Member.objects.in_workspace(actor.workspace_id).filter(email__iexact=email).exists():
        raise invalid("/email", "taken", f"There is a member with the e-mail {email} already.")
    _check_link(agent, None)
    member = Member.objects.create(workspace_id=actor.workspace_id, email=email, name=name, agent=agent)
    _write_grants(member, grants)
    record(actor, "member.created", member, {"email": email, "name": name} | _as_json(grants, agent))
    return member


@transaction.atomic
def update_member(
    *, actor: Actor, member_id: int, changes: MemberChanges, if_match: str | None = None
) -> Member:
    """Change name, roles or the linked agent, as an administrator; what he reviews and his goal, as one who
    plans for his teams; one audit event with before and after of what changed."""
    if set(changes) - set(profiles.FIELDS):
        actor.require(Capability.ADMINISTER)
    member = _locked(actor, member_id)
    if set(changes) & set(profiles.FIELDS):
        profiles.demand_may_change(actor=actor, member=member, changes=changes)
    check_match(member, if_match)
    before = _state(member)
    _assign(member, changes)
    changed = profiles.assign(member=member, changes=changes)
    after = _state(member)
    changed |= {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changed:
        member.save(update_fields=["name", "agent", *profiles.FIELDS, "updated_at"])
        record(actor, "member.updated", member, changed)
    return member


def _assign(member: Member, changes: MemberChanges) -> None:
    """Name, agent and roles; the roles are written."""
    if "name" in changes:
        member.name = _name(changes["name"])
    if "agent" in changes:
        _check_link(changes["agent"], member)
        member.agent = changes["agent"]
    if "grants" in changes:
        grants = _grants(changes["grants"])
        if RoleGrant(Role.ADMIN) not in grants:
            _keep_an_admin(member)
        _write_grants(member, grants)


@transaction.atomic
def deactivate_member(*, actor: Actor, member_id: int) -> Member:
    """He can no longer enter, nor can his keys; everything he did stays under his name."""
    member = locked_member(actor=actor, member_id=member_id)
    if not member.is_active:
        raise Conflict(f"{member.name} is deactivated already.", code="deactivated")
    _keep_an_admin(member)
    return _set_active(actor, member, False)


@transaction.atomic
def reactivate_member(*, actor: Actor, member_id: int) -> Member:
    """He may enter again, with the roles he had."""
    member = locked_member(actor=actor, member_id=member_id)
    if member.is_active:
        raise Conflict(f"{member.name} is active already.", code="active")
    return _set_active(actor, member, True)


def _set_active(actor: Actor, member: Member, active: bool) -> Member:
    member.deactivated_at = None if active else timezone.now()
    member.save(update_fields=["deactivated_at", "updated_at"])
    record(actor, "member.reactivated" if active else "member.deactivated", member, {"name": member.name})
    return member


def locked_member(*, actor: Actor, member_id: int) -> Member:
    """The member for an administrator's change, locked behind the workspace's row so that two changes cannot
    each take the other's administrator away."""
    actor.require(Capability.ADMINISTER)
    return _locked(actor, member_id)


def _locked(actor: Actor, member_id: int) -> Member:
    Workspace.objects.select_for_update().get(pk=actor.workspace_id)
    rows = (
        Member.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("agent", "user", "workspace")
    )
    member = rows.filter(pk=member_id).first()
    if member is None:
        raise Missing()
    return member


def _keep_an_admin(member: Member) -> None:
    """Conflict when this member is the only administrator who can log in."""
    if RoleGrant(Role.ADMIN) not in selectors.grants_of(member):
        return
    others = Member.objects.in_workspace(member.workspace_id).filter(
        role_rows__role=Role.ADMIN, deactivated_at=None, user__is_active=True
    )
    if not others.exclude(pk=member.pk).exists():
        raise Conflict(
            "Nobody else who can log in administers this workspace: make another member an administrator.",
            code="last_admin",
        )


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 255:
        raise invalid("/name", "invalid", "A member needs a name of at most 255 characters.")
    return name


def _grants(grants: Iterable[RoleGrant]) -> list[RoleGrant]:
    found = list(dict.fromkeys(grants))
    if not found:
        raise invalid("/roles", "required", "A member needs at least one role.")
    for index, grant in enumerate(found):
        if grant.role == Role.ADMIN and grant.team_id is not None:
            raise invalid(
                f"/roles/{index}/team", "invalid", "An administrator is one for the whole workspace."
            )
    return found


def _write_grants(member: Member, grants: list[RoleGrant]) -> None:
    rows = MemberRole.objects.in_workspace(member.workspace_id).filter(member=member)
    held = {RoleGrant(Role(row.role), row.team_id): row.pk for row in rows}
    rows.filter(pk__in=[pk for grant, pk in held.items() if grant not in grants]).delete()
    MemberRole.objects.bulk_create(
        MemberRole(workspace_id=member.workspace_id, member=member, role=grant.role, team_id=grant.team_id)
        for grant in grants
        if grant not in held
    )


def _check_link(agent: Agent | None, member: Member | None) -> None:
    if agent is None:
        return
    linked = Member.objects.in_workspace(agent.workspace_id).filter(agent=agent)
    if (other := linked.first()) is not None and other != member:
        raise invalid("/agent", "taken", f"{agent} is linked to {other.name} already.")


def _state(member: Member) -> dict[str, Any]:
    return {"name": member.name} | _as_json(selectors.grants_of(member), member.agent)


def _as_json(grants: Iterable[RoleGrant], agent: Agent | None) -> dict[str, Any]:
    roles = sorted((grant.role.value, grant.team_id or 0) for grant in grants)
    return {
        "roles": [{"role": role, "team": team or None} for role, team in roles],
        "agent": agent.pk if agent else None,
    }
