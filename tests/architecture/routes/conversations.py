from __future__ import annotations

from tests.architecture.routes import Route, Routes

IMPORTERS = "admin manager"
RUN = {"pk": "import_run"}

ROUTES: Routes = {
    ("api-conversation-import", "POST"): Route(IMPORTERS, body=[]),
    ("api-conversation-delete", "POST"): Route("admin", body={"conversations": [1]}),
    ("api-survey-import", "POST"): Route(IMPORTERS, body=[]),
    ("api-import-run-list", "GET"): Route(IMPORTERS),
    ("api-import-run", "GET"): Route(IMPORTERS, rows=RUN),
    ("api-import-run-rejected", "GET"): Route(IMPORTERS, rows=RUN),
}
