"""A bigger quota for a draw that stands: what was drawn stays, and the next of each frame join it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.services.audit import record
from common.errors import Conflict, Invalid, Missing, invalid
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, Stratum
from qa_reviews.policies.draws import may_raise
from qa_reviews.selectors.frames import Terms, stored_quota
from qa_reviews.selectors.graders import Grader
from qa_reviews.selectors.ledgers import band_of
from qa_reviews.services.draws import check_scorecard, locked_plan, part_of
from qa_reviews.services.giving import Known, give_out, present_graders
from qa_reviews.services.ledgers import completed, raise_strata, seal
from qa_reviews.services.plans import QuotaInput, quota_errors

BUSY = "Somebody is setting conversations of this draw aside right now: try again."
PROBABILITIES = """
update qa_reviews_queueitem as item
set probability = stratum.drawn::float8 / stratum.frame, updated_at = now()
from qa_reviews_stratum as stratum where item.draw_id = %s and stratum.id = item.stratum_id
"""


@transaction.atomic
def raise_quota(*, actor: Actor, draw_id: int, quota: QuotaInput, reason: str = "") -> Draw:
    """The draw with a bigger quota. All items stay; the next by hash of each band join them, with reviewers
    of today; probabilities and digest follow, and `raises` keeps what the head said before. An agent who had
    no bands keeps none. Asked again for what is the same quota still, the draw as it stands.

    Raises Missing, Refused outside the actor's teams, Invalid (422) for what no quota is, and `nothing_more`
    where it draws no more than stands, Conflict (409) `draw_superseded`, `plan_paused`, `plan_ended`,
    `scorecard_not_published`, `draw_busy`.
    """
    draw = locked_draw(actor=actor, draw_id=draw_id)
    may_raise(actor, draw).demand()
    check_scorecard(actor=actor, plan=draw.plan)
    asked, before, before_digest = _asked(quota), stored_quota(draw.terms), draw.digest
    strata = locked_rows(actor=actor, draw=draw)
    allowed = present_graders(actor=actor, plan=draw.plan)
    sizes = sampling.sizes_of((each.agent_id, band_of(each), each.frame) for each in strata)
    part = part_of(actor=actor, draw=draw, former=draw)
    now = completed(actor=actor, quota=asked, part=part, on=draw.period_end, allowed=allowed, sizes=sizes)
    if now == before:
        return draw
    total = _extend(actor, draw, strata, _Bigger(now, sizes, allowed, reason))
    stood = sum(each.drawn for each in strata)
    changes = {"quota": [before.as_json(), now.as_json()], "reason": reason}
    record(
        actor,
        "draw.raised",
        draw,
        changes | {"drawn": [stood, total], "digest": [before_digest, draw.digest]},
    )
    return draw


def locked_draw(*, actor: Actor, draw_id: int) -> Draw:
    """The draw, locked behind its plan. Raises Missing, Refused outside the actor's teams."""
    rows = Draw.objects.visible_to(actor).filter(pk=draw_id)
    plan_id = rows.values_list("plan_id", flat=True).first()
    if plan_id is None:
        raise Missing
    plan = locked_plan(actor=actor, plan_id=plan_id)
    draw = rows.select_for_update(no_key=True).get()  # a replacement that is written meanwhile names it
    draw.plan = plan
    return draw


def locked_rows(*, actor: Actor, draw: Draw) -> list[Stratum]:
    """The draw's strata without their frames, locked with all its items: nothing is taken, finished or
    replaced meanwhile. Conflict `draw_busy` where a replacement slipped in and is held by another."""
    items = QueueItem.objects.in_workspace(actor.workspace_id).filter(draw=draw).order_by("pk")
    first = set(items.select_for_update(no_key=True).values_list("pk", flat=True))
    rows = Stratum.objects.in_workspace(actor.workspace_id).filter(draw=draw).order_by("pk")
    strata = list(rows.defer("frame_ids").select_for_update(no_key=True))
    later = set(items.values_list("pk", flat=True)) - first
    held = items.filter(pk__in=later).select_for_update(skip_locked=True, no_key=True)
    if set(held.values_list("pk", flat=True)) != later:
        raise Conflict(BUSY, code="draw_busy")
    return strata


def _asked(quota: QuotaInput) -> sampling.Quota:
    if errors := list(quota_errors(quota)):
        raise Invalid(errors)
    return sampling.Quota(
        of=cast(sampling.QuotaOf, quota.of),
        kind=cast(sampling.QuotaKind, quota.kind),
        value=quota.value,
    )


@dataclass(frozen=True, slots=True)
class _Bigger:
    """A quota that is complete, and what it was completed with."""

    quota: sampling.Quota
    sizes: Mapping[int, sampling.FrameSize]
    allowed: Collection[Grader]
    reason: str


def _extend(actor: Actor, draw: Draw, strata: Collection[Stratum], bigger: _Bigger) -> int:
    """Raise it; how many are drawn in all. Invalid where no conversation joins."""
    kept = _head_before(actor, draw, bigger.reason)
    draw.raises, draw.rule = [*draw.raises, kept], sampling.RULE
    draw.terms = _terms(draw.terms, bigger.quota)
    draw.allowed_reviewers = sorted({*draw.allowed_reviewers, *(each.id for each in bigger.allowed)})
    stages = [stored_quota(each["terms"]) for each in (*draw.raises, {"terms": draw.terms})]
    given = sampling.allocations(stages, Terms.stored(draw.terms).risk_share, bigger.sizes, draw.seed)
    draw.save(update_fields=["raises", "rule", "terms", "allowed_reviewers"])
    standing = raise_strata(
        draw=draw, drawn={each.pk: given[each.agent_id].of(band_of(each)) for each in strata}
    )
    with connection.cursor() as cursor:
        cursor.execute(PROBABILITIES, [draw.pk])
    fresh = give_out(actor=actor, draw=draw, strata=standing, allowed=bigger.allowed, known=Known())
    if not fresh:
        stood = sum(each.drawn for each in strata)
        detail = f"This quota draws no more than the {stood} conversations that are drawn already."
        raise invalid("/quota", "nothing_more", detail)
    seal(draw=draw, strata=standing)
    return sum(each.drawn for each in standing)


def _head_before(actor: Actor, draw: Draw, reason: str) -> dict[str, Any]:
    """What the head says until now, for the proof that today's draw contains it."""
    return {
        "at": timezone.now().isoformat(),
        "by": actor.member_id,
        "reason": reason,
        "rule": draw.rule,
        "terms": draw.terms,
        "allowed_reviewers": draw.allowed_reviewers,
        "digest": draw.digest,
    }


def _terms(kept: Mapping[str, Any], quota: sampling.Quota) -> dict[str, Any]:
    """The same terms with another quota; those of before quotas told a number per agent."""
    return {name: value for name, value in kept.items() if name != "per_agent"} | {"quota": quota.as_json()}
