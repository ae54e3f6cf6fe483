"""Writing the rows of a ledger: strata with their frames, what is drawn of them, items, and the digest.

One statement reads and bands the frame and keeps its sorted ids per stratum; another answers with the first
of each by hash. How many of them are drawn, and who reviews them, is the pure rule of sampling. The frame
never passes through Python, so memory stays flat.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.access import Actor
from accounts.selectors import teams_on
from common.periods import Period
from qa_reviews import sampling
from qa_reviews.models import Draw, SamplePlan
from qa_reviews.selectors.frames import Terms, frame
from qa_reviews.selectors.graders import Grader
from qa_reviews.selectors.ledgers import head_of, stratum_head
from qa_reviews.selectors.periods import parts_of_month, rhythm_of
from qa_reviews.selectors.spreads import spreads

SD_STEP = Decimal("0.0001")

MEMORY = "set local work_mem = '64MB'"  # what groups the frame keeps a number of each conversation
NEAREST = """
create temporary table if not exists qa_reviews_nearest (
    draw_id bigint, agent_id bigint, band text, near_ids bigint[], primary key (draw_id, agent_id, band)
) on commit delete rows
"""
# An agent of whom all or nothing is a risk has no bands, as sampling.allocate says. What comes first by hash
# is nearly always among the sixteenth whose md5 begins with 0: kept apart, it spares hashing the frame again.
STRATA = """
with grouped as materialized (
    select agent_id, array_sort(array_agg(id)) as ids,
        array_agg(id) filter (where md5(%s || id) collate "C" < '1') as near_ids,
        case when risky and count(*) over (partition by agent_id) = 2 then 'risk' else 'normal' end as band
    from ({frame}) as frame (id, agent_id, risky) group by agent_id, risky
),
nearest as (
    insert into qa_reviews_nearest select %s, agent_id, band, near_ids from grouped
)
insert into qa_reviews_stratum (workspace_id, draw_id, agent_id, band, frame, drawn, frame_ids)
select %s, %s, agent_id, band, cardinality(ids), 0, ids from grouped
returning id, agent_id, band, frame
"""
# An agent of whom less than two are drawn has no bands either: only now it is known who that is.
UNBANDED = """
with nearest as (
    delete from qa_reviews_nearest where draw_id = %s and agent_id = any(%s)
),
risks as (
    delete from qa_reviews_stratum where draw_id = %s and band = 'risk' and agent_id = any(%s)
    returning agent_id, frame, frame_ids
)
update qa_reviews_stratum as whole
set frame = whole.frame + risks.frame, frame_ids = array_sort(whole.frame_ids || risks.frame_ids)
from risks where whole.draw_id = %s and whole.agent_id = risks.agent_id and whole.band = 'normal'
"""
DRAWN = """
update qa_reviews_stratum as stratum set drawn = given.drawn, team_id = given.team_id
from unnest(%s::bigint[], %s::int[], %s::bigint[]) as given (id, drawn, team_id) where stratum.id = given.id
"""
# The first by sampling.unit_hash: 13 hex digits of md5 sort as text like the number they are. Replacements
# come on top of what is drawn. The digest of a frame is that of sampling.frame_digest.
PICKED = """
select id, agent_id, team_id, band, frame, drawn,
    encode(sha256(convert_to(array_to_string(frame_ids, ','), 'UTF8')), 'hex'),
    array(
        select each.id
        from unnest(case when cardinality(near_ids) >= wanted.n then near_ids else frame_ids end) as each (id)
        order by substr(md5(%s || each.id), 1, 13) collate "C", each.id
        limit wanted.n
    )
from qa_reviews_stratum as stratum
cross join lateral (
    select drawn + count(*) as n from qa_reviews_queueitem
    where stratum_id = stratum.id and replaces_id is not null
) as wanted
left join qa_reviews_nearest using (draw_id, agent_id, band)
where draw_id = %s order by agent_id, band
"""
# Run once for the first round, when no item stands yet, and once for second reviews, which find their first.
ITEMS = """
insert into qa_reviews_queueitem (workspace_id, draw_id, stratum_id, conversation_id, agent_id, team_id, band,
    u, probability, order_hash, second_of_id, reviewer_id, state, skip_reason, skip_comment, from_pool,
    declined_by, due_on, created_at, updated_at)
select stratum.workspace_id, stratum.draw_id, stratum.id, given.conversation_id, stratum.agent_id,
    stratum.team_id, stratum.band, given.u, stratum.drawn::float8 / stratum.frame, given.order_hash, first.id,
    given.reviewer_id, 'open', '', '', false, '{}', %s, now(), now()
from unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::text[], %s::bigint[])
    as given (stratum_id, conversation_id, u, order_hash, reviewer_id)
join qa_reviews_stratum as stratum on stratum.id = given.stratum_id
left join qa_reviews_queueitem as first
    on first.draw_id = stratum.draw_id and first.conversation_id = given.conversation_id
    and first.second_of_id is null
order by given.order_hash
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A stratum as it stands, and its first conversations by hash: what is drawn, and replacements."""

    stratum_id: int
    agent_id: int
    team_id: int | None
    band: sampling.Band
    frame: int
    drawn: int
    frame_digest: str
    first: list[int]


@dataclass(frozen=True, slots=True)
class Framed:
    """A stratum, and how many conversations its frame has."""

    stratum_id: int
    agent_id: int
    band: sampling.Band
    frame: int


Sizes = dict[int, dict[sampling.Band, int]]


def sizes_of(strata: Iterable[Framed]) -> Sizes:
    """How many conversations each agent has in each band."""
    sizes: Sizes = {}
    for each in strata:
        sizes.setdefault(each.agent_id, {})[each.band] = each.frame
    return sizes


def write_frames(*, actor: Actor, draw: Draw, terms: Terms, period: Period) -> list[Framed]:
    """Write the strata with their sorted frames, nothing drawn yet. Three queries."""
    rows, params = frame(actor, terms, period).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(MEMORY)
        cursor.execute(NEAREST)
        values = [f"{draw.seed}:", *params, draw.pk, actor.workspace_id, draw.pk]
        cursor.execute(STRATA.format(frame=rows), values)
        return [Framed(*row) for row in cursor.fetchall()]


def completed(
    *,
    actor: Actor,
    plan: SamplePlan,
    quota: sampling.Quota,
    period: Period,
    allowed: Iterable[Grader],
    sizes: Sizes,
) -> sampling.Quota:
    """The quota with what only the draw knows: its part of the month, its reviewers' weights, how scores
    spread. Two queries at most."""
    if quota.kind == "number":
        quota = replace(quota, part=parts_of_month(rhythm_of(actor, plan), period))
    if quota.of == "reviewer":
        quota = replace(quota, weights=sum((each.weight for each in allowed), Decimal(0)))
    if quota.kind == "precision":
        quota = replace(quota, sds=_sds(actor, sizes, period))
    return quota


def _sds(actor: Actor, sizes: Sizes, period: Period) -> dict[int, Decimal]:
    learned, teams = spreads(actor), teams_on(actor.workspace_id, sizes, period.last)
    return {
        agent: Decimal(
            learned.sd(teams.get(agent), bands.get("risk", 0), bands.get("normal", 0)).points
        ).quantize(SD_STEP)
        for agent, bands in sizes.items()
    }


def allocations(
    *, stages: Sequence[sampling.Quota], share: Decimal, sizes: Sizes, seed: str
) -> dict[int, sampling.Allocation]:
    """What is drawn of each agent, after quotas that were raised one by one."""
    frames = {agent: sum(bands.values()) for agent, bands in sizes.items()}
    given = sampling.quotas_held(stages, frames, seed)
    return {
        agent: sampling.allocate(given[agent], share, bands.get("risk", 0), bands.get("normal", 0))
        for agent, bands in sizes.items()
    }


def write_drawn(
    *,
    draw: Draw,
    strata: Collection[Framed],
    given: Mapping[int, sampling.Allocation],
    teams: Mapping[int, int | None],
) -> None:
    """Say of each stratum how many are drawn, and its agent's team; join the bands of agents who have none.
    At most two queries."""
    sizes = sizes_of(strata)
    mixed = [agent for agent, bands in sizes.items() if len(bands) > 1 and not given[agent].banded]
    if mixed:
        with connection.cursor() as cursor:
            cursor.execute(UNBANDED, [draw.pk, mixed, draw.pk, mixed, draw.pk])
    rows = [
        (each.stratum_id, given[each.agent_id].of(each.band), teams.get(each.agent_id)) for each in strata
    ]
    _execute(DRAWN, rows)


def drawn(draw: Draw) -> list[Drawn]:
    """The strata as they stand, by agent and band, with what comes first. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(NEAREST)
        cursor.execute(PICKED, [f"{draw.seed}:", draw.pk])
        return [Drawn(*row) for row in cursor.fetchall()]


def write_items(
    *, draw: Draw, reviewers: Mapping[int, int | None], strata: Mapping[int, int], due_on: date
) -> None:
    """Queue items of these conversations, each for its reviewer; `strata` by conversation. One that has an
    item gets a second one. One query."""
    rows = [
        (
            strata[pk],
            pk,
            sampling.unit_hash(draw.seed, pk),
            sampling.order_hash(draw.seed, pk),
            reviewer,
        )
        for pk, reviewer in reviewers.items()
    ]
    _execute(ITEMS, rows, due_on)


def seal(*, draw: Draw, strata: Collection[Drawn]) -> None:
    """Give the ledger its digest, over what its head and these strata say. One query."""
    draw.digest = sampling.ledger_digest(head_of(draw), [_digest(each) for each in strata])
    draw.save(update_fields=["digest"])


def _digest(stratum: Drawn) -> str:
    told = stratum_head(
        pk=stratum.stratum_id,
        agent=stratum.agent_id,
        team=stratum.team_id,
        band=stratum.band,
        frame=stratum.frame,
        drawn=stratum.drawn,
    )
    return sampling.stratum_digest(told, stratum.frame_digest)


def _execute(sql: str, rows: Sequence[tuple[Any, ...]], *before: Any) -> None:
    """Run a statement that takes rows as one array a column; nothing for no rows."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, [*before, *(list(column) for column in zip(*rows, strict=True))])
