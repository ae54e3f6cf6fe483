"""Writes to scorecards and their versions. A scorecard row stamps every change of its versions."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.services import audit
from common.errors import FieldError, Invalid, Missing, invalid
from common.etags import check_match
from scorecards import policies
from scorecards.definition import Definition, InvalidDefinition, parse, to_json
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.ready import SUPPORT_QUALITY, SUPPORT_QUALITY_NAME

State = ScorecardVersion.State
NAME_LENGTH = 255


@transaction.atomic
def create_scorecard(*, actor: Actor, name: str, definition: object) -> tuple[Scorecard, ScorecardVersion]:
    """A new scorecard with its draft version 1. Invalid for a definition with errors."""
    actor.require(Capability.SCORECARD_WRITE)
    scorecard = Scorecard.objects.create(
        workspace_id=actor.workspace_id, name=_name(name), created_by_id=actor.member_id
    )
    audit.record(actor, "scorecard.created", scorecard, {"name": scorecard.name})
    return scorecard, _draft(actor, scorecard, 1, _checked(definition))


@transaction.atomic
def create_ready_scorecard(*, actor: Actor) -> Scorecard:
    """The "Support quality" scorecard of a new workspace, published as version 1."""
    scorecard, draft = create_scorecard(actor=actor, name=SUPPORT_QUALITY_NAME, definition=SUPPORT_QUALITY)
    publish(actor=actor, scorecard_id=scorecard.pk, number=draft.number)
    return scorecard


@transaction.atomic
def rename(*, actor: Actor, scorecard_id: int, name: str, if_match: str | None = None) -> Scorecard:
    """Another name for the scorecard; its versions and reviews stay as they are."""
    scorecard = _locked(actor, scorecard_id)
    check_match(scorecard, if_match)
    before, scorecard.name = scorecard.name, _name(name)
    scorecard.save(update_fields=["name", "updated_at"])
    audit.record(actor, "scorecard.renamed", scorecard, {"name": [before, scorecard.name]})
    return scorecard


@transaction.atomic
def add_version(*, actor: Actor, scorecard_id: int, definition: object | None = None) -> ScorecardVersion:
    """The next draft, by default with the latest version's definition. Conflict while another is open."""
    scorecard = _locked(actor, scorecard_id)
    versions = list(ScorecardVersion.objects.visible_to(actor).filter(scorecard=scorecard).order_by("number"))
    policies.add_version(actor, versions).demand()
    given = versions[-1].definition if definition is None else definition
    _touch(scorecard)
    return _draft(actor, scorecard, versions[-1].number + 1, _checked(given))


@transaction.atomic
def change_draft(
    *, actor: Actor, scorecard_id: int, number: int, definition: object, if_match: str | None = None
) -> ScorecardVersion:
    """Replaces a draft's definition. Conflict once it was published."""
    version = _locked_version(actor, scorecard_id, number, if_match)
    policies.change(actor, version).demand()
    version.definition = to_json(_checked(definition))
    version.save(update_fields=["definition", "updated_at"])
    _finish(actor, version, "changed")
    return version


@transaction.atomic
def publish(*, actor: Actor, scorecard_id: int, number: int, if_match: str | None = None) -> ScorecardVersion:
    """From now on "the scorecard" means this version, unless a later one is published; it never changes."""
    version = _locked_version(actor, scorecard_id, number, if_match)
    policies.publish(actor, version, _checked(version.definition)).demand()
    version.state, version.published_at = State.PUBLISHED, timezone.now()
    version.save(update_fields=["state", "published_at", "updated_at"])
    _finish(actor, version, "published")
    return version


@transaction.atomic
def archive(*, actor: Actor, scorecard_id: int, number: int, if_match: str | None = None) -> ScorecardVersion:
    """Takes a published version out of use; reviews made with it keep it."""
    version = _locked_version(actor, scorecard_id, number, if_match)
    policies.archive(actor, version).demand()
    version.state, version.archived_at = State.ARCHIVED, timezone.now()
    version.save(update_fields=["state", "archived_at", "updated_at"])
    _finish(actor, version, "archived")
    return version


def _locked(actor: Actor, scorecard_id: int) -> Scorecard:
    """The row of the scorecard, which every write to it or its versions takes first."""
    actor.require(Capability.SCORECARD_WRITE)
    found = Scorecard.objects.visible_to(actor).select_for_update().filter(pk=scorecard_id).first()
    if found is None:
        raise Missing()
    return found


def _locked_version(actor: Actor, scorecard_id: int, number: int, if_match: str | None) -> ScorecardVersion:
    scorecard = _locked(actor, scorecard_id)
    rows = ScorecardVersion.objects.visible_to(actor).select_for_update()
    found = rows.filter(scorecard=scorecard, number=number).first()
    if found is None:
        raise Missing()
    found.scorecard = scorecard
    check_match(found, if_match)
    return found


def _draft(actor: Actor, scorecard: Scorecard, number: int, definition: Definition) -> ScorecardVersion:
    version = ScorecardVersion.objects.create(
        workspace_id=actor.workspace_id,
        scorecard=scorecard,
        number=number,
        definition=to_json(definition),
        created_by_id=actor.member_id,
    )
    _record(actor, version, "created")
    return version


def _finish(actor: Actor, version: ScorecardVersion, verb: str) -> None:
    _touch(version.scorecard)
    _record(actor, version, verb)


def _touch(scorecard: Scorecard) -> None:
    """Its answer lists its versions, so that it changes with them."""
    scorecard.save(update_fields=["updated_at"])


def _record(actor: Actor, version: ScorecardVersion, verb: str) -> None:
    changes = {"scorecard": version.scorecard_id, "number": version.number}
    audit.record(actor, f"scorecard_version.{verb}", version, changes)


def _name(name: str) -> str:
    """The name, trimmed; Invalid when nothing is left or it is too long."""
    trimmed = name.strip()
    if not trimmed:
        raise invalid("/name", "required", "Give the scorecard a name.")
    if len(trimmed) > NAME_LENGTH:
        raise invalid("/name", "max_length", f"Use at most {NAME_LENGTH} characters.")
    return trimmed


def _checked(definition: object) -> Definition:
    """The definition as values; Invalid with a pointer for each of its errors."""
    try:
        return parse(definition)
    except InvalidDefinition as error:
        found = [FieldError(f"/definition{f.pointer}", f.code, f.message) for f in error.findings]
        raise Invalid(found) from None
