"""Workspaces: opened with their settings and a first administrator."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import transaction

from accounts.access import Actor, Role, RoleGrant
from accounts.models import Workspace, WorkspaceSettings
from accounts.services.audit import record
from accounts.services.invitations import Invited, invite
from accounts.services.members import create_member
from accounts.services.references import give_published
from common.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class Opened:
    """A new workspace and the single-use link by which its first administrator sets his password."""

    workspace: Workspace
    invited: Invited


@transaction.atomic
def create_workspace(*, slug: str, name: str, timezone: str, admin_email: str) -> Opened:
    """A workspace with default settings, published figures to compare with, and one administrator, invited.
    Invalid names each wrong value."""
    slug, name, admin_email = slug.strip(), name.strip(), admin_email.strip()
    _check(slug, name, timezone, admin_email)
    workspace = Workspace.objects.create(slug=slug, name=name, timezone=timezone)
    WorkspaceSettings.objects.create(workspace=workspace)
    actor = Actor.system(workspace)
    record(actor, "workspace.created", workspace, {"slug": slug, "name": name, "timezone": timezone})
    give_published(actor=actor)
    admin = create_member(
        actor=actor,
        email=admin_email,
        name=admin_email.partition("@")[0],
        grants=[RoleGrant(Role.ADMIN)],
    )
    return Opened(workspace, invite(actor=actor, member_id=admin.pk))


def zone_error(timezone: str) -> FieldError | None:
    """What is wrong with the name of a time zone, or None."""
    if timezone in available_timezones():
        return None
    return FieldError(
        "/timezone", "unknown_timezone", f"“{timezone[:64]}” is not a time zone like Europe/Berlin."
    )


def _check(slug: str, name: str, timezone: str, admin_email: str) -> None:
    errors = [zone_error(timezone)]
    if not name or len(name) > 255:
        errors.append(FieldError("/name", "invalid", "A workspace needs a name of at most 255 characters."))
    if not _passes(validate_slug, slug) or len(slug) > 63:
        errors.append(
            FieldError("/slug", "invalid", "A slug has up to 63 letters, digits, hyphens or underscores.")
        )
    elif Workspace.objects.filter(slug=slug).exists():
        errors.append(FieldError("/slug", "taken", f"There is a workspace “{slug}” already."))
    if not _passes(validate_email, admin_email):
        errors.append(
            FieldError("/admin_email", "invalid", f"“{admin_email[:80]}” is not an e-mail address.")
        )
    if found := [error for error in errors if error is not None]:
        raise Invalid(found)


def _passes(validator: object, value: str) -> bool:
    assert callable(validator)
    try:
        validator(value)
    except ValidationError:
        return False
    return True
