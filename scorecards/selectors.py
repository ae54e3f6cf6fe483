"""Reads of scorecards. Actor first; each says how many queries it makes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from django.db.models import Prefetch, QuerySet

from accounts.access import Actor
from common.errors import Missing
from scorecards.definition import Context, Definition, parse
from scorecards.definition.changes import Change, changes
from scorecards.models import LibraryItem, Scorecard, ScorecardVersion
from scorecards.offering import Offer, offered

CACHED_DEFINITIONS = 256


def scorecards(actor: Actor) -> QuerySet[Scorecard]:
    """The scorecards the actor sees, each with its versions by number, without their definitions.
    Two queries."""
    versions = ScorecardVersion.objects.visible_to(actor).defer("definition").order_by("number")
    return Scorecard.objects.visible_to(actor).prefetch_related(Prefetch("versions", versions))


def scorecard(actor: Actor, scorecard_id: int) -> Scorecard:
    """One of them, or Missing. Two queries."""
    found = scorecards(actor).filter(pk=scorecard_id).first()
    if found is None:
        raise Missing()
    return found


def versions(actor: Actor, scorecard_id: int) -> QuerySet[ScorecardVersion]:
    """The versions of a scorecard that the actor sees, or Missing. Two queries."""
    if not Scorecard.objects.visible_to(actor).filter(pk=scorecard_id).exists():
        raise Missing()
    rows = ScorecardVersion.objects.visible_to(actor).filter(scorecard_id=scorecard_id)
    return rows.select_related("scorecard", "created_by")


def version(actor: Actor, scorecard_id: int, number: int) -> ScorecardVersion:
    """One version by its number, or Missing. One query."""
    rows = ScorecardVersion.objects.visible_to(actor).select_related("scorecard", "created_by")
    found = rows.filter(scorecard_id=scorecard_id, number=number).first()
    if found is None:
        raise Missing()
    return found


def standing(versions: Iterable[ScorecardVersion]) -> ScorecardVersion:
    """The version that stands for its scorecard: the latest published one, else the latest of all."""
    return max(versions, key=lambda each: (each.state == ScorecardVersion.State.PUBLISHED, each.number))


def standing_versions(actor: Actor) -> dict[int, ScorecardVersion]:
    """Scorecard id -> the version that stands for it. One query."""
    rows = ScorecardVersion.objects.visible_to(actor).order_by("scorecard_id")
    by_scorecard = groupby(rows, key=lambda row: row.scorecard_id)
    return {scorecard_id: standing(versions) for scorecard_id, versions in by_scorecard}


def published_version(where: Actor | int, scorecard_id: int) -> ScorecardVersion | None:
    """What "the scorecard" means: its latest published version, or None. One query.

    For an Actor only what he may see of scorecards; for a workspace's id whatever it has, since an agent
    reads the version of his own review without seeing scorecards.
    """
    all_rows = ScorecardVersion.objects.all()
    rows = all_rows.in_workspace(where) if isinstance(where, int) else all_rows.visible_to(where)
    return (
        rows.filter(scorecard_id=scorecard_id, state=ScorecardVersion.State.PUBLISHED)
        .order_by("-number")
        .first()
    )


def offered_scorecards(actor: Actor, context: Context, agent_kind: str) -> list[Offer]:
    """The published scorecards of the workspace in the order in which to propose them for a conversation like
    `context` with an agent of this kind. One query; nothing for who may not see scorecards."""
    published = ScorecardVersion.objects.visible_to(actor).filter(state=ScorecardVersion.State.PUBLISHED)
    rows = Scorecard.objects.visible_to(actor).filter(pk__in=published.values("scorecard_id"))
    return offered([Offer(row.pk, row.name, row.rank, row.offer_when) for row in rows], context, agent_kind)


def library(actor: Actor) -> QuerySet[LibraryItem]:
    """Categories and root causes to copy from. One query."""
    return LibraryItem.objects.visible_to(actor)


def changes_between(actor: Actor, scorecard_id: int, number: int, against: int) -> list[Change]:
    """What version `number` changed against another of the same scorecard, in words. Two queries."""
    before, after = version(actor, scorecard_id, against), version(actor, scorecard_id, number)
    return changes(definition_of(before), definition_of(after))


def pass_mark_of(scorecard: Scorecard, workspace_default: Decimal) -> Decimal:
    """Today's mark of the scorecard's reviews, of all its versions: its own, else the workspace's."""
    return workspace_default if scorecard.pass_mark is None else scorecard.pass_mark


def definition_of(version: ScorecardVersion) -> Definition:
    """The version's definition as values; parsed once in a process for versions that cannot change."""
    if version.state == ScorecardVersion.State.DRAFT:
        return parse(version.definition)
    return _parsed(_Stored(version.pk, version.updated_at, version.definition))


@dataclass(frozen=True, slots=True)
class _Stored:
    """A definition's JSON, known by its row and time of change alone."""

    pk: int
    updated_at: datetime
    raw: object = field(compare=False)


@lru_cache(maxsize=CACHED_DEFINITIONS)
def _parsed(stored: _Stored) -> Definition:
    return parse(stored.raw)
