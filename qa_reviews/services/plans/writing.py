"""Making and changing sample plans. A change acts on future draws only; the seed never changes."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.access import Actor
from accounts.models import WorkspaceSettings
from accounts.services.audit import record
from common.errors import Missing, invalid
from common.etags import check_match
from conversations.filters import Filter, stored
from qa_reviews.models import PlanReviewer, PlanReviewerTeam, SamplePlan
from qa_reviews.policies.plans import may_change
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import Grader, Takes, plan_graders
from qa_reviews.selectors.periods import rhythm_of, running
from qa_reviews.selectors.plans import Preview, preview
from qa_reviews.services.plans.checks import checked, members_of
from qa_reviews.services.plans.inputs import PlanInput, QuotaInput, ReviewerInput

NAMES = {each.name for each in fields(PlanInput)}
RHYTHM = frozenset({"period", "period_days", "weekly_parts", "starts_on"})
WHO_MAY = frozenset({"kind", "filter", "reviewers", "reviewer_teams", "own_team"})
DRAWN_ALREADY = "It was drawn already: what is drawn stays with those who grade it. Make another plan."
NOBODY = "None of these reviewers may take anything of this plan: it is their own work, or not theirs to see."


@transaction.atomic
def create_plan(*, actor: Actor, given: PlanInput) -> SamplePlan:
    """A plan with its seed; the workspace's first that reviewers grade becomes its headline plan. The clock
    draws from the running period on. Raises Refused (403) outside the actor's teams, Invalid (422) naming
    each field that is wrong, `nobody_can_review` where reviewers are named and none may take anything."""
    plan = insert_plan(actor=actor, given=given)
    if plan.kind == SamplePlan.Kind.STANDARD:
        rows = WorkspaceSettings.objects.visible_to(actor).filter(headline_plan_id=None)
        rows.update(headline_plan_id=plan.pk)
    record(actor, "plan.created", plan, plain(given) | {"seed_given": plan.seed_given})
    return plan


def preview_plan(*, actor: Actor, given: PlanInput) -> Preview:
    """What a plan like this would have drawn from its last whole period; nothing is saved. Raises as
    `create_plan`."""
    with transaction.atomic():
        found = preview(actor, insert_plan(actor=actor, given=given))
        transaction.set_rollback(True)
    return found


def preview_change(*, actor: Actor, plan_id: int, changes: Mapping[str, Any]) -> Preview:
    """What the plan with these changes would have drawn from its last whole period; nothing is saved. Raises
    as `change_plan`."""
    with transaction.atomic():
        found = preview(actor, change_plan(actor=actor, plan_id=plan_id, changes=changes))
        transaction.set_rollback(True)
    return found


@transaction.atomic
def change_plan(
    *, actor: Actor, plan_id: int, changes: Mapping[str, Any], if_match: str | None = None
) -> SamplePlan:
    """The plan with these fields of PlanInput changed. Both the plan as it was and as it becomes must lie in
    the actor's teams. Raises Missing, Refused, Conflict `plan_ended`, Stale (412), Invalid; `drawn_already`
    where others shall grade what was drawn."""
    plan = locked(actor=actor, plan_id=plan_id, if_match=if_match)
    may_change(actor, plan).demand()
    before = as_input(plan)
    given = _changed(before, changes)
    if given.kind != before.kind and plan.draws.exists():
        raise invalid("/kind", "drawn_already", DRAWN_ALREADY)
    columns = checked(actor=actor, given=given, unchanged=before)
    for name, value in columns.items():
        setattr(plan, name, value)
    _set_reviewers(plan, given)
    after = as_input(plan)
    names = {each.name for each in fields(after) if getattr(before, each.name) != getattr(after, each.name)}
    begins = plan.automatic_from is None or (_is_drawn(after) and not _is_drawn(before))
    if begins or names & RHYTHM:
        plan.automatic_from = automatic_from(actor=actor, plan=plan)
    if names & WHO_MAY:
        _check_somebody(actor, plan, given)
    if names:
        plan.save(update_fields=[*columns, "automatic_from", "updated_at"])
        old, new = plain(before), plain(after)
        record(actor, "plan.changed", plan, {name: [old[name], new[name]] for name in sorted(names)})
    return plan


def insert_plan(*, actor: Actor, given: PlanInput, unchanged: PlanInput | None = None) -> SamplePlan:
    """A new row with its seed, reviewers and teams, in the caller's transaction and audit. What is
    `unchanged` from another plan is not questioned again. Raises Invalid, Refused."""
    plan = SamplePlan(
        workspace=actor.workspace,
        created_by=actor.member,
        seed=given.seed or secrets.token_hex(16),
        seed_given=bool(given.seed),
        **checked(actor=actor, given=given, unchanged=unchanged),
    )
    plan.automatic_from = automatic_from(actor=actor, plan=plan)
    plan.save(force_insert=True)
    _set_reviewers(plan, given)
    if unchanged is None:
        _check_somebody(actor, plan, given)
    return plan


def locked(*, actor: Actor, plan_id: int, if_match: str | None = None) -> SamplePlan:
    """The plan, locked for a change. Raises Missing, Stale (412)."""
    plan = SamplePlan.objects.visible_to(actor).select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise Missing
    check_match(plan, if_match)
    return plan


def as_input(plan: SamplePlan) -> PlanInput:
    """What the plan would be asked for by; its seed is left out, since a plan's seed is its own. Two
    queries."""
    reviewers = PlanReviewer.objects.in_workspace(plan.workspace_id).filter(plan=plan)
    teams = PlanReviewerTeam.objects.in_workspace(plan.workspace_id).filter(plan=plan)
    rows = reviewers.order_by("member_id").values_list("member_id", "weight")
    apart = {"scorecard", "quota", "risk_share", "reviewers", "reviewer_teams", "seed"}
    return PlanInput(
        **{name: getattr(plan, name) for name in NAMES - apart},
        scorecard=plan.scorecard_id,
        quota=QuotaInput(of=plan.quota_of, kind=plan.quota_kind, value=plan.quota),
        risk_share=None if plan.risk_filter is None else plan.risk_share,
        reviewers=tuple(ReviewerInput(*row) for row in rows),
        reviewer_teams=tuple(teams.order_by("team_id").values_list("team_id", flat=True)),
    )


def automatic_from(*, actor: Actor, plan: SamplePlan) -> date | None:
    """The first day of the period that runs now, from which on the clock draws."""
    period = running(rhythm_of(actor, plan), today(actor))
    return None if period is None else period.first


def plain(given: PlanInput) -> dict[str, Any]:
    """As JSON, for the audit; the seed is told by the plan alone."""
    return {name: _json(value) for name, value in asdict(given).items() if name != "seed"}


def _changed(before: PlanInput, changes: Mapping[str, Any]) -> PlanInput:
    """What goes with something else goes with it: a share with its filter, a number of days with theirs."""
    given = replace(before, **changes)
    if before.risk_filter is None or given.risk_filter is None:
        given = replace(given, risk_share=changes.get("risk_share"))
    if given.period != before.period:
        given = replace(
            given,
            period_days=changes.get("period_days"),
            weekly_parts=changes.get("weekly_parts", False),
        )
    return given


def _is_drawn(given: PlanInput) -> bool:
    """Whether the clock draws it."""
    return given.automatic and given.active


def _set_reviewers(plan: SamplePlan, given: PlanInput) -> None:
    weights = members_of(given.reviewers)
    rows = PlanReviewer.objects.in_workspace(plan.workspace_id).filter(plan=plan)
    rows.exclude(member_id__in=weights).delete()
    PlanReviewer.objects.bulk_create(
        [
            PlanReviewer(workspace_id=plan.workspace_id, plan=plan, member_id=member, weight=weight)
            for member, weight in weights.items()
        ],
        update_conflicts=True,
        unique_fields=["plan", "member"],
        update_fields=["weight"],
    )
    teams = PlanReviewerTeam.objects.in_workspace(plan.workspace_id).filter(plan=plan)
    teams.exclude(team_id__in=given.reviewer_teams).delete()
    PlanReviewerTeam.objects.bulk_create(
        [
            PlanReviewerTeam(workspace_id=plan.workspace_id, plan=plan, team_id=each)
            for each in dict.fromkeys(given.reviewer_teams)
        ],
        ignore_conflicts=True,
    )


def _check_somebody(actor: Actor, plan: SamplePlan, given: PlanInput) -> None:
    """Reviewers who exclude everybody are a mistake; a plan that names none is a pool for leads."""
    if not (given.reviewers or given.reviewer_teams):
        return
    matching = stored(plan.filter)
    if not any(_may_take_some(each, matching) for each in plan_graders(actor, plan, today(actor))):
        raise invalid("/reviewers", "nobody_can_review", NOBODY)


def _may_take_some(grader: Grader, matching: Filter) -> bool:
    """Whether some conversation of the filter could be his, absences aside."""
    teams: Collection[int | None] = matching.team or grader.scope or (None,)
    mine = [Takes(team, agent_id=0) for team in teams if grader.could_take(Takes(team, agent_id=0))]
    named: dict[str, tuple[Any, ...]] = {
        "agent_id": matching.agent,
        "language": matching.language,
        "channel": matching.channel,
        "topic": matching.topic,
    }
    return bool(mine) and all(
        not values or any(grader.could_take(replace(mine[0], **{name: value})) for value in values)
        for name, values in named.items()
    )


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date | time) else value
