"""The replay: a scorecard's past reviews scored by another version of it, in an actor's sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts import selectors as accounts
from accounts.access import Actor, Capability
from accounts.models import Agent, Team
from common.errors import FieldError, Invalid, Missing
from common.periods import Period
from insights.choices import NO_TEAM, History
from insights.facts.history import history
from insights.query import Axis
from insights.replay import Replay, replay
from insights.rescoring import asked_of
from insights.selectors.limits import recent_weeks
from insights.selectors.names import names_of
from qa_reviews.models import Review
from scorecards.definition import Definition, InvalidDefinition, parse
from scorecards.definition.changes import Change, changes
from scorecards.models import ScorecardVersion
from scorecards.selectors import definition_of, pass_mark_of, standing

State = ScorecardVersion.State


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay with the rows it names. `against` is the version that stands, None for the first one.

    `known` are the agents that the actor sees still; `teams` and `agents` also hold those of the past.
    """

    version: ScorecardVersion
    against: ScorecardVersion | None
    changes: tuple[Change, ...]
    period: Period
    axis: Axis
    pass_mark: Decimal
    found: Replay
    cut: bool
    teams: Mapping[int, Team]
    agents: Mapping[int, Agent]
    known: frozenset[int]
    reviews: Mapping[int, Review]


def replayed(
    actor: Actor,
    scorecard_id: int,
    number: int,
    *,
    period: Period | None = None,
    axis: Axis = "submitted",
    definition: object = None,
) -> Replayed:
    """The counted reviews of a scorecard in the period, scored by a version of it, or by an unsaved
    definition (JSON) that is to follow that version. Nothing is written.

    Whole for who sees all numbers, else the actor's teams; Refused (403) to others, Missing (404) without
    such a version, Invalid (422, below /definition). Six queries, one of them a COPY.
    """
    actor.require(Capability.NUMBERS_READ_ALL)
    actor.require(Capability.SCORECARD_READ)
    versions = _versions(actor, scorecard_id)
    version = versions.get(number)
    if version is None:
        raise Missing()
    given = definition_of(version) if definition is None else _parsed(definition)
    against = _standing(versions, version, unsaved=definition is not None)
    base = None if against is None else definition_of(against)
    period = period or recent_weeks(actor)
    past = _past(actor, scorecard_id, period, axis, [given] if base is None else [given, base])
    rows = {row.pk: row for row in versions.values()}
    pass_mark = pass_mark_of(version.scorecard, actor.workspace.settings.pass_mark)
    used = {int(pk): definition_of(rows[int(pk)]) for pk in set(past.versions.tolist())}
    found = replay(past, given, used, pass_mark, base)
    return Replayed(
        version=version,
        against=against,
        changes=() if base is None else tuple(changes(base, given)),
        period=period,
        axis=axis,
        pass_mark=pass_mark,
        found=found,
        cut=past.cut,
        teams=names_of(actor, ("team",), [(pk,) for pk in found.teams if pk != NO_TEAM]).rows["team"],
        agents=names_of(actor, ("agent",), [(pk,) for pk in found.agents]).rows["agent"],
        known=_known(actor, found),
        reviews=_reviews(actor, found),
    )


def _past(
    actor: Actor, scorecard_id: int, period: Period, axis: Axis, asking: Sequence[Definition]
) -> History:
    """The reviews in sight. One COPY, streamed."""
    return history(
        actor.workspace_id,
        scorecard_id,
        period,
        axis,
        teams=actor.scope(Capability.NUMBERS_READ_ALL),
        asked=asked_of(asking),
        peers=actor.workspace.settings.peer_in_iqs,
    )


def _known(actor: Actor, found: Replay) -> frozenset[int]:
    """The agents that have a page for the actor. One query."""
    rows = accounts.agents(actor).filter(pk__in=list(found.agents))
    return frozenset(rows.values_list("pk", flat=True))


def _versions(actor: Actor, scorecard_id: int) -> dict[int, ScorecardVersion]:
    rows = ScorecardVersion.objects.visible_to(actor).filter(scorecard_id=scorecard_id)
    return {row.number: row for row in rows.select_related("scorecard")}


def _parsed(definition: object) -> Definition:
    try:
        return parse(definition)
    except InvalidDefinition as error:
        raise Invalid(
            FieldError(f"/definition{each.pointer}", each.code, each.message) for each in error.findings
        ) from None


def _standing(
    versions: Mapping[int, ScorecardVersion], version: ScorecardVersion, *, unsaved: bool
) -> ScorecardVersion | None:
    """What the version is held against: what stood before it; for an unsaved definition the version itself,
    unless it is a draft."""
    if unsaved and version.state != State.DRAFT:
        return version
    earlier = [row for row in versions.values() if row.number < version.number and row.state != State.DRAFT]
    return standing(earlier) if earlier else None


def _reviews(actor: Actor, found: Replay) -> dict[int, Review]:
    """The reviews that move most, with their conversations. One query."""
    rows = Review.objects.visible_to(actor).select_related("conversation")
    return rows.in_bulk([mover.review for mover in found.movers])
