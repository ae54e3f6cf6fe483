"""A bigger quota for a draw that stands: what was drawn stays, and the next of each frame join it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from django.db import connection, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.services.audit import record
from common.errors import Conflict, Invalid, Missing, invalid
from common.periods import Period
from qa_reviews import sampling
from qa_reviews.models import Draw, QueueItem, Stratum
from qa_reviews.policies.draws import may_raise
from qa_reviews.selectors.frames import Terms, stored_quota
from qa_reviews.selectors.ledgers import band_of
from qa_reviews.services.draws import check_scorecard, locked_plan
from qa_reviews.services.giving import Known, give_out, present_graders
from qa_reviews.services.ledgers import Framed, allocations, completed, raise_strata, seal, sizes_of
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
    no bands keeps none. Asked again for the same quota, the draw as it stands.

    Raises Missing, Refused outside the actor's teams, Invalid (422) for what no quota is, and `nothing_more`
    where it draws no more than stands, Conflict (409) `draw_superseded`, `plan_paused`, `plan_ended`,
    `scorecard_not_published`, `draw_busy`.
    """
    draw = locked_draw(actor=actor, draw_id=draw_id)
    may_raise(actor, draw).demand()
    check_scorecard(actor=actor, plan=draw.plan)
    asked, before = _asked(quota), stored_quota(draw.terms)
    if (asked.of, asked.kind, asked.value) == (before.of, before.kind, before.value):
        return draw
    strata, before_digest = locked_rows(actor=actor, draw=draw), draw.digest
    _extend(actor, draw, strata, asked, reason)
    stood = sum(each.drawn for each in strata)
    changes = {"quota": [before.as_json(), stored_quota(draw.terms).as_json()], "reason": reason}
    total = sum(each["drawn"] for each in draw.strata.values("drawn"))
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


def _extend(
    actor: Actor, draw: Draw, strata: Collection[Stratum], asked: sampling.Quota, reason: str
) -> None:
    sizes = sizes_of(Framed(each.agent_id, band_of(each), each.frame) for each in strata)
    allowed, period = present_graders(actor=actor, plan=draw.plan), Period(draw.period_start, draw.period_end)
    quota = completed(actor=actor, plan=draw.plan, quota=asked, period=period, allowed=allowed, sizes=sizes)
    kept = _head_before(actor, draw, reason)
    draw.raises, draw.rule = [*draw.raises, kept], sampling.RULE
    draw.terms = _terms(draw.terms, quota)
    draw.allowed_reviewers = sorted({*draw.allowed_reviewers, *(each.id for each in allowed)})
    stages = [stored_quota(each["terms"]) for each in (*draw.raises, {"terms": draw.terms})]
    share = Terms.stored(draw.terms).risk_share
    given = allocations(stages=stages, share=share, sizes=sizes, seed=draw.seed)
    numbers = {each.pk: given[each.agent_id].of(band_of(each)) for each in strata}
    _check_more(strata, numbers)
    draw.save(update_fields=["raises", "rule", "terms", "allowed_reviewers"])
    standing = raise_strata(draw=draw, drawn=numbers)
    with connection.cursor() as cursor:
        cursor.execute(PROBABILITIES, [draw.pk])
    give_out(actor=actor, draw=draw, strata=standing, allowed=allowed, known=Known())
    seal(draw=draw, strata=standing)


def _check_more(strata: Collection[Stratum], numbers: Mapping[int, int]) -> None:
    if all(numbers[each.pk] <= each.drawn for each in strata):
        stood = sum(each.drawn for each in strata)
        detail = f"This quota draws no more than the {stood} conversations that are drawn already."
        raise invalid("/quota", "nothing_more", detail)


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
