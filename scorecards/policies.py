"""What an actor may do to a scorecard or a version now; services, buttons and the API ask here."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.access import Actor, Capability
from common.decisions import ALLOWED, Decision
from common.errors import Conflict, FieldError, Problem
from scorecards.definition import Definition
from scorecards.definition.relations import located
from scorecards.models import ScorecardVersion

State = ScorecardVersion.State


def write(actor: Actor) -> Decision:
    """Whether the role writes scorecards at all."""
    try:
        actor.require(Capability.SCORECARD_WRITE)
    except Problem as refusal:
        return Decision(refusal)
    return ALLOWED


def add_version(actor: Actor, versions: Iterable[ScorecardVersion]) -> Decision:
    """A scorecard has at most one draft at a time, so that nobody edits past a colleague."""
    draft = next((version for version in versions if version.state == State.DRAFT), None)
    if draft is None:
        return write(actor)
    detail = _("Version %(number)d is still a draft: edit or publish that one.") % {"number": draft.number}
    return _unless_role(actor, Conflict(detail, code="draft_exists"))


def change(actor: Actor, version: ScorecardVersion) -> Decision:
    """Only a draft changes."""
    if version.state == State.DRAFT:
        return write(actor)
    detail = _("Version %(number)d was published, and a published version never changes. Make a new version.")
    return _unless_role(actor, Conflict(detail % {"number": version.number}, code="not_a_draft"))


def publish(actor: Actor, version: ScorecardVersion, definition: Definition) -> Decision:
    """A draft, and nothing in it that tells blind graders about CSAT."""
    if version.state != State.DRAFT:
        detail = _("Version %(number)d has been published already.") % {"number": version.number}
        return _unless_role(actor, Conflict(detail, code="not_a_draft"))
    if definition.uses_csat and actor.workspace.settings.blind:
        return _unless_role(actor, _csat_while_blind(definition))
    return write(actor)


def archive(actor: Actor, version: ScorecardVersion) -> Decision:
    """Only a published version is archived."""
    if version.state == State.PUBLISHED:
        return write(actor)
    if version.state == State.DRAFT:
        detail = _("Version %(number)d is a draft: there is nothing in use to archive.")
    else:
        detail = _("Version %(number)d has been archived already.")
    return _unless_role(actor, Conflict(detail % {"number": version.number}, code="not_published"))


def _unless_role(actor: Actor, refusal: Conflict) -> Decision:
    """The role's refusal comes first; it does not tell of states."""
    role = write(actor)
    return role if not role.allowed else Decision(refusal)


def _csat_while_blind(definition: Definition) -> Conflict:
    detail = _(
        "A category or question is shown by whether the customer answered a survey. Blind grading is on, and "
        "this would tell reviewers about the survey. Remove the condition, or switch blind grading off."
    )
    code = "csat_condition_while_blind"
    places = [
        f"/definition{pointer}/show_when/csat"
        for pointer, asked in located(definition)
        if asked.show_when.csat is not None
    ]
    return Conflict(detail, code=code, errors=[FieldError(place, code, detail) for place in places])


def scorecard_actions(actor: Actor, versions: Iterable[ScorecardVersion]) -> list[str]:
    """What the actor may do to the scorecard now, by the names of the API's actions."""
    return _allowed({"change": write(actor), "add_version": add_version(actor, versions)})


def version_actions(actor: Actor, version: ScorecardVersion, definition: Definition) -> list[str]:
    """What the actor may do to the version now, by the names of the API's actions."""
    return _allowed(
        {
            "change": change(actor, version),
            "publish": publish(actor, version, definition),
            "archive": archive(actor, version),
            "duplicate": write(actor),
        }
    )


def library_item_actions(actor: Actor) -> list[str]:
    """What the actor may do to an item of the library."""
    return _allowed({"delete": write(actor)})


def _allowed(decisions: dict[str, Decision]) -> list[str]:
    return [name for name, decision in decisions.items() if decision.allowed]
