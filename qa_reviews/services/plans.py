"""Making and changing sample plans. A change acts on future draws only; the seed never changes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.access import Actor, Capability
from accounts.models import Member, WorkspaceSettings
from accounts.services.audit import record
from common.errors import FieldError, Invalid, Missing
from common.etags import check_match
from common.periods import Interval
from conversations.filters import Filter, from_json, risks_from_json
from qa_reviews.models import PlanReviewer, SamplePlan
from qa_reviews.policies.plans import may_plan
from qa_reviews.sampling import default_share
from qa_reviews.selectors.frames import Terms
from qa_reviews.selectors.graders import graders
from scorecards.models import Scorecard
from scorecards.selectors import published_version

MOST_PER_AGENT = 1000
SHARE_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """A plan as it is asked for. Filters are JSON; None means: as the workspace's settings say, or as the
    rule gives it. Shares are 0 to 1, exact."""

    name: str
    scorecard: int | None
    filter: Any = field(default_factory=dict)
    period: Interval = "week"
    per_agent: int = 5
    risk_filter: Any = None
    risk_share: Decimal | None = None
    second_review_share: Decimal = Decimal(0)
    reviewers: tuple[int, ...] = ()
    reviewee: str | None = None
    blind: bool | None = None
    seed: str = ""
    active: bool = True


COLUMNS = (
    "name",
    "scorecard_id",
    "filter",
    "period",
    "per_agent",
    "risk_filter",
    "risk_share",
    "second_review_share",
    "reviewee",
    "blind",
    "active",
)


@transaction.atomic
def create_plan(*, actor: Actor, given: PlanInput) -> SamplePlan:
    """A plan with its seed; the workspace's first becomes its headline plan. Raises Refused (403) outside the
    actor's teams, Invalid (422) naming each field that is wrong."""
    columns = _checked(actor, given)
    plan = SamplePlan.objects.create(
        workspace=actor.workspace,
        created_by=actor.member,
        seed=given.seed or secrets.token_hex(16),
        seed_given=bool(given.seed),
        **columns,
    )
    _set_reviewers(plan, given.reviewers)
    WorkspaceSettings.objects.visible_to(actor).filter(headline_plan_id=None).update(headline_plan_id=plan.pk)
    record(actor, "plan.created", plan, _plain(asdict(given)) | {"seed_given": plan.seed_given})
    return plan


@transaction.atomic
def change_plan(
    *, actor: Actor, plan_id: int, changes: Mapping[str, Any], if_match: str | None = None
) -> SamplePlan:
    """The plan with these fields of PlanInput changed. Both the plan as it was and as it becomes must lie in
    the actor's teams. Raises Missing, Refused, Stale (412), Invalid."""
    plan = SamplePlan.objects.visible_to(actor).select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise Missing
    may_plan(actor, plan.filter).demand()
    check_match(plan, if_match)
    before = _as_input(plan)
    given = replace(before, **changes)
    if before.risk_filter is None or given.risk_filter is None:
        given = replace(given, risk_share=changes.get("risk_share"))  # a share goes with its filter
    columns = _checked(actor, given, unchanged=before)
    changed = {name: value for name, value in columns.items() if getattr(plan, name) != value}
    for name, value in changed.items():
        setattr(plan, name, value)
    if set(given.reviewers) != set(before.reviewers):
        _set_reviewers(plan, given.reviewers)
        changed["reviewers"] = given.reviewers
    if changed:
        plan.save(
            update_fields=[
                *("quota" if name == "per_agent" else name for name in changed if name != "reviewers"),
                "updated_at",
            ]
        )
        old, new = _plain(asdict(before)), _plain(asdict(_as_input(plan)))
        record(actor, "plan.changed", plan, {k: [old[k], new[k]] for k in new if old[k] != new[k]})
    return plan


def _as_input(plan: SamplePlan) -> PlanInput:
    reviewers = PlanReviewer.objects.in_workspace(plan.workspace_id).filter(plan=plan)
    values = {name: getattr(plan, name) for name in COLUMNS if name != "scorecard_id"}
    return PlanInput(
        **values,
        scorecard=plan.scorecard_id,
        reviewers=tuple(reviewers.order_by("member_id").values_list("member_id", flat=True)),
    )


def terms_of(*, actor: Actor, given: PlanInput) -> Terms:
    """The terms of a plan that is only asked about. Raises Refused, Invalid."""
    errors: list[FieldError] = []
    terms = _terms(actor, given, errors)
    if errors:
        raise Invalid(errors)
    may_plan(actor, terms.filter.as_json()).demand()
    return terms


def _checked(actor: Actor, given: PlanInput, unchanged: PlanInput | None = None) -> dict[str, Any]:
    """The plan's columns. What a change leaves as it was is not questioned again."""
    actor.require(Capability.PLAN_MANAGE)
    errors: list[FieldError] = []
    terms = _terms(actor, given, errors)
    if not given.name.strip():
        errors.append(FieldError("/name", "required", "A plan needs a name."))
    if unchanged is None or unchanged.scorecard != given.scorecard:
        errors += _scorecard_errors(actor, given)
    errors += _reviewer_errors(actor, given, known=unchanged.reviewers if unchanged else ())
    if errors:
        raise Invalid(errors)
    filter_json = terms.filter.as_json()
    may_plan(actor, filter_json).demand()
    risks = [each.as_json() for each in terms.risks]
    return {
        "name": given.name.strip(),
        "scorecard_id": given.scorecard,
        "filter": filter_json,
        "period": given.period,
        "per_agent": given.per_agent,
        "risk_filter": (risks if isinstance(given.risk_filter, list) else risks[0]) if risks else None,
        "risk_share": terms.risk_share,
        "second_review_share": terms.second_review_share,
        "reviewee": terms.reviewee,
        "blind": actor.workspace.settings.blind if given.blind is None else given.blind,
        "active": given.active,
    }


def _terms(actor: Actor, given: PlanInput, errors: list[FieldError]) -> Terms:
    """The terms, with what is wrong with them gathered in `errors`."""
    matching, risks = Filter(), tuple[Filter, ...]()
    try:
        matching = from_json(actor, given.filter, "/filter")
    except Invalid as wrong:
        errors += wrong.errors
    try:
        risks = () if given.risk_filter is None else risks_from_json(actor, given.risk_filter, "/risk_filter")
    except Invalid as wrong:
        errors += wrong.errors
    if not 1 <= given.per_agent <= MOST_PER_AGENT:
        errors.append(FieldError("/per_agent", "out_of_range", f"Must lie between 1 and {MOST_PER_AGENT}."))
    if given.risk_share is not None and given.risk_filter is None:
        detail = "A risk share needs a risk filter that says what a risk is."
        errors.append(FieldError("/risk_share", "without_risk_filter", detail))
    for name in ("risk_share", "second_review_share"):
        errors += _share_errors(name, getattr(given, name))
    share = default_share(given.per_agent) if given.risk_share is None else given.risk_share
    return Terms(
        filter=matching,
        risks=risks,
        risk_share=share,
        per_agent=given.per_agent,
        second_review_share=given.second_review_share,
        reviewee=given.reviewee or actor.workspace.settings.reviewee,
    )


def _share_errors(name: str, share: Decimal | None) -> list[FieldError]:
    if share is None:
        return []
    if not 0 <= share <= 1:
        return [FieldError(f"/{name}", "out_of_range", "A share lies between 0 and 1.")]
    if share != share.quantize(SHARE_STEP):
        return [FieldError(f"/{name}", "invalid", "A share has at most four decimals.")]
    return []


def _scorecard_errors(actor: Actor, given: PlanInput) -> list[FieldError]:
    if given.scorecard is None:
        return [FieldError("/scorecard", "required", "Name the scorecard to grade with.")]
    card = Scorecard.objects.visible_to(actor).filter(pk=given.scorecard).first()
    if card is None:
        return [FieldError("/scorecard", "not_found", f"There is no scorecard “{given.scorecard}” here.")]
    if published_version(actor, card.pk) is None:
        return [FieldError("/scorecard", "not_published", f"“{card.name}” has no published version.")]
    return []


def _reviewer_errors(actor: Actor, given: PlanInput, known: tuple[int, ...]) -> list[FieldError]:
    """Each reviewer must be an active member who grades. Those a plan had before may have left since."""
    asked = [each for each in given.reviewers if each not in known]
    able = {each.id for each in graders(actor, asked)}
    people = set(Member.objects.visible_to(actor).filter(pk__in=asked).values_list("pk", flat=True))
    errors = []
    for place, member in enumerate(given.reviewers):
        if member in known or member in able:
            continue
        pointer = f"/reviewers/{place}"
        if member in people:
            errors.append(FieldError(pointer, "cannot_grade", "This member has left, or does not grade."))
        else:
            errors.append(FieldError(pointer, "not_found", f"There is no member “{member}” here."))
    return errors


def _set_reviewers(plan: SamplePlan, members: tuple[int, ...]) -> None:
    rows = PlanReviewer.objects.in_workspace(plan.workspace_id).filter(plan=plan)
    rows.exclude(member_id__in=members).delete()
    PlanReviewer.objects.bulk_create(
        [
            PlanReviewer(workspace_id=plan.workspace_id, plan=plan, member_id=each)
            for each in dict.fromkeys(members)
        ],
        ignore_conflicts=True,
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """As JSON, for the audit; the seed is told by the plan alone."""
    return {
        name: str(value) if isinstance(value, Decimal) else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if name != "seed"
    }
