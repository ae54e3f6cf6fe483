"""Agents who turned out to be one person: their facts follow, and can go back for thirty days."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.merging import UNDO_FOR, Followed, days_left, followed, followed_column, undo_until
from accounts.models import Agent, AgentMerge, MergedRows
from accounts.selectors.merges import Count, clashing, pair, reasons, rows_of
from accounts.services.audit import record
from accounts.services.seen import lock_people
from common.errors import Conflict, Missing

# The rows that move are one statement, and their ids are kept by the same.
MOVE = """
with moved as (
  update {table} set {column} = %(into)s{stamp}
  where {column} = %(merged)s and workspace_id = %(workspace)s and not id = any(%(behind)s)
  returning id)
insert into accounts_mergedrows as known (workspace_id, merge_id, "column", ids)
select %(workspace)s, %(merge)s, %(name)s, array_agg(id order by id) from moved having count(*) > 0
on conflict (merge_id, "column") do update set ids = known.ids || excluded.ids
returning (select count(*) from moved)
"""
RETURN = """
update {table} set {column} = %(merged)s{stamp}
where {column} = %(now_with)s and workspace_id = %(workspace)s
  and id in (select unnest(ids) from accounts_mergedrows where id = %(rows)s)
"""


@dataclass(frozen=True, slots=True)
class Undone:
    """A merge taken back: the rows that returned, and those that came since and stay where they are."""

    merge: AgentMerge
    returned: list[Count]
    stayed: list[Count]


@transaction.atomic
def merge_agent(*, actor: Actor, agent_id: int, into_id: int) -> AgentMerge:
    """The facts of the first follow the second (where that one went into another: the other), and later ones
    too. Memberships of teams and the ledgers of draws stay as they were. Conflict, with every reason, when
    the two cannot be one; then nothing has moved."""
    actor.require(Capability.PEOPLE_WRITE)
    _lock(actor, [agent_id, into_id])
    merged, into = pair(actor, agent_id, into_id)
    if found := reasons(merged, into):
        raise Conflict(" ".join(error.detail for error in found[:3]), code=found[0].code, errors=found)
    merge = AgentMerge.objects.create(
        workspace_id=actor.workspace_id, merged=merged, into=into, made_by=actor.member
    )
    moved = {column.column: _move(merge, column, into.pk) for column in followed()}
    _point(merged, into)
    told = {"into": into.pk, "moved": {column: rows for column, rows in moved.items() if rows}}
    record(actor, "agent.merged", merged, told)
    return merge


@transaction.atomic
def unmerge_agent(*, actor: Actor, agent_id: int) -> Undone:
    """Give back what moved when this agent was merged: exactly those rows, as far as nobody has changed whose
    they are since. Conflict when he is not merged, or it was longer than thirty days ago."""
    actor.require(Capability.PEOPLE_WRITE)
    _lock(actor, [agent_id])
    merges = AgentMerge.objects.visible_to(actor).select_related("merged", "into")
    merge = merges.filter(merged_id=agent_id, undone_at=None).first()
    if merge is None:
        if not Agent.objects.visible_to(actor).filter(pk=agent_id).exists():
            raise Missing()
        raise Conflict("This agent is not merged into another.", code="not_merged")
    now = timezone.now()
    if not days_left(merge.made_at, now):
        day = undo_until(merge.made_at).date().isoformat()
        raise Conflict(f"This could be undone until {day}.", code="too_late")
    undone = _give_back(merge)
    _point(merge.merged, None)
    merge.undone_at, merge.undone_by = now, actor.member
    merge.save(update_fields=["undone_at", "undone_by"])
    told = {"from": merge.into_id} | {
        word: {count.column: count.rows for count in counts}
        for word, counts in (("returned", undone.returned), ("stayed", undone.stayed))
    }
    record(actor, "agent.unmerged", merge.merged, told)
    return undone


@transaction.atomic
def follow_merges(*, workspace_id: int) -> int:
    """Let rows follow that somebody wrote for a merged agent while he was merged; how many."""
    lock_people(workspace_id)
    total = 0
    merges = AgentMerge.objects.in_workspace(workspace_id).filter(undone_at=None).select_related("merged")
    by_agent = {merge.merged_id: merge for merge in merges}
    for column in followed():
        rows = column.table._base_manager.filter(
            **{f"{column.name}__merged_into__isnull": False, f"{column.name}__in": list(by_agent)}
        )
        for agent_id in rows.order_by().values_list(f"{column.name}_id", flat=True).distinct():
            merge = by_agent[agent_id]
            assert merge.merged.merged_into_id is not None  # the filter says so
            total += _move(merge, column, merge.merged.merged_into_id)
    return total


def forget_moved() -> int:
    """Delete what was kept for undoing merges that cannot be undone any more; how many rows."""
    old = MergedRows.objects.filter(merge__made_at__lt=timezone.now() - UNDO_FOR)
    return old.delete()[0]


def workspaces_with_merges() -> list[int]:
    """Ids of the workspaces in which an agent is merged."""
    return list(AgentMerge.objects.filter(undone_at=None).values_list("workspace_id", flat=True).distinct())


def _lock(actor: Actor, agent_ids: list[int]) -> None:
    """One change of people at a time, and the agents themselves, in the order of their ids."""
    lock_people(actor.workspace_id)
    named = Agent.objects.visible_to(actor).filter(pk__in=agent_ids)
    heirs = named.exclude(merged_into=None).values_list("merged_into", flat=True)
    rows = Agent.objects.in_workspace(actor.workspace_id).filter(pk__in=[*agent_ids, *heirs])
    list(rows.order_by("pk").select_for_update())


def _point(merged: Agent, into: Agent | None) -> None:
    merged.merged_into = into
    merged.save(update_fields=["merged_into", "updated_at"])


def _move(merge: AgentMerge, column: Followed, into_id: int) -> int:
    """Move the rows of one column, but those that must stay behind; how many."""
    behind = list(clashing(column, merge.merged_id, into_id).values_list("pk", flat=True))
    values: dict[str, int | str | list[int]] = {
        "workspace": merge.workspace_id,
        "merge": merge.pk,
        "name": column.column,
        "into": into_id,
        "merged": merge.merged_id,
        "behind": behind,
    }
    with connection.cursor() as cursor:
        cursor.execute(_sql(MOVE, column), values)
        counted = cursor.fetchone()
    return int(counted[0]) if counted else 0


def _give_back(merge: AgentMerge) -> Undone:
    now_with, returned = merge.merged.merged_into_id, []
    for kept in MergedRows.objects.filter(merge=merge).defer("ids").order_by("pk"):
        column = followed_column(kept.column)
        if column is None:
            continue
        values = {"rows": kept.pk, "merged": merge.merged_id, "now_with": now_with}
        with connection.cursor() as cursor:
            cursor.execute(_sql(RETURN, column), values | {"workspace": merge.workspace_id})
            returned.append(Count(kept.column, cursor.rowcount))
    stayed = [Count(column.column, _since(merge, column, now_with)) for column in followed()]
    return Undone(
        merge, [count for count in returned if count.rows], [count for count in stayed if count.rows]
    )


def _since(merge: AgentMerge, column: Followed, agent_id: int | None) -> int:
    """Rows of the one who stays that came after the merge, where rows say when they came."""
    if agent_id is None or not column.has("created_at"):
        return 0
    return rows_of(column, agent_id).filter(created_at__gte=merge.made_at).count()


def _sql(statement: str, column: Followed) -> str:
    """The statement over the column's table; the names come from the model."""
    quoted = connection.ops.quote_name
    return statement.format(
        table=quoted(column.table._meta.db_table),
        column=quoted(f"{column.name}_id"),
        stamp=", updated_at = now()" if column.has("updated_at") else "",
    )
