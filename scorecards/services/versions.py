"""Versions: draft, published, archived. A published one never changes."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from scorecards import policies
from scorecards.definition import to_json
from scorecards.models import ScorecardVersion
from scorecards.services.rows import checked, finish, locked, locked_version, new_draft, touch

State = ScorecardVersion.State


@transaction.atomic
def add_version(*, actor: Actor, scorecard_id: int, definition: object | None = None) -> ScorecardVersion:
    """The next draft, by default with the latest version's definition. Conflict while another is open."""
    scorecard = locked(actor=actor, scorecard_id=scorecard_id)
    versions = list(ScorecardVersion.objects.visible_to(actor).filter(scorecard=scorecard).order_by("number"))
    policies.add_version(actor, versions).demand()
    given = versions[-1].definition if definition is None else definition
    touch(scorecard)
    return new_draft(
        actor=actor, scorecard=scorecard, number=versions[-1].number + 1, definition=checked(given)
    )


@transaction.atomic
def change_draft(
    *, actor: Actor, scorecard_id: int, number: int, definition: object, if_match: str | None = None
) -> ScorecardVersion:
    """Replaces a draft's definition. Conflict once it was published."""
    version = locked_version(actor=actor, scorecard_id=scorecard_id, number=number, if_match=if_match)
    policies.change(actor, version).demand()
    version.definition = to_json(checked(definition))
    version.save(update_fields=["definition", "updated_at"])
    finish(actor=actor, version=version, verb="changed")
    return version


@transaction.atomic
def publish(*, actor: Actor, scorecard_id: int, number: int, if_match: str | None = None) -> ScorecardVersion:
    """From now on "the scorecard" means this version, unless a later one is published; it never changes."""
    version = locked_version(actor=actor, scorecard_id=scorecard_id, number=number, if_match=if_match)
    policies.publish(actor, version, checked(version.definition)).demand()
    version.state, version.published_at = State.PUBLISHED, timezone.now()
    version.save(update_fields=["state", "published_at", "updated_at"])
    finish(actor=actor, version=version, verb="published")
    return version


@transaction.atomic
def archive(*, actor: Actor, scorecard_id: int, number: int, if_match: str | None = None) -> ScorecardVersion:
    """Takes a published version out of use; reviews made with it keep it."""
    version = locked_version(actor=actor, scorecard_id=scorecard_id, number=number, if_match=if_match)
    policies.archive(actor, version).demand()
    version.state, version.archived_at = State.ARCHIVED, timezone.now()
    version.save(update_fields=["state", "archived_at", "updated_at"])
    finish(actor=actor, version=version, verb="archived")
    return version
