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
from typing import Any, NamedTuple

from django.db import connection

from accounts.access import Actor
from common.periods import Period
from qa_reviews import sampling
from qa_reviews.models import Draw
from qa_reviews.selectors.frames import Terms, frame
from qa_reviews.selectors.graders import Grader
from qa_reviews.selectors.ledgers import head_of, stratum_head
from qa_reviews.selectors.spreads import agent_sds

MEMORY = "set local work_mem = '64MB'"  # what groups the frame keeps a number of each conversation
# Several processes read a frame for a table of its own, but never for an insert: so it is made first.
# An agent of whom all or nothing is a risk has no bands, as sampling.allocate says. What comes first by hash
# is nearly always among the sixteenth whose md5 begins with 0: kept apart, it spares hashing the frame again.
FRAMES = """
create temporary table qa_reviews_drawing on commit drop as
select agent_id, count(*)::int as n, array_sort(array_agg(id)) as ids,
    array_agg(id) filter (where md5(%s || id) collate "C" < '1') as near_ids,
    case when risky and count(*) over (partition by agent_id) = 2 then 'risk' else 'normal' end as band
from ({frame}) as frame (id, agent_id, risky) group by agent_id, risky
"""
SIZES = "select agent_id, band, n from qa_reviews_drawing"
# An agent of whom less than two are drawn has no bands either: only now it is known who that is.
UNBANDED = """
with bands as (
    delete from qa_reviews_drawing where agent_id = any(%s) returning agent_id, ids
)
insert into qa_reviews_drawing (agent_id, band, n, ids)
select agent_id, 'normal', count(*), array_sort(array_agg(each.id))
from bands, unnest(ids) as each (id) group by agent_id
"""
# The first by sampling.unit_hash: 13 hex digits of md5 sort as text like the number they are.
# The digest of a frame is that of sampling.frame_digest.
FIRST = """
encode(sha256(convert_to(array_to_string(frame_ids, ','), 'UTF8')), 'hex'),
array(
    select each.id from unnest({among}) as each (id)
    order by substr(md5(%s || each.id), 1, 13) collate "C", each.id limit {n}
)
"""
STRATA = """
with strata as (
    insert into qa_reviews_stratum (workspace_id, draw_id, agent_id, team_id, band, frame, drawn, frame_ids)
    select %s, %s, agent_id, given.team_id, band, drawing.n, given.drawn, drawing.ids
    from unnest(%s::bigint[], %s::text[], %s::int[], %s::bigint[]) as given (agent_id, band, drawn, team_id)
    join qa_reviews_drawing as drawing using (agent_id, band)
    returning id, agent_id, team_id, band, frame, drawn, frame_ids
)
select id, agent_id, team_id, band, frame, drawn, {first}
from strata join qa_reviews_drawing using (agent_id, band) order by agent_id, band
"""
NEAREST = FIRST.format(
    among="case when cardinality(near_ids) >= drawn then near_ids else frame_ids end", n="drawn"
)
# What a raise finds: replacements come on top of what is drawn.
RAISED = """
select id, agent_id, team_id, band, frame, drawn, {first}
from qa_reviews_stratum as stratum
cross join lateral (
    select drawn + count(*) as n from qa_reviews_queueitem
    where stratum_id = stratum.id and replaces_id is not null
) as wanted
where draw_id = %s order by agent_id, band
"""
ANYWHERE = FIRST.format(among="frame_ids", n="wanted.n")
NUMBERS = """
update qa_reviews_stratum as stratum set drawn = given.drawn
from unnest(%s::bigint[], %s::int[]) as given (id, drawn) where stratum.id = given.id
"""
# As many stand-ins as have no place behind what is drawn now: it would have drawn them anyway, by their hash.
FREED = """
update qa_reviews_queueitem as item set replaces_id = null, updated_at = now()
from (
    select each.id, row_number() over (partition by stratum.id order by u, conversation_id) as place,
        stratum.drawn + count(*) over (partition by stratum.id) - stratum.frame as too_many
    from qa_reviews_stratum as stratum join qa_reviews_queueitem as each on each.stratum_id = stratum.id
    where stratum.draw_id = %s and each.replaces_id is not null
) as stand_in
where item.id = stand_in.id and place <= too_many
"""
# Place and order are those of sampling.unit_hash and order_hash, to the last bit.
# Run once for the first round, when no item stands yet, and once for second reviews, which find their first.
ITEMS = """
insert into qa_reviews_queueitem (workspace_id, draw_id, stratum_id, conversation_id, agent_id, team_id, band,
    u, probability, order_hash, second_of_id, reviewer_id, state, skip_reason, skip_comment, from_pool,
    declined_by, due_on, created_at, updated_at)
select stratum.workspace_id, stratum.draw_id, stratum.id, given.conversation_id, stratum.agent_id,
    stratum.team_id, stratum.band,
    (('x' || substr(md5(seed || given.conversation_id), 1, 13))::bit(52)::bigint + 0.5::float8)
        / 4503599627370496::float8,
    stratum.drawn::float8 / stratum.frame, md5(seed || 'assign:' || given.conversation_id), first.id,
    given.reviewer_id, 'open', '', '', false, '{}', %s, now(), now()
from (select %s::text) as hashed (seed), unnest(%s::bigint[], %s::bigint[], %s::bigint[])
    as given (stratum_id, conversation_id, reviewer_id)
join qa_reviews_stratum as stratum on stratum.id = given.stratum_id
left join qa_reviews_queueitem as first
    on first.draw_id = stratum.draw_id and first.conversation_id = given.conversation_id
    and first.second_of_id is null
order by 10
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


class Framed(NamedTuple):
    """One agent's band, and how many conversations its frame has."""

    agent_id: int
    band: sampling.Band
    frame: int


def read_frames(*, actor: Actor, draw: Draw, terms: Terms, period: Period) -> list[Framed]:
    """Read the frame into a table that lasts until `write_strata`; the size of each band of each agent. Three
    queries."""
    rows, params = frame(actor, terms, period).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(MEMORY)
        cursor.execute(FRAMES.format(frame=rows), [f"{draw.seed}:", *params])
        cursor.execute(SIZES)
        return [Framed(*row) for row in cursor.fetchall()]


def completed(
    *,
    actor: Actor,
    quota: sampling.Quota,
    part: tuple[int, int],
    on: date,
    allowed: Iterable[Grader],
    sizes: Mapping[int, sampling.FrameSize],
) -> sampling.Quota:
    """The quota with what only the draw knows: its part of the month, its reviewers' weights, how scores
    spread in the teams of the day `on`. Two queries at most."""
    if quota.kind == "number":
        quota = replace(quota, part=part)
    if quota.of == "reviewer":
        quota = replace(quota, weights=sum((each.weight for each in allowed), Decimal(0)))
    if quota.kind == "precision":
        quota = replace(quota, sds={pk: sd.exact for pk, sd in agent_sds(actor, sizes, on).items()})
    return quota


def write_strata(
    *,
    draw: Draw,
    framed: Collection[Framed],
    given: Mapping[int, sampling.Allocation],
    teams: Mapping[int, int | None],
) -> list[Drawn]:
    """The strata of what `read_frames` read, with how many are drawn and which; the bands of agents who have
    none are joined. By agent and band. At most three queries."""
    bands: dict[int, tuple[sampling.Band, ...]] = {}
    for each in framed:
        bands[each.agent_id] = (*bands.get(each.agent_id, ()), each.band)
    mixed = [agent for agent, names in bands.items() if len(names) > 1 and not given[agent].banded]
    bands |= dict.fromkeys(mixed, ("normal",))
    rows = [
        (agent, band, given[agent].of(band), teams.get(agent))
        for agent, names in bands.items()
        for band in names
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    with connection.cursor() as cursor:
        if mixed:
            cursor.execute(UNBANDED, [mixed])
        cursor.execute(STRATA.format(first=NEAREST), [draw.workspace_id, draw.pk, *columns, f"{draw.seed}:"])
        found = [Drawn(*row) for row in cursor.fetchall()]
        cursor.execute("drop table qa_reviews_drawing")
    return found


def raise_strata(*, draw: Draw, drawn: Mapping[int, int]) -> list[Drawn]:
    """The strata with a new number drawn, by their ids, and with what comes first now. Three queries."""
    _execute(NUMBERS, list(drawn.items()))
    with connection.cursor() as cursor:
        cursor.execute(FREED, [draw.pk])
        cursor.execute(RAISED.format(first=ANYWHERE), [f"{draw.seed}:", draw.pk])
        return [Drawn(*row) for row in cursor.fetchall()]


def write_items(
    *, draw: Draw, reviewers: Mapping[int, int | None], strata: Mapping[int, int], due_on: date
) -> None:
    """Queue items of these conversations, each for its reviewer; `strata` by conversation. One that has an
    item gets a second one. One query."""
    rows = [(strata[pk], pk, reviewer) for pk, reviewer in reviewers.items()]
    _execute(ITEMS, rows, due_on, f"{draw.seed}:")


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
