"""What a rule is given about one agent, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from insights.stats import Csat, Estimate, fixed4


@dataclass(frozen=True)
class Iqs:
    """The IQS of an agent: the sum and count of review scores at hand, and the estimate of all work."""

    total: Decimal
    reviews: int
    estimate: Estimate


@dataclass(frozen=True)
class Outcome:
    """A category's score, in points, in the review of one conversation."""

    conversation: int
    score: float


@dataclass(frozen=True)
class Category:
    """One category of an agent: its latest outcomes, newest first, how often it was rated, its estimate."""

    name: str
    latest: Sequence[Outcome]
    rated: int
    estimate: Estimate


@dataclass(frozen=True)
class CriticalFailure:
    """A conversation whose review failed in critical categories, by their names."""

    conversation: int
    categories: Sequence[str] = ()


@dataclass(frozen=True)
class History:
    """What coaching an agent has already: open assignments of all rules, and those of this rule."""

    open_assignments: int = 0
    open_for_rule: bool = False
    days_since_last: int | None = None


@dataclass(frozen=True)
class Evidence:
    """All that is known of one agent for one rule.

    `weeks` is how far the numbers look back. `critical_failures` are those of the period, oldest
    first, that have no assignment yet.
    """

    name: str
    iqs: Iqs | None = None
    csat: Csat | None = None
    category: Category | None = None
    critical_failures: Sequence[CriticalFailure] = ()
    history: History = field(default_factory=History)
    weeks: int = 13

    @property
    def over(self) -> str:
        return f"over the last {self.weeks} weeks"

    def as_json(self, target: float | None, conversations: Sequence[int] = ()) -> dict[str, object]:
        """The numbers that an assignment keeps, as they were when it was proposed."""
        iqs, csat, category = self.iqs, self.csat, self.category
        return {
            "iqs": iqs
            and {"sum": fixed4(iqs.total), "reviews": iqs.reviews, "estimate": iqs.estimate.as_json()},
            "csat": csat
            and {
                "satisfied": csat.satisfied,
                "answers": csat.answers,
                "low": fixed4(csat.satisfied_low),
                "high": fixed4(csat.satisfied_high),
            },
            "category": category
            and {"name": category.name, "rated": category.rated, "estimate": category.estimate.as_json()},
            "target": fixed4(target),
            "conversations": list(conversations),
        }


@dataclass(frozen=True)
class Proposal:
    """An assignment to propose: why, in words; the evidence, ready for JSON; the most urgent is highest."""

    reason: str
    evidence: dict[str, object]
    priority: int


@dataclass(frozen=True)
class NotProposed:
    """Why nothing is proposed, in words.

    Codes: not_below, too_few, refused, no_data, open_assignment, cooldown, cap_reached.
    """

    code: str
    why: str
