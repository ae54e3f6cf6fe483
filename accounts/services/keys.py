"""API keys: made, shown once, used, revoked."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import selectors
from accounts.access import Actor, Capability, Role
from accounts.models import Agent, ApiKey, Member, MemberRole
from accounts.services.audit import record
from common.errors import Conflict, Missing, invalid

PREFIX = "plb_"
TOUCH_EVERY = timedelta(minutes=1)


def touch(*, key: ApiKey) -> None:
    """Note the use of a key, written at most once a minute."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - TOUCH_EVERY:
        fresh = Q(last_used_at=None) | Q(last_used_at__lt=now - TOUCH_EVERY)
        ApiKey.objects.filter(fresh, pk=key.pk).update(last_used_at=now)


@transaction.atomic
def create_key(
    *,
    actor: Actor,
    name: str,
    role: Role,
    member: Member | None = None,
    agent: Agent | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret (shown this once). Bound to a person, or else to its own service member with
    the key's name and role; a key of role agent names its agent."""
    actor.require(Capability.ADMINISTER)
    if not name.strip():
        raise invalid("/name", "required", "A key needs a name.")
    if expires_at is not None and expires_at <= timezone.now():
        raise invalid("/expires_at", "in_the_past", "The key would already have expired.")
    if member is None:
        member = _service_member(actor, name.strip(), role, agent)
    elif agent is not None:
        raise invalid("/agent", "invalid", "A key of a member acts as that member: leave the agent out.")
    if not member.is_active:
        raise invalid("/member", "deactivated", f"{member.name} is deactivated.")
    if not selectors.narrowed(selectors.grants_of(member), role):
        raise invalid("/role", "role_not_held", f"{member.name} does not hold the role {role}.")
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        workspace_id=actor.workspace_id,
        member=member,
        name=name.strip(),
        role=role,
        prefix=secret[:12],
        key_hash=selectors.key_hash(secret),
        created_by_id=actor.member_id,
        expires_at=expires_at,
    )
    record(actor, "api_key.created", key, {"name": key.name, "role": role, "member": member.pk})
    return key, secret


def _service_member(actor: Actor, name: str, role: Role, agent: Agent | None) -> Member:
    if role == Role.AGENT and agent is None:
        raise invalid("/agent", "required", "A key of role agent names its agent.")
    if role != Role.AGENT and agent is not None:
        raise invalid("/agent", "invalid", "Only a key of role agent names an agent.")
    if agent is not None and (linked := Member.objects.filter(agent=agent).first()) is not None:
        return linked  # the agent's own member: the key sees what he sees
    member = Member.objects.create(
        workspace_id=actor.workspace_id, kind=Member.Kind.SERVICE, name=name, agent=agent
    )
    MemberRole.objects.create(workspace_id=actor.workspace_id, member=member, role=role)
    return member


@transaction.atomic
def revoke_key(*, actor: Actor, key_id: int) -> ApiKey:
    """The key stops working at once; its row stays for the audit."""
    actor.require(Capability.ADMINISTER)
    key = (
        ApiKey.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("member")
        .filter(pk=key_id)
    ).first()
    if key is None:
        raise Missing()
    if key.revoked_at is not None:
        raise Conflict("This key was revoked already.", code="revoked")
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    record(actor, "api_key.revoked", key, {"name": key.name})
    return key
