from __future__ import annotations

from tests.architecture.routes import EVERYBODY, PLANNERS, Routes
from tests.architecture.routes import Route as R

WRITERS = "admin manager"
SEE_ANA = "admin manager lead reviewer second_reviewer agent"
TEAM, AGENT, MEMBER, KEY = {"pk": "team"}, {"pk": "agent"}, {"pk": "member"}, {"pk": "api_key"}
OTHERS = "reviewer second_reviewer agent other_agent"

ROUTES: Routes = {
    ("api-me", "GET"): R(EVERYBODY),
    ("api-team-list", "GET"): R(EVERYBODY),
    ("api-team-list", "POST"): R(WRITERS),
    ("api-team", "GET"): R(EVERYBODY, rows=TEAM),
    ("api-team", "PATCH"): R(WRITERS, rows=TEAM),
    ("api-agent-list", "GET"): R(EVERYBODY),
    ("api-agent-list", "POST"): R(WRITERS),
    ("api-agent", "GET"): R(SEE_ANA, hidden="other_lead other_agent", rows=AGENT),
    ("api-agent", "PATCH"): R(WRITERS, rows=AGENT),
    ("api-agent-merge", "POST"): R(WRITERS, rows=AGENT),
    ("api-agent-unmerge", "POST"): R(WRITERS, rows=AGENT),
    ("api-agent-merges", "GET"): R(WRITERS, rows=AGENT),
    ("api-member-list", "GET"): R(EVERYBODY),
    ("api-member-list", "POST"): R("admin"),
    ("api-member", "GET"): R(PLANNERS, hidden=OTHERS, rows=MEMBER),
    ("api-member", "PATCH"): R("admin", rows=MEMBER),
    ("api-member-deactivate", "POST"): R("admin", rows=MEMBER),
    ("api-member-reactivate", "POST"): R("admin", rows=MEMBER),
    ("api-member-invite", "POST"): R("admin", rows=MEMBER),
    ("api-key-list", "GET"): R("admin"),
    ("api-key-list", "POST"): R("admin"),
    ("api-key-revoke", "POST"): R("admin", rows=KEY),
    ("api-settings", "GET"): R("admin"),
    ("api-settings", "PATCH"): R("admin"),
    ("api-job", "GET"): R(PLANNERS, hidden=OTHERS, rows={"pk": "job"}),
    ("settings", "GET"): R("admin"),
    ("settings", "POST"): R("admin"),
    ("settings-people", "GET"): R("admin"),
    ("settings-person-add", "GET"): R("admin"),
    ("settings-person-add", "POST"): R("admin"),
    ("settings-person", "GET"): R("admin", rows=MEMBER),
    ("settings-person", "POST"): R("admin", rows=MEMBER),
    ("settings-person-invite", "POST"): R("admin", rows=MEMBER),
    ("settings-person-deactivate", "POST"): R("admin", rows=MEMBER),
    ("settings-person-reactivate", "POST"): R("admin", rows=MEMBER),
    ("settings-teams", "GET"): R("admin"),
    ("settings-teams", "POST"): R("admin"),
    ("settings-team", "GET"): R("admin", rows=TEAM),
    ("settings-team", "POST"): R("admin", rows=TEAM),
    ("settings-agents", "GET"): R("admin"),
    ("settings-agent", "GET"): R("admin", rows=AGENT),
    ("settings-agent", "POST"): R("admin", rows=AGENT),
    ("settings-keys", "GET"): R("admin"),
    ("settings-keys", "POST"): R("admin"),
    ("settings-key-revoke", "POST"): R("admin", rows=KEY),
    ("settings-audit", "GET"): R("admin"),
}
