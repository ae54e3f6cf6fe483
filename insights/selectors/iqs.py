"""IQS: the average of reviewed with its count, and the estimate of all work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.access import Actor
from insights import facts
from insights.policies import sight as sight_of
from insights.query import Key, Query
from insights.selectors.estimates import estimates, refusal
from insights.selectors.limits import bounded_buckets, check_rows
from insights.selectors.samples import Sample, sample
from insights.stats import Estimate


@dataclass(frozen=True, slots=True)
class IqsRow:
    """One row of an answer: `mean` 0..100 of the `reviews` with a score, `pass_rate` 0..1 by today's mark.

    `estimate` speaks of all the work, and so does `pass_estimate`, the share in per cent (0..100) of it whose
    score passes by today's mark; None where the row is a part of the work.
    """

    key: Key
    period_start: date | None
    reviews: int
    mean: Decimal | None
    pass_rate: Decimal | None
    estimate: Estimate
    pass_estimate: Estimate | None = None


def iqs(actor: Actor, query: Query, known: Sample | None = None) -> list[IqsRow]:
    """IQS by bucket and dimensions, empty rows omitted, in the order of the buckets.

    `known` is the sample of the same dates where the caller has it. Four queries, two with `known`: sums of
    reviews, plan, strata, closed conversations. One more for scorecards, groups, categories, channels and
    topics, and where there are second reviews two, for how reviewers differ and who reviewed what.
    Refused (403) and Invalid (422) with their reasons.
    """
    sight = sight_of(actor, query)
    buckets = bounded_buckets(actor, query)
    sums = facts.review_sums(sight.slice(actor, query, buckets), actor.workspace.settings.pass_mark)
    if known is None and not refusal(sight, query):
        known = sample(actor, query, released_only=sight.agent is not None)
    found = estimates(actor, sight, query, buckets, known)
    places = set(sums) | {place for place, estimate in found.found.items() if estimate.reviews}
    check_rows(places)
    return [
        _row(
            key, buckets[place].start, sums.get((key, place)), found.of(key, place), found.pass_of(key, place)
        )
        for key, place in sorted(places, key=lambda each: each[1])
    ]


@dataclass(frozen=True, slots=True)
class Imported:
    """The plain mean, in points, of the `n` reviews that another tool's history brought in."""

    mean: Decimal
    n: int


def imported(actor: Actor, query: Query) -> dict[date | None, Imported]:
    """The history from other tools by the first days of the buckets; it is in no estimate. One query.

    Refused (403) and Invalid (422) as `iqs`."""
    asked = query.by(interval=query.interval)
    buckets = bounded_buckets(actor, asked)
    sums = facts.imported_sums(sight_of(actor, asked).slice(actor, asked, buckets))
    return {
        buckets[place].start: Imported(each.score / each.reviews, each.reviews)
        for (_, place), each in sums.items()
    }


def _row(
    key: Key,
    start: date | None,
    sums: facts.ReviewSums | None,
    estimate: Estimate,
    pass_estimate: Estimate | None,
) -> IqsRow:
    if sums is None:
        return IqsRow(key, start, 0, None, None, estimate, pass_estimate)
    rate = None if sums.passed is None else Decimal(sums.passed) / sums.reviews
    return IqsRow(key, start, sums.reviews, sums.score / sums.reviews, rate, estimate, pass_estimate)
