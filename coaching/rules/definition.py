"""A coaching rule, and what may be wrong with one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["iqs_below", "csat_below", "category_below", "critical_failures", "quadrant"]
Strength = Literal["clear", "worth_a_look", "event"]

Finding = tuple[str, str, str]


@dataclass(frozen=True)
class Rule:
    """A coaching rule.

    `target` is in points 0..100 for IQS and categories, the satisfied share in percent for CSAT, and
    for `quadrant` the cut of both; `category` a key, for `category_below` only. `cooldown_days` pass
    between two assignments of one agent, except for events: each is about another conversation.
    """

    kind: Kind
    strength: Strength
    target: float | None = None
    category: str | None = None
    min_reviews: int = 5
    min_answers: int = 10
    cooldown_days: int = 28

    @property
    def cut(self) -> float:
        """The target of a rule that needs one. Raises ValueError for a rule that `check_rule` faults."""
        if self.target is None:
            raise ValueError(f"a rule of kind {self.kind} needs a target")
        return self.target


def check_rule(rule: Rule) -> list[Finding]:
    """What is wrong with a rule, as (field, code, words); empty when it can be used."""
    return [*_check_strength(rule), *_check_target(rule), *_check_category(rule), *_check_counts(rule)]


def _strengths(kind: str) -> tuple[str, ...]:
    """A critical failure is an event; a quadrant asks for both ranges, so it is always clear."""
    return {"critical_failures": ("event",), "quadrant": ("clear",)}.get(kind, ("clear", "worth_a_look"))


def _check_strength(rule: Rule) -> Iterator[Finding]:
    if rule.kind not in get_args(Kind):
        yield "kind", "unknown_value", f"Choose one of {', '.join(get_args(Kind))}."
    elif rule.strength not in _strengths(rule.kind):
        choices = " or ".join(_strengths(rule.kind))
        yield "strength", "not_for_this_kind", f"A rule of kind {rule.kind} can only be {choices}."


def _check_target(rule: Rule) -> Iterator[Finding]:
    if rule.kind == "critical_failures":
        if rule.target is not None:
            yield "target", "not_used", "A critical failure needs no target."
    elif rule.target is None:
        yield "target", "required", "Say below which value coaching is proposed."
    elif not 0 < rule.target <= 100:
        yield "target", "out_of_range", "The target is above 0 and at most 100."


def _check_category(rule: Rule) -> Iterator[Finding]:
    if rule.kind == "category_below" and not rule.category:
        yield "category", "required", "Say which category the rule looks at."
    elif rule.kind != "category_below" and rule.category:
        yield "category", "not_used", "Only a rule of kind category_below looks at a category."


def _check_counts(rule: Rule) -> Iterator[Finding]:
    for name, value, lowest in (
        ("min_reviews", rule.min_reviews, 1),
        ("min_answers", rule.min_answers, 1),
        ("cooldown_days", rule.cooldown_days, 0),
    ):
        if value < lowest:
            yield name, "out_of_range", f"At least {lowest}."
