"""The ledger of a draw: what it says, line by line, and the proof that it is what the rule gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.access import Actor, Capability
from common.refs import ref_json
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, Stratum
from qa_reviews.selectors.draws import draw, draw_items
from qa_reviews.selectors.frames import stored_quota

GONE = """
select framed.id from (select unnest(frame_ids) as id from qa_reviews_stratum where draw_id = %s) as framed
left join conversations_conversation as kept on kept.id = framed.id and kept.workspace_id = %s
where kept.id is null order by framed.id
"""
NOT_REVIEWABLE = QueueItem.SkipReason.NOT_REVIEWABLE
FIRST_RULE = sampling.RULES[0]
"""What draws were made by before ledgers had a digest."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a draw's ledger is what its rule gives; differences in sentences; frame ids without a row."""

    differences: list[str]
    gone: list[int]

    @property
    def matches(self) -> bool:
        return not self.differences


def head_of(of: Draw, stage: int | None = None) -> dict[str, Any]:
    """What the head of the ledger says, as JSON: all that the digest is over. `stage`: as it said before its
    raise of that place, 0 for the first. Its plan should be loaded."""
    before = _stages(of)[len(of.raises) if stage is None else stage]
    return {
        "kind": "draw",
        "id": of.pk,
        "plan": of.plan_id,
        "period_start": of.period_start.isoformat(),
        "period_end": of.period_end.isoformat(),
        "seed": of.seed,
        "plan_seed": of.plan.seed,
        "seed_given": of.plan.seed_given,
        "seeded_at": _utc(of.plan.seeded_at),
        "rule": before["rule"],
        "frame_at": _utc(of.frame_at),
        "terms": before["terms"],
        "closed_total": of.closed_total,
        "frame_total": of.frame_total,
        "allowed_reviewers": before["allowed_reviewers"],
        "supersedes": of.supersedes_id,
        "redraw_reason": of.redraw_reason,
        "raises": of.raises if stage is None else of.raises[:stage],
        "automatic": of.automatic,
        "created_by": of.created_by_id,
        "created_at": _utc(of.created_at),
    }


def _stages(of: Draw) -> list[Mapping[str, Any]]:
    """What the head said before each raise, and what it says now."""
    now = {
        "rule": of.rule,
        "terms": of.terms,
        "allowed_reviewers": of.allowed_reviewers,
        "digest": of.digest,
    }
    return [*of.raises, now]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


# --- Line by line ---------------------------------------------------------------------------


def ledger(actor: Actor, draw_id: int) -> Iterator[dict[str, Any]]:
    """All that a third party needs to recompute the draw: its head, its strata with their frames, its items.
    A planner of some teams gets theirs, and of the other strata the digest only. Three queries, rows
    streamed."""
    of = draw(actor, draw_id)
    rows = Stratum.objects.visible_to(actor).filter(draw=of)
    return _lines(actor, of, rows.select_related("agent", "team").order_by("agent_id", "band"))


def _lines(actor: Actor, of: Draw, rows: QuerySet[Stratum]) -> Iterator[dict[str, Any]]:
    yield head_of(of) | {"digest": of.digest, "now": _now(of)}
    scope = actor.scope(Capability.PLAN_MANAGE)
    for stratum in rows.iterator(chunk_size=100):
        if scope is None or stratum.team_id in scope:
            yield _stratum_line(stratum)
        else:
            yield {"kind": "sealed", "digest": digest_of(stratum)}
    for item in draw_items(actor, of).iterator(chunk_size=1000):
        yield _item_line(item)


def _now(of: Draw) -> dict[str, Any]:
    """What may change without the ledger changing."""
    superseded_by = getattr(of, "superseded_by", None)
    return {
        "plan": of.plan.name,
        "superseded_by": superseded_by.pk if superseded_by else None,
        "superseded_at": _utc(of.superseded_at) if of.superseded_at else None,
    }


def digest_of(stratum: Stratum, drawn: int | None = None) -> str:
    """The digest of a stratum, or what it was when another number was drawn."""
    return sampling.stratum_digest(_told(stratum, drawn), sampling.frame_digest(stratum.frame_ids))


def _told(stratum: Stratum, drawn: int | None = None) -> dict[str, Any]:
    return stratum_head(
        pk=stratum.pk,
        agent=stratum.agent_id,
        team=stratum.team_id,
        band=stratum.band,
        frame=stratum.frame,
        drawn=stratum.drawn if drawn is None else drawn,
    )


def stratum_head(
    *, pk: int, agent: int, team: int | None, band: str, frame: int, drawn: int
) -> dict[str, Any]:
    """What a stratum says besides its frame's ids, as JSON: its digest is over this and theirs."""
    return {
        "kind": "stratum",
        "id": pk,
        "agent": agent,
        "team": team,
        "band": band,
        "frame": frame,
        "drawn": drawn,
    }


def _stratum_line(stratum: Stratum) -> dict[str, Any]:
    names = {"agent": ref_json(stratum.agent), "team": ref_json(stratum.team)}
    return _told(stratum) | {
        "frame_ids": stratum.frame_ids,
        "digest": digest_of(stratum),
        "now": names,
    }


def _item_line(item: QueueItem) -> dict[str, Any]:
    """What is drawn names its stratum; a second look names the item that it is a second look at."""
    second = item.second_of_id is not None
    place = {"kind": "second"} if second else {"kind": "item", "stratum": item.stratum_id}
    return place | {
        "id": item.pk,
        "conversation": item.conversation_id,
        "agent": item.agent_id,
        "band": item.band,
        "u": item.u,
        "probability": item.probability,
        "second_of": item.second_of_id,
        "replaces": item.replaces_id,
        "reviewer": item.reviewer_id,
        "state": item.state,
        "skip_reason": item.skip_reason,
    }


# --- The proof ------------------------------------------------------------------------------


def verify(actor: Actor, draw_id: int) -> Verdict:
    """Recompute the draw from its stored frame. Sees the whole ledger, whatever the actor's teams. Four
    queries."""
    of = draw(actor, draw_id)
    rows = list(Stratum.objects.in_workspace(of.workspace_id).filter(draw=of).order_by("pk"))
    items = list(QueueItem.objects.in_workspace(of.workspace_id).filter(draw=of).order_by("pk"))
    with connection.cursor() as cursor:
        cursor.execute(GONE, [of.pk, of.workspace_id])
        gone = [row[0] for row in cursor.fetchall()]
    try:
        found = [
            *_digest_differences(of, rows),
            *_rule_differences(of, rows, items),
            *_row_differences(of, rows, items),
        ]
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as wrong:
        found = [f"The terms are not such as a draw keeps: {wrong!r}."]
    return Verdict(found, gone)


def _rule_differences(of: Draw, rows: list[Stratum], items: list[QueueItem]) -> list[str]:
    *former, now = _quotas(of)
    return sampling.differences(
        sampling.Ledger(
            seed=of.seed,
            rule=of.rule,
            quota=now,
            share=Decimal(of.terms["risk_share"]),
            strata=[
                sampling.LedgerStratum(each.agent_id, band_of(each), each.frame_ids, each.drawn)
                for each in rows
            ],
            items=[_ledger_item(each) for each in items if each.second_of_id is None],
            former=former,
        )
    )


def _ledger_item(item: QueueItem) -> sampling.LedgerItem:
    return sampling.LedgerItem(
        item.conversation_id,
        item.agent_id,
        band_of(item),
        item.u,
        item.probability,
        replacement=item.replaces_id is not None,
    )


def band_of(row: Stratum | QueueItem) -> sampling.Band:
    """The band as the rule names it."""
    return "risk" if row.band == "risk" else "normal"


def _quotas(of: Draw) -> list[sampling.Quota]:
    """By which quotas the draw was made and raised, oldest first."""
    return [stored_quota(stage["terms"]) for stage in _stages(of)]


def _given_at(of: Draw, rows: list[Stratum], stage: int) -> dict[int, int]:
    """How many the rule drew of each stratum before the raise of that place, by the stratum's id."""
    sizes = sampling.sizes_of((row.agent_id, band_of(row), len(row.frame_ids)) for row in rows)
    share = Decimal(_stages(of)[stage]["terms"]["risk_share"])
    allocated = sampling.allocations(_quotas(of)[: stage + 1], share, sizes, of.seed)
    return {row.pk: allocated[row.agent_id].of(band_of(row)) for row in rows}


def _digest_differences(of: Draw, rows: list[Stratum]) -> Iterator[str]:
    """Whether the digest is that of the ledger, and those before it of what the ledger said then."""
    if not of.digest:
        if of.rule != FIRST_RULE:
            yield "The ledger has no digest."
    elif of.digest != sampling.ledger_digest(head_of(of), map(digest_of, rows)):
        yield "The digest is another: something was changed after the draw."
    for stage, before in enumerate(of.raises):
        if before.get("digest") or before.get("rule") != FIRST_RULE:
            given = _given_at(of, rows, stage)
            strata = (digest_of(row, given[row.pk]) for row in rows)
            if before.get("digest") != sampling.ledger_digest(head_of(of, stage), strata):
                yield f"What was drawn before raise {stage + 1} is not what its digest was made of."


def _row_differences(of: Draw, rows: list[Stratum], items: list[QueueItem]) -> Iterator[str]:
    """What the pure check cannot see: whether the rows agree with each other."""
    if of.seed != (seed := sampling.draw_seed(of.plan.seed, of.plan_id, of.period_start)):
        yield f"The seed is {of.seed!r}, plan and period give {seed!r}."
    if of.frame_total != (total := sum(len(each.frame_ids) for each in rows)):
        yield f"The frame's total is {of.frame_total}, its strata hold {total}."
    superseded_by = getattr(of, "superseded_by", None)
    if of.superseded_at != (superseded_by.frame_at if superseded_by else None):
        yield "What supersedes the draw, and when, do not agree."
    for row in rows:
        if row.frame != len(row.frame_ids):
            yield f"Agent {row.agent_id}, band {row.band}: {len(row.frame_ids)} ids are kept of {row.frame}."
    yield from _item_differences(of, rows, items)
    if superseded_by is None:
        yield from _replacement_differences(rows, items)
    yield from _second_differences(of, rows, items)


def _item_differences(of: Draw, rows: list[Stratum], items: list[QueueItem]) -> Iterator[str]:
    strata = {each.pk: each for each in rows}
    by_id = {each.pk: each for each in items}
    for item in items:
        name = f"Item {item.pk}, conversation {item.conversation_id}"
        stratum = strata.get(item.stratum_id)
        if stratum is None or _place(item) != _place(stratum):
            yield f"{name}: agent, team or band are not those of its stratum."
        if item.order_hash != sampling.order_hash(of.seed, item.conversation_id):
            yield f"{name}: its place in the queue is not the one the rule gives."
        if item.second_of_id is not None and _drawn(item) != _drawn(by_id.get(item.second_of_id)):
            yield f"{name}: is not the conversation it is to be a second look at."
        if item.replaces_id is not None and not _was_set_aside(by_id.get(item.replaces_id), item):
            yield f"{name}: is listed in place of one that was not set aside."


def _replacement_differences(rows: list[Stratum], items: list[QueueItem]) -> Iterator[str]:
    """Whether each that was set aside has another in its place, until the frame is used up. What is set aside
    in a draw that counts no more is not replaced."""
    first = [each for each in items if each.second_of_id is None]
    aside = Counter(each.stratum_id for each in first if each.skip_reason == NOT_REVIEWABLE)
    replaced = Counter(each.stratum_id for each in first if each.replaces_id is not None)
    for row in rows:
        expected = min(aside[row.pk], row.frame - row.drawn)
        if replaced[row.pk] != expected:
            yield (
                f"Agent {row.agent_id}, band {row.band}: {replaced[row.pk]} were drawn in place of others, "
                f"the rule gives {expected}."
            )


def _second_differences(of: Draw, rows: list[Stratum], items: list[QueueItem]) -> Iterator[str]:
    """Which conversations two reviewers see: the share of each quota that the draw had, one after another."""
    expected: list[int] = []
    for stage, before in enumerate(_stages(of)):
        given = _given_at(of, rows, stage)
        share = Decimal(before["terms"]["second_review_share"])
        looked = rows if share else []
        drawn = [pk for row in looked for pk, _ in sampling.pick(of.seed, row.frame_ids, given[row.pk])]
        expected = sampling.second_items(of.seed, drawn, share, kept=expected)
    stored = {each.conversation_id for each in items if each.second_of_id is not None}
    for pk in sorted(stored.difference(expected)):
        yield f"Conversation {pk} is listed for a second look, which the rule does not give."
    for pk in sorted(set(expected) - stored):
        yield f"Conversation {pk} is missing its second look."


def _place(row: Stratum | QueueItem) -> tuple[int, int | None, str]:
    return row.agent_id, row.team_id, row.band


def _drawn(item: QueueItem | None) -> tuple[int, float, float] | None:
    return (item.conversation_id, item.u, item.probability) if item else None


def _was_set_aside(replaced: QueueItem | None, by: QueueItem) -> bool:
    return (
        replaced is not None
        and replaced.second_of_id is None
        and replaced.stratum_id == by.stratum_id
        and replaced.skip_reason == NOT_REVIEWABLE
    )
