"""Who wants to be told how: a member's own preferences, and the workspace's defaults and locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Workspace
from accounts.services.audit import record
from common.errors import Conflict, FieldError, Invalid, Refused
from notices import selectors
from notices.models import NoticeChoice
from notices.selectors import Choice, KindChoice


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change of one kind; None stays as it is."""

    kind: str
    inbox: bool | None = None
    email: bool | None = None
    locked: bool | None = None

    def over(self, choice: Choice) -> Choice:
        return Choice(
            inbox=choice.inbox if self.inbox is None else self.inbox,
            email=choice.email if self.email is None else self.email,
            locked=choice.locked if self.locked is None else self.locked,
        )


@transaction.atomic
def set_preferences(*, actor: Actor, changes: Sequence[Change]) -> list[KindChoice]:
    """The actor's own choices. Invalid for a kind that he is never told of; Conflict for one that the
    workspace has locked. From now on: notices that stand keep their place."""
    if actor.member_id is None:
        raise Refused("Preferences belong to a member.", code="no_member")
    now = _by_kind(selectors.preferences(actor))
    _check_known(changes, now)
    locked = [change.kind for change in changes if now[change.kind].locked and _differs(change, now)]
    if locked:
        raise Conflict(f"Your workspace decides how you are told: {', '.join(locked)}.", code="locked")
    _write(actor, actor.member_id, _changed(changes, now))
    return selectors.preferences(actor)


@transaction.atomic
def set_defaults(*, actor: Actor, changes: Sequence[Change]) -> list[KindChoice]:
    """What the workspace says of these kinds; a locked one counts for everybody, whatever he chose."""
    actor.require(Capability.ADMINISTER)
    workspace = Workspace.objects.select_for_update().get(pk=actor.workspace_id)
    before = _by_kind(selectors.defaults(actor))
    _check_known(changes, before)
    changed = _changed(changes, before)
    _write(actor, None, changed)
    if changed:
        words = {kind: [_words(before[kind]), _words(choice)] for kind, choice in changed.items()}
        record(actor, "notices.defaults_updated", workspace, words)
    return selectors.defaults(actor)


def _by_kind(rows: Iterable[KindChoice]) -> dict[str, Choice]:
    return {row.kind.name: row.choice for row in rows}


def _check_known(changes: Iterable[Change], known: dict[str, Choice]) -> None:
    unknown = [
        FieldError(f"/kinds/{place}/kind", "not_found", f"You are never told of “{change.kind[:80]}”.")
        for place, change in enumerate(changes)
        if change.kind not in known
    ]
    if unknown:
        raise Invalid(unknown)


def _differs(change: Change, now: dict[str, Choice]) -> bool:
    return change.over(now[change.kind]) != now[change.kind]


def _changed(changes: Iterable[Change], now: dict[str, Choice]) -> dict[str, Choice]:
    return {change.kind: change.over(now[change.kind]) for change in changes if _differs(change, now)}


def _write(actor: Actor, member_id: int | None, choices: dict[str, Choice]) -> None:
    NoticeChoice.objects.bulk_create(
        [
            NoticeChoice(
                workspace_id=actor.workspace_id,
                member_id=member_id,
                kind=kind,
                inbox=choice.inbox,
                email=choice.email,
                locked=choice.locked,
                updated_at=timezone.now(),
            )
            for kind, choice in choices.items()
        ],
        update_conflicts=True,
        unique_fields=["workspace", "member", "kind"],
        update_fields=["inbox", "email", "locked", "updated_at"],
    )


def _words(choice: Choice) -> dict[str, Any]:
    return {"inbox": choice.inbox, "email": choice.email, "locked": choice.locked}
