"""What a shown IQS or CSAT means: the estimate of all work, its honest range, and its refusals.

Pure functions over sums. One defined thing is estimated: the mean score, in points 0..100, if
every closed, eligible conversation of the agent or team had been reviewed, although
conversations that need attention are reviewed more often. A stratum is one agent's band in one
period; within it every conversation had the same chance, so its mean speaks for all of it.

Sources: Cochran 1977 ch. 5 (stratified means), Wilson 1927 (the range), Korn and Graubard 1998
(effective size of a weighted sample), the house's statistics.md sections 2 and 3.
"""

from insights.stats.cells import Cell, Spreads, Weighting, Work, learn_spreads, weigh
from insights.stats.estimates import (
    Basis,
    Estimate,
    Measured,
    Roster,
    Working,
    estimate_agent,
    estimate_agents,
    estimate_team,
    work_agent,
    work_agents,
    work_team,
)
from insights.stats.measures import Measure, Passes, Scores, Stratum
from insights.stats.numbers import fixed4, percent, wilson
from insights.stats.ratios import Ground, GroupSums, Ratio, RatioSpreads
from insights.stats.refusals import NOT_DEFINED_BY_REVIEWER, Minimums, Refusal, not_yet
from insights.stats.satisfaction import Csat, CsatSums, csat

__all__ = [
    "NOT_DEFINED_BY_REVIEWER",
    "Basis",
    "Cell",
    "Csat",
    "CsatSums",
    "Estimate",
    "Ground",
    "GroupSums",
    "Measure",
    "Measured",
    "Minimums",
    "Passes",
    "Ratio",
    "RatioSpreads",
    "Refusal",
    "Roster",
    "Scores",
    "Spreads",
    "Stratum",
    "Weighting",
    "Work",
    "Working",
    "csat",
    "estimate_agent",
    "estimate_agents",
    "estimate_team",
    "fixed4",
    "learn_spreads",
    "not_yet",
    "percent",
    "weigh",
    "wilson",
    "work_agent",
    "work_agents",
    "work_team",
]
