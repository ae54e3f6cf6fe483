"""Reads of merged agents: what would move, what forbids it, what was merged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, UniqueConstraint
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, Capability
from accounts.merging import Followed, days_left, followed, followed_column
from accounts.models import Agent, AgentMerge, MergedRows
from accounts.selectors.agents_and_teams import agents, agents_with_team
from common.errors import FieldError, Missing

MOST_CLASHES = 20
MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """What merging would do: rows in words, and what forbids it."""

    merged: Agent
    into: Agent
    moves: list[str]
    reasons: list[FieldError]


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of a column."""

    column: str
    rows: int

    @property
    def words(self) -> str:
        known = followed_column(self.column)
        return known.count(self.rows) if known else self.column


def rows_of(column: Followed, agent_id: int) -> QuerySet[Any]:
    """The rows of a column that point to this agent."""
    rows: QuerySet[Any] = column.table._base_manager.filter(**{f"{column.name}_id": agent_id})
    return rows


def merge_preview(actor: Actor, agent_id: int, into_id: int) -> Preview:
    """What would move and what forbids it. Missing (404) for agents that the actor does not see. Two queries,
    one more a column, and one more a column that may clash."""
    merged, into = pair(actor, agent_id, into_id)
    counts = [(column, rows_of(column, merged.pk).count()) for column in followed()]
    return Preview(
        merged,
        into,
        [column.count(rows) for column, rows in counts if rows],
        reasons(merged, into),
    )


def pair(actor: Actor, agent_id: int, into_id: int) -> tuple[Agent, Agent]:
    """The agent who goes and the one who stays: where that one went into another, the other."""
    actor.require(Capability.PEOPLE_WRITE)
    rows = Agent.objects.visible_to(actor).select_related("merged_into").in_bulk([agent_id, into_id])
    if len(rows) < len({agent_id, into_id}):
        raise Missing()
    into = rows[into_id]
    return rows[agent_id], into.merged_into or into


def reasons(merged: Agent, into: Agent) -> list[FieldError]:
    """Everything that forbids the merge; empty when nothing does."""
    said = {"agent": merged, "into": into}
    if merged.pk == into.pk:
        detail = _("%(agent)s and the agent that you chose are one already.") % said
        return [FieldError("/into", "same", detail)]
    if merged.merged_into is not None:
        detail = _("%(agent)s was merged into %(into)s already. Undo that first.")
        return [FieldError("/into", "merged", detail % (said | {"into": merged.merged_into}))]
    if merged.kind != into.kind:
        return [FieldError("/into", "kinds_differ", _("One of them is a bot and the other a person."))]
    return [FieldError("/into", "clash", why) for why in _clashes_in_words(merged.pk, into.pk)]


def _clashes_in_words(merged_id: int, into_id: int) -> Iterator[str]:
    for column in followed():
        rows = clashing(column, merged_id, into_id).exclude(column.behind)
        for row in rows.order_by("pk")[:MOST_CLASHES]:
            yield column.clash(row) if column.clash else _in_general(column, row)


def _in_general(column: Followed, row: Model) -> str:
    said = {"what": column.table._meta.verbose_name, "id": row.pk}
    return _("Both have the same %(what)s: number %(id)s cannot stand beside the other's.") % said


def clashing(column: Followed, merged_id: int, into_id: int) -> QuerySet[Any]:
    """Rows of the one who goes that a unique constraint would not let stand beside one of the other's."""
    rows, theirs = rows_of(column, merged_id), rows_of(column, into_id)
    found = rows.none()
    for others, condition, nulls_equal in _uniques(column):
        same = theirs.filter(condition, *[_equal(name, nulls_equal) for name in others])
        found = found | rows.filter(condition, Exists(same))
    return found


def _uniques(column: Followed) -> Iterator[tuple[list[str], Q, bool]]:
    """Of each unique constraint with it: the other fields, its condition, whether null equals null."""
    options = column.table._meta
    if any(field.name == column.name and field.unique for field in options.concrete_fields):
        yield [], Q(), False
    for constraint in options.constraints:
        if isinstance(constraint, UniqueConstraint) and column.name in (names := _names(constraint)):
            others = [name for name in names if name != column.name]
            yield others, constraint.condition or Q(), constraint.nulls_distinct is False


def _names(constraint: UniqueConstraint) -> list[str]:
    """The fields of a constraint, however it was written."""
    written: list[str] = [vars(one)["name"] for one in constraint.expressions if isinstance(one, F)]
    return [*constraint.fields, *written]


def _equal(name: str, nulls_equal: bool) -> Q:
    equal = Q(**{name: OuterRef(name)})
    return equal | Q(IsNull(OuterRef(name), True), **{f"{name}__isnull": True}) if nulls_equal else equal


def merges_of(actor: Actor, agent: Agent) -> QuerySet[AgentMerge]:
    """Merges in which the agent went or stayed, undone ones too, and those by which others came to him along
    with somebody; newest first. One query."""
    along = Q(merged__merged_into=agent, undone_at=None)
    rows = AgentMerge.objects.visible_to(actor).filter(Q(merged=agent) | Q(into=agent) | along)
    return rows.select_related("merged", "into", "made_by", "undone_by").order_by("-pk")


def merges_with_days(actor: Actor, agent: Agent) -> list[tuple[AgentMerge, int]]:
    """Who stands merged into this agent, each with the days in which that can still be undone. One query."""
    now = timezone.now()
    standing = merges_of(actor, agent).filter(merged__merged_into=agent, undone_at=None)
    return [(merge, days_left(merge.made_at, now)) for merge in standing]


def moved_by(actor: Actor, merges: Iterable[AgentMerge]) -> dict[int, list[Count]]:
    """How many rows of which column each merge moved, as far as it is still known. One query."""
    found: dict[int, list[Count]] = {merge.pk: [] for merge in merges}
    rows = MergedRows.objects.visible_to(actor).filter(merge__in=found)
    counted = rows.order_by("pk").values_list("merge_id", "column", "ids__len")
    for merge_id, column, count in counted:
        found[merge_id].append(Count(column, count))
    return found


def candidates(actor: Actor, agent: Agent, q: str = "") -> QuerySet[Agent]:
    """Agents who may be the same person: by words of name, e-mail or id; without words those of the same name
    or e-mail. Two queries."""
    rows = agents_with_team(actor).exclude(pk=agent.pk).filter(kind=agent.kind)
    alike = Q(name__iexact=agent.name) & ~Q(name="") | Q(email__iexact=agent.email) & ~Q(email="")
    words = Q(name__icontains=q) | Q(email__icontains=q) | Q(external_id__icontains=q)
    return rows.filter(words if q else alike).order_by("name", "pk")[:MOST_CANDIDATES]


def persons(workspace_id: int, agent_ids: Collection[int]) -> dict[int, int]:
    """Agent -> the one he turned out to be, for those of them that were merged. One query."""
    gone = Agent.objects.in_workspace(workspace_id).filter(pk__in=agent_ids, merged_into__isnull=False)
    return dict(gone.values_list("pk", "merged_into_id"))


def heir(actor: Actor, agent_id: int) -> Agent | None:
    """Whom a merged agent went into, where the actor sees that one; None for others. One query."""
    gone = Agent.objects.in_workspace(actor.workspace_id).filter(pk=agent_id)
    return agents(actor).filter(pk__in=gone.values("merged_into")).first()
