"""Coaching rules: made, changed, switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, Capability
from accounts.models import Member
from accounts.services.audit import record
from coaching.models import CoachingPeriod, CoachingRule
from coaching.rules import check_rule
from coaching.selectors.rules import category_names, coaches_by_id, definition
from common.errors import Conflict, FieldError, Invalid, Missing, invalid
from common.etags import check_match

Kind, Strength = CoachingRule.Kind, CoachingRule.Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFields:
    """What a rule says; `target` in points, or per cent satisfied, and `category` for category_below only."""

    name: str
    kind: str
    strength: str
    target: Decimal | None = None
    category: str = ""
    min_reviews: int = 5
    min_answers: int = 10
    period: str = CoachingPeriod.WEEK
    cooldown_days: int = 28
    coach: Member | None = None
    active: bool = True


NAMES = tuple(field.name for field in fields(RuleFields))


@transaction.atomic
def create_rule(*, actor: Actor, given: RuleFields) -> CoachingRule:
    """A new rule; it proposes something with the next run. Invalid for what `check_rule` finds."""
    actor.require(Capability.COACHING_RULES)
    rule = CoachingRule(workspace_id=actor.workspace_id, **{name: getattr(given, name) for name in NAMES})
    _check(actor, rule)
    rule.save(force_insert=True)
    record(actor, "coaching_rule.created", rule, _as_json(rule))
    return rule


@transaction.atomic
def change_rule(
    *, actor: Actor, rule_id: int, changes: Mapping[str, Any], if_match: str | None = None
) -> CoachingRule:
    """Change the named fields of RuleFields; assignments made before stay as they are."""
    rule = _locked(actor, rule_id)
    check_match(rule, if_match)
    before = _as_json(rule)
    for name in NAMES:
        if name in changes:
            setattr(rule, name, changes[name])
    _check(actor, rule)
    _save_changes(actor, rule, before, "coaching_rule.changed")
    return rule


@transaction.atomic
def deactivate_rule(*, actor: Actor, rule_id: int, if_match: str | None = None) -> CoachingRule:
    """Switch it off; what it proposed keeps naming it."""
    rule = _locked(actor, rule_id)
    check_match(rule, if_match)
    before, rule.active = _as_json(rule), False
    _save_changes(actor, rule, before, "coaching_rule.deactivated")
    return rule


@transaction.atomic
def create_usual_rules(*, actor: Actor) -> list[CoachingRule]:
    """The three rules most start with, one of each strength. Conflict where there are rules already."""
    actor.require(Capability.COACHING_RULES)
    if CoachingRule.objects.visible_to(actor).exists():
        raise Conflict(_("There are coaching rules already."), code="rules_exist")
    mark = actor.workspace.settings.pass_mark
    usual = (
        RuleFields(
            name=_("IQS clearly below the pass mark"),
            kind=Kind.IQS_BELOW,
            strength=Strength.CLEAR,
            target=mark,
        ),
        RuleFields(
            name=_("Customers less satisfied than hoped"),
            kind=Kind.CSAT_BELOW,
            strength=Strength.WORTH_A_LOOK,
            target=Decimal(80),
        ),
        RuleFields(
            name=_("A critical failure"),
            kind=Kind.CRITICAL_FAILURES,
            strength=Strength.EVENT,
            cooldown_days=0,
        ),
    )
    return [create_rule(actor=actor, given=given) for given in usual]


def _locked(actor: Actor, rule_id: int) -> CoachingRule:
    actor.require(Capability.COACHING_RULES)
    found = CoachingRule.objects.visible_to(actor).select_for_update().filter(pk=rule_id).first()
    if found is None:
        raise Missing
    return found


def _save_changes(actor: Actor, rule: CoachingRule, before: dict[str, Any], action: str) -> None:
    after = _as_json(rule)
    changed = {name: [before[name], after[name]] for name in NAMES if before[name] != after[name]}
    if changed:
        rule.save(update_fields=[*NAMES, "updated_at"])
        record(actor, action, rule, changed)


def _check(actor: Actor, rule: CoachingRule) -> None:
    """Invalid with a pointer for each thing that is wrong."""
    rule.name = rule.name.strip()
    found = [FieldError(f"/{name}", code, detail) for name, code, detail in check_rule(definition(rule))]
    if not rule.name:
        found.append(FieldError("/name", "required", _("Give the rule a name.")))
    if rule.category and rule.category not in category_names(actor):
        detail = _("No published scorecard has a category “%(key)s”.") % {"key": rule.category}
        found.append(FieldError("/category", "not_found", detail))
    if found:
        raise Invalid(found)
    if rule.active and rule.coach_id is not None and rule.coach_id not in coaches_by_id(actor):
        raise invalid("/coach", "not_a_coach", _("A coach is an active member who manages coaching."))


def _as_json(rule: CoachingRule) -> dict[str, Any]:
    found = {name: getattr(rule, name) for name in NAMES if name != "coach"}
    target = None if rule.target is None else f"{rule.target:.4f}"
    return found | {"target": target, "coach": rule.coach_id}
