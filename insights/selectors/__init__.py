"""Numbers for an actor: facts in his sight, with averages, estimates, ranges and refusals.

Each function takes the actor first and says how many queries it makes; the workspace's settings come with
the actor. The most rows an answer may have is MOST_ROWS.
"""

from insights.selectors.agent_page import AgentNumbers, agent_numbers, visible_agent
from insights.selectors.iqs import Imported, IqsRow, imported, iqs
from insights.selectors.limits import MOST_ROWS, recent_weeks
from insights.selectors.names import Names, names_of, teams_in_scope
from insights.selectors.others import CsatRow, TimesRow, csat, first_response, resolution
from insights.selectors.overview import AgentLine, Overview, Point, next_step, overview, trend
from insights.selectors.ramps import Ramp, ramps
from insights.selectors.samples import Sample, headline_plan, plans, sample
from insights.selectors.workings import Drawn, Explained, Place, Workings, explain, workings

__all__ = [
    "MOST_ROWS",
    "AgentLine",
    "AgentNumbers",
    "CsatRow",
    "Drawn",
    "Explained",
    "Imported",
    "IqsRow",
    "Names",
    "Overview",
    "Place",
    "Point",
    "Ramp",
    "Sample",
    "TimesRow",
    "Workings",
    "agent_numbers",
    "csat",
    "explain",
    "first_response",
    "headline_plan",
    "imported",
    "iqs",
    "names_of",
    "next_step",
    "overview",
    "plans",
    "ramps",
    "recent_weeks",
    "resolution",
    "sample",
    "teams_in_scope",
    "trend",
    "visible_agent",
    "workings",
]
