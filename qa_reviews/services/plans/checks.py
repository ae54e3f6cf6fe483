"""What is wrong with a plan, each error naming its field; and the columns of a plan that is right."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from accounts import selectors as people
from accounts.access import Actor, Capability
from accounts.models import Member
from accounts.services.workspaces import zone_error
from common.errors import FieldError, Invalid
from conversations.filters import Filter, from_json, risks_from_json
from qa_reviews.models import SamplePlan
from qa_reviews.policies.plans import may_plan
from qa_reviews.sampling import KINDS, default_share
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import graders_like
from qa_reviews.selectors.periods import YEARS
from qa_reviews.services.plans.inputs import PlanInput, QuotaInput, ReviewerInput
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.selectors import published_version

T = TypeVar("T")

MOST_PER_AGENT = 1000
MOST_DRAWN = 100_000
MOST_POINTS = 50
MOST_PERIOD_DAYS = 366
MOST_DUE_DAYS = 365
LONGEST_TEXT = 255
SHARE_STEP = Decimal("0.0001")
WEIGHT_STEP = Decimal("0.01")
MOST_WEIGHT = Decimal(1000)
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # controls, lone surrogates, separators of lines

QuotaKind, QuotaOf, Period = SamplePlan.QuotaKind, SamplePlan.QuotaOf, SamplePlan.Period


def checked(*, actor: Actor, given: PlanInput, unchanged: PlanInput | None = None) -> dict[str, Any]:
    """The columns of the plan, and its reviewers and teams apart. What a change leaves as it was is not
    questioned again. Raises Invalid (422) with every field that is wrong, Refused (403) outside the actor's
    teams."""
    actor.require(Capability.PLAN_MANAGE)
    errors: list[FieldError] = []
    matching = _read(errors, lambda: from_json(actor, given.filter, "/filter"), Filter())
    risks: tuple[Filter, ...] = ()
    if given.risk_filter is not None:
        risks = _read(errors, lambda: risks_from_json(actor, given.risk_filter, "/risk_filter"), risks)
    for find in (_text_errors, _choice_errors, _period_errors, _clock_errors, _share_errors):
        errors += find(given)
    errors += quota_errors(given.quota)
    if unchanged is None or unchanged.scorecard != given.scorecard:
        errors += _scorecard_errors(actor, given)
    errors += _weight_errors(given)
    known = unchanged or PlanInput(name="")
    if given.kind in SamplePlan.Kind.values:
        errors += _reviewer_errors(actor, given, {each.member for each in known.reviewers})
    errors += _team_errors(actor, given, set(known.reviewer_teams))
    if errors:
        raise Invalid(errors)
    may_plan(actor, matching.as_json()).demand()
    return _columns(actor, given, matching, risks)


def _columns(actor: Actor, given: PlanInput, matching: Filter, risks: tuple[Filter, ...]) -> dict[str, Any]:
    settings = actor.workspace.settings
    found = [each.as_json() for each in risks]
    same = (
        *("kind", "period", "period_days", "weekly_parts", "starts_on", "ends_on", "automatic", "timezone"),
        *("draw_time", "second_review_share", "own_team", "assignment", "due_days", "active"),
    )
    return {name: getattr(given, name) for name in same} | {
        "name": given.name.strip(),
        "scorecard_id": given.scorecard,
        "filter": matching.as_json(),
        "quota_of": given.quota.of,
        "quota_kind": given.quota.kind,
        "quota": given.quota.value,
        "risk_filter": (found if isinstance(given.risk_filter, list) else found[0]) if found else None,
        "risk_share": _usual_share(given.quota) if given.risk_share is None else given.risk_share,
        "reviewee": given.reviewee or settings.reviewee,
        "blind": settings.blind if given.blind is None else given.blind,
    }


def _usual_share(quota: QuotaInput) -> Decimal:
    """By the number of an agent's conversations, where the quota says one."""
    each = quota.of == QuotaOf.AGENT and quota.kind == QuotaKind.NUMBER
    return default_share(int(quota.value) if each else 0)


def _read(errors: list[FieldError], read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except Invalid as wrong:
        errors += wrong.errors
        return otherwise


def _text_errors(given: PlanInput) -> Iterable[FieldError]:
    if not given.name.strip():
        yield FieldError("/name", "required", "A plan needs a name.")
    if len(given.name.strip()) > LONGEST_TEXT:
        yield FieldError("/name", "max_length", f"A name has at most {LONGEST_TEXT} characters.")
    if len(given.seed) > LONGEST_TEXT:
        yield FieldError("/seed", "max_length", f"A seed has at most {LONGEST_TEXT} characters.")
    if any(unicodedata.category(each) in UNPRINTABLE for each in given.seed):
        yield FieldError("/seed", "invalid_text", "A seed is one line of printable text.")


def _choice_errors(given: PlanInput) -> Iterable[FieldError]:
    choices: dict[str, tuple[str | None, list[str]]] = {
        "/kind": (given.kind, SamplePlan.Kind.values),
        "/period": (given.period, Period.values),
        "/assignment": (given.assignment, SamplePlan.Assignment.values),
        "/reviewee": (given.reviewee, SamplePlan.Reviewee.values),
    }
    for pointer, (value, known) in choices.items():
        if value is not None and value not in known:
            yield FieldError(pointer, "invalid_choice", f"Must be one of {', '.join(known)}.")
    if given.kind == SamplePlan.Kind.PEER and given.assignment == SamplePlan.Assignment.POOL:
        detail = "Peers grade what is assigned to them: nobody could take anything from a pool."
        yield FieldError("/assignment", "not_for_peers", detail)


def _period_errors(given: PlanInput) -> Iterable[FieldError]:
    by_days = given.period == Period.DAYS
    if by_days and given.period_days is None:
        yield FieldError("/period_days", "required", "Say how many days a period has.")
    if by_days and given.starts_on is None:
        yield FieldError("/starts_on", "required", "Say from which day the periods are counted.")
    if given.period_days is not None:
        if not by_days:
            yield FieldError("/period_days", "not_of_period", "Only periods of days have a number of days.")
        elif not 1 <= given.period_days <= MOST_PERIOD_DAYS:
            yield FieldError("/period_days", "out_of_range", f"Must lie between 1 and {MOST_PERIOD_DAYS}.")
    if given.weekly_parts and given.period != Period.MONTH:
        yield FieldError("/weekly_parts", "not_of_period", "Only a month's quota is drawn in weekly parts.")
    for name in ("starts_on", "ends_on"):
        day = getattr(given, name)
        if day is not None and day.year not in YEARS:
            yield FieldError(f"/{name}", "out_of_range", "This year is too far away.")
    if given.starts_on is not None and given.ends_on is not None and given.ends_on < given.starts_on:
        yield FieldError("/ends_on", "before_start", "The plan would end before it starts.")


def _clock_errors(given: PlanInput) -> Iterable[FieldError]:
    if given.timezone and (wrong := zone_error(given.timezone)):
        yield wrong
    if given.due_days is not None and not 1 <= given.due_days <= MOST_DUE_DAYS:
        yield FieldError("/due_days", "out_of_range", f"Must lie between 1 and {MOST_DUE_DAYS} days.")


def _share_errors(given: PlanInput) -> Iterable[FieldError]:
    if given.risk_share is not None and given.risk_filter is None:
        detail = "A risk share needs a risk filter that says what a risk is."
        yield FieldError("/risk_share", "without_risk_filter", detail)
    for name in ("risk_share", "second_review_share"):
        value = getattr(given, name)
        if value is not None and not 0 <= value <= 1:
            yield FieldError(f"/{name}", "out_of_range", "A share lies between 0 and 1.")
        elif value is not None and not _steps(value, SHARE_STEP):
            yield FieldError(f"/{name}", "invalid", "A share has at most four decimals.")


def quota_errors(quota: QuotaInput) -> Iterable[FieldError]:
    kinds = {str(of): known for of, known in KINDS.items()}.get(quota.of)
    if kinds is None:
        return [FieldError("/quota/of", "invalid_choice", f"Must be one of {', '.join(KINDS)}.")]
    if quota.kind not in kinds:
        detail = f"A quota by {quota.of} is one of {', '.join(kinds)}."
        return [FieldError("/quota/kind", "invalid_choice", detail)]
    return [FieldError("/quota/value", code, detail) for code, detail in _value_errors(quota)]


def _value_errors(quota: QuotaInput) -> Iterable[tuple[str, str]]:
    value = quota.value
    if quota.kind == QuotaKind.NUMBER:
        most = MOST_DRAWN if quota.of == QuotaOf.TOTAL else MOST_PER_AGENT
        if not 1 <= value <= most:
            yield "out_of_range", f"Must lie between 1 and {most}."
        elif value != value.to_integral_value():
            yield "invalid", "Must be a whole number."
    elif quota.kind == QuotaKind.SHARE and not 0 < value <= 1:
        yield "out_of_range", "A share lies above 0, and is at most 1."
    elif quota.kind == QuotaKind.PRECISION and not 0 < value <= MOST_POINTS:
        yield "out_of_range", f"Must be more than 0 and at most {MOST_POINTS} points."
    elif not _steps(value, SHARE_STEP):
        yield "invalid", "Has at most four decimals."


def _scorecard_errors(actor: Actor, given: PlanInput) -> Iterable[FieldError]:
    if given.scorecard is None:
        published = ScorecardVersion.objects.visible_to(actor).filter(state=ScorecardVersion.State.PUBLISHED)
        if not published.exists():
            detail = "No scorecard is published that could be offered: publish one first."
            yield FieldError("/scorecard", "not_published", detail)
        return
    card = Scorecard.objects.visible_to(actor).filter(pk=given.scorecard).first()
    if card is None:
        yield FieldError("/scorecard", "not_found", f"There is no scorecard “{given.scorecard}” here.")
    elif published_version(actor, card.pk) is None:
        yield FieldError("/scorecard", "not_published", f"“{card.name}” has no published version.")


def _weight_errors(given: PlanInput) -> Iterable[FieldError]:
    seen: dict[int, Decimal] = {}
    for place, each in enumerate(given.reviewers):
        pointer = f"/reviewers/{place}"
        if not 0 < each.weight <= MOST_WEIGHT:
            detail = f"A weight is more than 0 and at most {MOST_WEIGHT}."
            yield FieldError(f"{pointer}/weight", "out_of_range", detail)
        elif not _steps(each.weight, WEIGHT_STEP):
            yield FieldError(f"{pointer}/weight", "invalid", "A weight has at most two decimals.")
        if seen.setdefault(each.member, each.weight) != each.weight:
            yield FieldError(pointer, "twice", "This member is named twice, with another weight.")
    anybody = given.kind == SamplePlan.Kind.PEER or given.reviewers or given.reviewer_teams
    if given.quota.of == QuotaOf.REVIEWER and not anybody:
        yield FieldError("/reviewers", "required", "A quota for each reviewer needs reviewers.")


def _reviewer_errors(actor: Actor, given: PlanInput, known: set[int]) -> Iterable[FieldError]:
    """Each must be an active member who grades; of a peer plan, an agent with a log-in. Those a plan had
    before may have left since."""
    asked = {each.member for each in given.reviewers} - known
    plan = SamplePlan(kind=given.kind, own_team=given.own_team)
    able = {each.id for each in graders_like(actor, plan, today(actor), asked)} if asked else set()
    rows = Member.objects.visible_to(actor).filter(pk__in=asked - able)
    seen = set(rows.values_list("pk", flat=True))
    peer = given.kind == SamplePlan.Kind.PEER
    cannot = "This member is no agent with a log-in." if peer else "This member has left, or does not grade."
    for place, each in enumerate(given.reviewers):
        if each.member in seen:
            yield FieldError(f"/reviewers/{place}", "cannot_grade", cannot)
        elif each.member in asked - able:
            yield FieldError(f"/reviewers/{place}", "not_found", f"There is no member “{each.member}” here.")


def _team_errors(actor: Actor, given: PlanInput, known: set[int]) -> Iterable[FieldError]:
    asked = set(given.reviewer_teams) - known
    seen = set(people.teams(actor).filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
    for place, team in enumerate(given.reviewer_teams):
        if team in asked - seen:
            yield FieldError(f"/reviewer_teams/{place}", "not_found", f"There is no team “{team}” here.")


def _steps(value: Decimal, step: Decimal) -> bool:
    """Whether the number is written with no more decimals than the step has."""
    try:
        return value == value.quantize(step)
    except InvalidOperation:
        return False


def members_of(reviewers: Iterable[ReviewerInput]) -> dict[int, Decimal]:
    """Member id -> weight; a member named twice counts once."""
    return {each.member: each.weight for each in reviewers}
