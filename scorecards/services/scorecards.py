"""Scorecards: made new, from a file, the gallery or another one; and their terms."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from accounts.access import Actor, Capability
from accounts.services import audit
from common.errors import Malformed, Missing
from common.etags import check_match
from scorecards.definition import Definition, parse
from scorecards.files import InvalidFile, UnreadableFile, from_file
from scorecards.gallery import card_of
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.ready import SUPPORT_QUALITY, SUPPORT_QUALITY_NAME
from scorecards.services.rows import checked, checked_terms, locked, new_draft, refused
from scorecards.services.versions import publish
from scorecards.terms import Terms

TERMS = ("pass_mark", "bands", "offer_when", "rank")

Created = tuple[Scorecard, ScorecardVersion]


@transaction.atomic
def create_scorecard(
    *, actor: Actor, name: str, definition: object, terms: Mapping[str, object] | None = None
) -> Created:
    """A new scorecard with its draft version 1; `terms` are pass_mark, bands, offer_when and rank, as JSON.
    Invalid for a definition or terms with errors."""
    actor.require(Capability.SCORECARD_WRITE)
    return _create(actor, checked_terms({**(terms or {}), "name": name}), checked(definition))


@transaction.atomic
def create_ready_scorecard(*, actor: Actor) -> Scorecard:
    """The "Support quality" scorecard of a new workspace, published as version 1."""
    scorecard, draft = create_scorecard(actor=actor, name=SUPPORT_QUALITY_NAME, definition=SUPPORT_QUALITY)
    publish(actor=actor, scorecard_id=scorecard.pk, number=draft.number)
    return scorecard


@transaction.atomic
def import_scorecard(*, actor: Actor, text: str) -> Scorecard:
    """A new scorecard out of a file's text (scorecards/files.py). Malformed when it cannot be read, Invalid
    with a pointer for each error."""
    actor.require(Capability.SCORECARD_WRITE)
    try:
        file = from_file(text)
    except UnreadableFile as error:
        raise Malformed(str(error)) from None
    except InvalidFile as error:
        raise refused(findings=error.findings) from None
    return _create(actor, file.terms, file.definition)[0]


@transaction.atomic
def create_from_gallery(*, actor: Actor, slug: str, name: str | None = None) -> Scorecard:
    """A new scorecard with the draft that the gallery has under this slug; Missing when it has none. Named as
    there unless said otherwise."""
    actor.require(Capability.SCORECARD_WRITE)
    card = card_of(slug)
    if card is None:
        raise Missing()
    terms = card.file.terms | ({} if name is None else checked_terms({"name": name}))
    return _create(actor, terms, card.file.definition)[0]


@transaction.atomic
def duplicate(*, actor: Actor, scorecard_id: int, number: int, name: str) -> Scorecard:
    """A new scorecard with this version's definition as its draft, and the scorecard's terms."""
    original = locked(actor=actor, scorecard_id=scorecard_id)
    version = ScorecardVersion.objects.visible_to(actor).filter(scorecard=original, number=number).first()
    if version is None:
        raise Missing()
    terms: Terms = {field: getattr(original, field) for field in TERMS}
    return _create(actor, terms | checked_terms({"name": name}), parse(version.definition))[0]


@transaction.atomic
def update_scorecard(
    *, actor: Actor, scorecard_id: int, changes: Mapping[str, object], if_match: str | None = None
) -> Scorecard:
    """Other terms (name, pass_mark, bands, offer_when, rank, as JSON) for the scorecard; its versions and the
    scores of its reviews stay, whether they pass is seen by today's mark. Invalid with a pointer for each
    error."""
    scorecard = locked(actor=actor, scorecard_id=scorecard_id)
    check_match(scorecard, if_match)
    terms = checked_terms(changes)
    before = {field: getattr(scorecard, field) for field in terms}
    changed = {field: value for field, value in terms.items() if value != before[field]}
    for field, value in changed.items():
        setattr(scorecard, field, value)
    scorecard.save(update_fields=[*changed, "updated_at"])
    told = {field: [_json(before[field]), _json(value)] for field, value in changed.items()}
    audit.record(actor, "scorecard.changed", scorecard, told)
    return scorecard


def _create(actor: Actor, terms: Terms, definition: Definition) -> Created:
    scorecard = Scorecard.objects.create(
        workspace_id=actor.workspace_id, created_by_id=actor.member_id, **terms
    )
    audit.record(actor, "scorecard.created", scorecard, {"name": scorecard.name})
    return scorecard, new_draft(actor=actor, scorecard=scorecard, number=1, definition=definition)


def _json(value: object) -> object:
    return f"{value:f}" if isinstance(value, Decimal) else value
