"""The settings of a workspace: only what changed is written, and audited with before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Actor, Capability
from accounts.models import Workspace, WorkspaceSettings
from accounts.services.audit import record
from accounts.services.workspaces import zone_error
from common.errors import FieldError, Invalid
from common.etags import check_match

OF_WORKSPACE = ("name", "timezone")
OF_SETTINGS = tuple(
    field.attname
    for field in WorkspaceSettings._meta.concrete_fields
    if field.name not in {"id", "workspace", "created_at", "updated_at"}
)


SettingCheck = Callable[[Actor, Any], FieldError | None]
_checks: dict[str, SettingCheck] = {}


def check_setting(name: str, check: SettingCheck, /) -> None:
    """Let a higher app say what is wrong with a value that names one of its rows."""
    _checks[name] = check


@transaction.atomic
def update_settings(
    *, actor: Actor, changes: Mapping[str, Any], if_match: str | None = None
) -> WorkspaceSettings:
    """Write the named values (fields of WorkspaceSettings, and the workspace's `name` and `timezone`). A new
    zone changes no local date that is stored already."""
    actor.require(Capability.ADMINISTER)
    workspace = Workspace.objects.select_for_update().get(pk=actor.workspace_id)
    row = WorkspaceSettings.objects.visible_to(actor).select_for_update().get()
    row.workspace = workspace
    check_match(row, if_match)
    changed: dict[str, list[Any]] = {}
    for name, value in changes.items():
        target = workspace if name in OF_WORKSPACE else row
        before = getattr(target, name)
        if before != value:
            setattr(target, name, value)
            changed[name] = [_plain(before), _plain(value)]
    if not changed:
        return row
    _check(actor, workspace, row, changed)
    workspace.save(update_fields=[*OF_WORKSPACE, "updated_at"])
    row.save(update_fields=[*[name for name in changed if name in OF_SETTINGS], "updated_at"])
    record(actor, "settings.updated", row, changed)
    return row


def _check(actor: Actor, workspace: Workspace, row: WorkspaceSettings, changed: Mapping[str, Any]) -> None:
    errors = []
    if "timezone" in changed and (error := zone_error(workspace.timezone)):
        errors.append(error)
    if not workspace.name.strip():
        errors.append(FieldError("/name", "required", "A workspace needs a name."))
    try:
        row.clean_fields(exclude=[f.name for f in row._meta.concrete_fields if f.attname not in changed])
    except ValidationError as found:
        errors += [
            FieldError(f"/{name}", "invalid", " ".join(words)) for name, words in found.message_dict.items()
        ]
    found_above = [check(actor, getattr(row, name)) for name, check in _checks.items() if name in changed]
    errors += [error for error in found_above if error is not None]
    if errors:
        raise Invalid(errors)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
