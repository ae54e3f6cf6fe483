"""How much reviewers differ in severity, as ranges of estimates allow for it."""

from __future__ import annotations

from datetime import timedelta

from accounts.access import Actor
from common.periods import Period
from insights.facts.pairs import second_reviews
from insights.stats.severity import Given
from insights.stats.severity import reviewer_variance as variance_of

LEARNED_WEEKS = 26


def reviewer_variance(actor: Actor, period: Period) -> float:
    """The variance between reviewers in points squared, from second looks that were drawn in the 26 weeks to
    the period's end, over the whole workspace; 0 until there are twenty of them. One query."""
    after = period.last - timedelta(weeks=LEARNED_WEEKS)
    return variance_of(Given.of(second_reviews(actor.workspace_id, after, period.last)))
