"""What every write to scorecards shares: the locked rows, checked input, stamp and audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accounts.access import Actor, Capability
from accounts.services import audit
from common.errors import FieldError, Invalid, Missing
from common.etags import check_match
from scorecards.definition import Definition, Finding, InvalidDefinition, parse, to_json
from scorecards.definition.fields import Fields
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.terms import Terms, read_terms


def locked(*, actor: Actor, scorecard_id: int) -> Scorecard:
    """The row of the scorecard, which every write to it or its versions takes first."""
    actor.require(Capability.SCORECARD_WRITE)
    found = Scorecard.objects.visible_to(actor).select_for_update().filter(pk=scorecard_id).first()
    if found is None:
        raise Missing()
    return found


def locked_version(*, actor: Actor, scorecard_id: int, number: int, if_match: str | None) -> ScorecardVersion:
    """One version, its scorecard locked before it; Stale when it is not as `if_match` says."""
    scorecard = locked(actor=actor, scorecard_id=scorecard_id)
    rows = ScorecardVersion.objects.visible_to(actor).select_for_update()
    found = rows.filter(scorecard=scorecard, number=number).first()
    if found is None:
        raise Missing()
    found.scorecard = scorecard
    check_match(found, if_match)
    return found


def new_draft(*, actor: Actor, scorecard: Scorecard, number: int, definition: Definition) -> ScorecardVersion:
    """A draft of that number, with its audit row."""
    version = ScorecardVersion.objects.create(
        workspace_id=actor.workspace_id,
        scorecard=scorecard,
        number=number,
        definition=to_json(definition),
        created_by_id=actor.member_id,
    )
    record_version(actor=actor, version=version, verb="created")
    return version


def finish(*, actor: Actor, version: ScorecardVersion, verb: str) -> None:
    """After a version changed: its scorecard's stamp, and the audit row."""
    touch(version.scorecard)
    record_version(actor=actor, version=version, verb=verb)


def touch(scorecard: Scorecard) -> None:
    """Its answer lists its versions, so that it changes with them."""
    scorecard.save(update_fields=["updated_at"])


def record_version(*, actor: Actor, version: ScorecardVersion, verb: str) -> None:
    """The audit row of a version."""
    changes = {"scorecard": version.scorecard_id, "number": version.number}
    audit.record(actor, f"scorecard_version.{verb}", version, changes)


def checked(definition: object) -> Definition:
    """The definition as values; Invalid with a pointer for each of its errors."""
    try:
        return parse(definition)
    except InvalidDefinition as error:
        raise refused(findings=error.findings, below="/definition") from None


def checked_terms(given: Mapping[str, object]) -> Terms:
    """Name, pass mark, bands, rule and rank as they are stored; Invalid with a pointer for each error."""
    fields = Fields()
    terms = read_terms(fields, given)
    if fields.findings:
        raise refused(findings=fields.findings)
    return terms


def refused(*, findings: Iterable[Finding], below: str = "") -> Invalid:
    """The findings as errors of the input, their pointers `below` a field of it."""
    return Invalid(FieldError(f"{below}{each.pointer}", each.code, each.message) for each in findings)
