"""The only place that aggregates: sums and counts of one workspace, set-based and read live.

Every function makes one query and answers sums; averages, ranges and refusals are made on the way out
(insights.stats). Facts carry team, agent and local date as they were, so that history does not move. Scores
are read as they were stored at submission; ratings only where categories are asked for.
"""

from insights.facts.answers import answer_sums
from insights.facts.outcomes import CategoryOutcomes, category_outcomes, critical_failures
from insights.facts.ratios import group_sums
from insights.facts.reviews import ReviewSums, imported_sums, review_sums
from insights.facts.strata import StratumCells, closed_counts, givers, stratum_cells
from insights.facts.times import BothTimes, Times, first_responses, resolutions

__all__ = [
    "BothTimes",
    "CategoryOutcomes",
    "ReviewSums",
    "StratumCells",
    "Times",
    "answer_sums",
    "category_outcomes",
    "closed_counts",
    "critical_failures",
    "first_responses",
    "givers",
    "group_sums",
    "imported_sums",
    "resolutions",
    "review_sums",
    "stratum_cells",
]
