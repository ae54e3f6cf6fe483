from __future__ import annotations

from tests.architecture.routes import EVERYBODY, GRADERS, Routes
from tests.architecture.routes import Route as R

NOTICE = {"pk": "notice"}  # to Ana, of an assignment of hers

ROUTES: Routes = {
    ("workspace-home", "GET"): R(EVERYBODY),
    ("setup", "GET"): R("admin"),
    ("search", "GET"): R(EVERYBODY),
    ("inbox", "GET"): R(EVERYBODY),
    ("inbox-read", "POST"): R(EVERYBODY),
    ("inbox-notice", "GET"): R("agent", hidden=f"{GRADERS} other_agent", rows=NOTICE),
    ("inbox-notice-read", "POST"): R("agent", hidden=f"{GRADERS} other_agent", rows=NOTICE),
}
