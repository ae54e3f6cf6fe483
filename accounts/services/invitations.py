"""Invitations: single-use links of seven days; only their hash is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import selectors
from accounts.access import Actor
from accounts.models import Invitation, Member, User
from accounts.services.audit import record
from accounts.services.members import locked_member
from common.errors import Conflict, FieldError, Invalid, Missing, Refused, invalid

LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invited:
    """A fresh invitation and its link, which cannot be shown again."""

    invitation: Invitation
    link: str


@transaction.atomic
def invite(*, actor: Actor, member_id: int) -> Invited:
    """A new link for a member who has no log-in yet; earlier links of his stop working."""
    member = locked_member(actor=actor, member_id=member_id)
    if member.kind == Member.Kind.SERVICE or not member.email:
        raise Conflict(f"{member.name} has no e-mail address to log in with.", code="no_email")
    if member.user_id is not None:
        raise Conflict(f"{member.name} has a log-in already.", code="has_login")
    if not member.is_active:
        raise Conflict(f"{member.name} is deactivated.", code="deactivated")
    now = timezone.now()
    Invitation.objects.filter(member=member, used_at=None, expires_at__gt=now).update(expires_at=now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        workspace_id=member.workspace_id,
        member=member,
        token_hash=selectors.key_hash(token),
        expires_at=now + LASTS,
    )
    record(actor, "member.invited", member, {"email": member.email})
    return Invited(invitation, settings.PUBLIC_URL + reverse("invitation", args=[token]))


@transaction.atomic
def accept_invitation(*, token: str, user: User | None, name: str = "", password: str = "") -> Member:
    """Use the link up. Whoever has a log-in with the invited e-mail joins as that signed-in `user`; anybody
    else gets one, with this name and password."""
    invitation = (
        selectors.open_invitations()
        .select_for_update(of=("self",))
        .filter(token_hash=selectors.key_hash(token))
        .select_related("member__workspace")
        .first()
    )
    if invitation is None:
        raise Missing(selectors.INVITATION_GONE)
    member = invitation.member
    known = selectors.user_by_email(member.email)
    if known is None:
        known = _new_user(member, name, password)
    elif known != user:
        raise Refused(f"Log in as {known.email} to accept this invitation.", code="log_in_first")
    _join(member, known, name.strip())
    invitation.used_at = timezone.now()
    invitation.save(update_fields=["used_at"])
    actor = Actor(workspace=member.workspace, member=member, grants=selectors.grants_of(member))
    record(actor, "member.joined", member, {"email": known.email})
    return member


def _join(member: Member, user: User, name: str) -> None:
    if Member.objects.filter(workspace_id=member.workspace_id, user=user).exclude(pk=member.pk).exists():
        raise Conflict(f"{user.email} is a member of this workspace already.", code="member_already")
    member.user = user
    member.name = name[:255] or member.name
    member.save(update_fields=["user", "name", "updated_at"])


def _new_user(member: Member, name: str, password: str) -> User:
    if not name.strip():
        raise invalid("/name", "required", "Say how you want to be called.")
    try:
        validate_password(password, User(email=member.email, name=name))
    except ValidationError as error:
        raise Invalid([FieldError("/password", "password", " ".join(error.messages))]) from None
    return User.objects.create_user(member.email, password, name=name.strip()[:255])
