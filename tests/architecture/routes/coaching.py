from __future__ import annotations

from tests.architecture.routes import PLANNERS, Routes
from tests.architecture.routes import Route as R
from tests.world import PERIOD_START

WRITERS = "admin manager"
COACHED = f"{PLANNERS} agent other_agent"
RULE, RUN, ROW = {"pk": "coaching_rule"}, {"pk": "coaching_run"}, {"pk": "assignment"}
# The assignment is Ana's: invisible to the leads and agents of other teams.
SEE, STRANGERS = "admin manager lead agent", "other_lead other_agent"
MANAGE = "admin manager lead"
NEW_RULE = {"name": "CSAT", "kind": "csat_below", "strength": "clear", "target": "80"}
WEEK = {"period": "week", "period_start": PERIOD_START.isoformat()}

ROUTES: Routes = {
    ("api-coaching-rule-list", "GET"): R(PLANNERS),
    ("api-coaching-rule-list", "POST"): R(WRITERS, body=NEW_RULE),
    ("api-coaching-rule", "GET"): R(PLANNERS, rows=RULE),
    ("api-coaching-rule", "PATCH"): R(WRITERS, rows=RULE, body={"name": "IQS"}),
    ("api-coaching-rule", "DELETE"): R(WRITERS, rows=RULE),
    ("api-coaching-proposals-run", "POST"): R(PLANNERS, body=WEEK),
    ("api-coaching-run-list", "GET"): R(PLANNERS),
    ("api-coaching-run", "GET"): R(PLANNERS, rows=RUN),
    ("api-coaching-assignment-list", "GET"): R(COACHED),
    ("api-coaching-assignment", "GET"): R(SEE, hidden=STRANGERS, rows=ROW),
    ("api-coaching-assign", "POST"): R(MANAGE, hidden=STRANGERS, rows=ROW),
    ("api-coaching-acknowledge", "POST"): R("agent", hidden=STRANGERS, rows=ROW),
    ("api-coaching-start", "POST"): R(MANAGE, hidden=STRANGERS, rows=ROW),
    ("api-coaching-complete", "POST"): R(MANAGE, hidden=STRANGERS, rows=ROW),
    ("api-coaching-dismiss", "POST"): R(MANAGE, hidden=STRANGERS, rows=ROW),  # no reason: 422
    ("coaching-list", "GET"): R(COACHED),
    ("coaching-assignment", "GET"): R(SEE, hidden=STRANGERS, rows=ROW),
    ("coaching-assign", "POST"): R(MANAGE, hidden=STRANGERS, rows=ROW),
    ("coaching-acknowledge", "POST"): R("agent", hidden=STRANGERS, rows=ROW),
    ("coaching-start", "POST"): R(MANAGE, hidden=STRANGERS, rows=ROW),
    ("coaching-complete", "POST"): R(MANAGE, hidden=STRANGERS, rows=ROW),
    ("coaching-dismiss", "POST"): R(MANAGE, hidden=STRANGERS, rows=ROW),
    ("coaching-rule-list", "GET"): R(PLANNERS),
    ("coaching-rule-add", "GET"): R(WRITERS),
    ("coaching-rule-add", "POST"): R(WRITERS),
    ("coaching-rule-usual", "POST"): R(WRITERS),
    ("coaching-rule", "GET"): R(WRITERS, rows=RULE),
    ("coaching-rule", "POST"): R(WRITERS, rows=RULE),
    ("coaching-run-list", "GET"): R(PLANNERS),
    ("coaching-run-now", "POST"): R(PLANNERS),
    ("coaching-run", "GET"): R(PLANNERS, rows=RUN),
}
