from __future__ import annotations

from tests.architecture.routes import EVERYBODY, GRADERS, PLANNERS, Route, Routes

CUSTOMERS_WORDS = f"{PLANNERS} agent other_agent"  # never a reviewer's

REFERENCE = {"pk": "reference"}
VERSION = {"pk": "scorecard", "number": "version"}

SESSION = Route(
    "admin manager lead reviewer", hidden="other_lead second_reviewer", rows={"pk": "calibration"}
)
ROUTES: Routes = {
    ("calibration-results", "GET"): SESSION,
    ("api-calibration-results", "GET"): SESSION,
    ("api-iqs", "GET"): Route(EVERYBODY),
    ("api-iqs-workings", "GET"): Route(EVERYBODY),
    ("insights-how", "GET"): Route(EVERYBODY),
    ("api-csat", "GET"): Route(CUSTOMERS_WORDS),
    ("api-first-response", "GET"): Route(CUSTOMERS_WORDS),
    ("api-resolution", "GET"): Route(CUSTOMERS_WORDS),
    ("insights-overview", "GET"): Route(PLANNERS),
    ("agent-page", "GET"): Route(
        "admin manager lead agent", hidden="other_lead other_agent", rows={"pk": "agent"}
    ),
    ("api-agreement", "GET"): Route(PLANNERS),
    ("insights-agreement", "GET"): Route(PLANNERS),
    ("api-reviewers", "GET"): Route(GRADERS),
    ("insights-reviewers", "GET"): Route(GRADERS),
    ("api-ramp", "GET"): Route(PLANNERS),
    ("insights-ramp", "GET"): Route(PLANNERS),
    ("api-quality-map", "GET"): Route(PLANNERS),
    ("insights-iqs-csat", "GET"): Route(PLANNERS),
    ("insights-benchmarks", "GET"): Route(PLANNERS),
    ("insights-benchmark-add", "GET"): Route("admin"),
    ("insights-benchmark-add", "POST"): Route("admin"),
    ("insights-benchmark", "GET"): Route("admin", rows=REFERENCE),
    ("insights-benchmark", "POST"): Route("admin", rows=REFERENCE),
    ("insights-benchmark-remove", "POST"): Route("admin", rows=REFERENCE),
    ("replay", "GET"): Route(PLANNERS, rows=VERSION),
    ("api-scorecard-version-replay", "POST"): Route(PLANNERS, rows=VERSION),
    ("my-page", "GET"): Route("agent other_agent", hidden=f"{PLANNERS} reviewer second_reviewer"),
}
