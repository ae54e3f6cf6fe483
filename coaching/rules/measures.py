"""A number held against a target: is it below, how probably, and how to say so."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from coaching.rules.definition import Rule
from coaching.rules.evidence import Evidence, NotProposed
from insights.stats import Csat, Estimate, Refusal
from qa_reviews.sampling import Z95

MOST_MORE_REVIEWS = 30
"""More than this many further reviews are not proposed: a talk tells sooner."""


def probability_below(value: float, target: float, size: float | None) -> float:
    """How probably the true value lies below the target, both on 0..100; 0 or 1 for an exact `value`.

    `size` is the (effective) number of reviews or answers. With v and t as shares,
    P = Phi((t - v) / sqrt(t (1 - t) / size)): the Wilson range turned round, so that P exceeds
    0.975 exactly where the upper end of the 95 % range lies below the target. Source: Wilson 1927.
    """
    share, at = value / 100, target / 100
    error = math.sqrt(at * (1 - at) / size) if size else 0.0
    if not error:
        return float(value < target)
    return NormalDist().cdf((at - share) / error)


@dataclass(frozen=True)
class Measure:
    """A number on 0..100 with its range, from `count` of a `thing`, worth `size` of them (None: exact)."""

    subject: str
    value: float
    low: float
    high: float
    size: float | None
    count: int
    thing: str
    unit: str = ""

    def says(self, target: float) -> str:
        """ "Ana's IQS is 71 (64 to 77)", with enough decimals not to contradict the target."""
        value, low, high = (f"{shown(each, target)}{self.unit}" for each in (self.value, self.low, self.high))
        span = "all reviewed" if self.size is None else f"{low} to {high}"
        return f"{self.subject} is {value} ({span})"

    @property
    def basis(self) -> str:
        return f"from {counted(self.count, self.thing)}"

    def below(self, target: float) -> float:
        return probability_below(self.value, target, self.size)

    def more_reviews(self, target: float) -> int | None:
        """How many further reviews would make it clear, should the value stay; None if not worth asking."""
        if self.size is None or self.thing != "review" or self.value >= target:
            return None
        share, at = self.value / 100, target / 100
        needed = Z95**2 * at * (1 - at) / (at - share) ** 2
        more = math.ceil(needed * self.count / self.size) - self.count
        return more if 0 < more <= MOST_MORE_REVIEWS else None


def shown(number: float, target: float) -> str:
    """A number with the fewest decimals that leave it on its side of the target."""
    for decimals in range(5):
        text = f"{number:.{decimals}f}"
        if (float(text) < target) == (number < target) and (float(text) > target) == (number > target):
            return text
    return repr(number)


def iqs_measure(rule: Rule, evidence: Evidence) -> Measure | NotProposed:
    """The IQS of an agent, or why it cannot be held against a target."""
    if evidence.iqs is None:
        return NotProposed("no_data", f"Nothing of {evidence.name}'s work is in a draw {evidence.over}.")
    return estimate_measure(evidence.iqs.estimate, f"{evidence.name}'s IQS", rule.min_reviews)


def estimate_measure(estimate: Estimate, subject: str, min_reviews: int) -> Measure | NotProposed:
    """An estimate as a measure, or its refusal."""
    refused = estimate.refused or estimate.range_refused
    if refused:
        return _unknown(refused)
    if estimate.reviews < min_reviews:
        return too_few(estimate.reviews, min_reviews, "review")
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None:
        raise ValueError("an estimate without a refusal has a value and a range")
    return Measure(subject, value, low, high, estimate.effective_reviews, estimate.reviews, "review")


def csat_measure(rule: Rule, evidence: Evidence) -> Measure | NotProposed:
    """The satisfied share of an agent's customers, or why it cannot be held against a target."""
    csat, subject = evidence.csat, f"the satisfied share of {evidence.name}'s customers"
    if csat is None or not csat.answers:
        return NotProposed("no_data", f"No customer of {evidence.name} answered a survey {evidence.over}.")
    if csat.answers < rule.min_answers:
        return too_few(csat.answers, rule.min_answers, "answer")
    return _unknown(csat.refused) if csat.refused else _satisfied(csat, subject)


def _satisfied(csat: Csat, subject: str) -> Measure:
    share, low, high = csat.satisfied_share, csat.satisfied_low, csat.satisfied_high
    if share is None or low is None or high is None:
        raise ValueError("a CSAT without a refusal has a share and a range")
    return Measure(subject, share * 100, low * 100, high * 100, csat.answers, csat.answers, "answer", " %")


def _unknown(refusal: Refusal) -> NotProposed:
    return NotProposed("too_few" if refusal.code == "too_few" else "refused", refusal.message)


def too_few(found: int, needed: int, thing: str) -> NotProposed:
    """Too little to go by: `found` of the `needed` reviews or answers."""
    of = f"{found} of {counted(needed, thing)}"
    return NotProposed("too_few", f"Too few {thing}s so far for this rule: {of}.")


def counted(number: int, thing: str) -> str:
    """ "1 review", "2 reviews"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
