from __future__ import annotations

from tests.architecture.routes import Route, Routes

IMPORTERS = "admin manager"
RUN = {"pk": "import_run"}
LIST = {"kind": "escalation", "language": "en"}

ROUTES: Routes = {
    ("api-conversation-import", "POST"): Route(IMPORTERS, body=[]),
    ("api-conversation-delete", "POST"): Route("admin", body={"conversations": [1]}),
    ("api-survey-import", "POST"): Route(IMPORTERS, body=[]),
    ("api-signal-words", "GET"): Route("admin"),
    ("api-signal-words", "PUT"): Route(
        "admin", body={"kind": "escalation", "language": "en", "words": ["my boss"]}
    ),
    ("api-signal-words", "DELETE"): Route("admin"),
    ("settings-signals", "GET"): Route("admin"),
    ("settings-signal-words", "GET"): Route("admin", fixed=LIST),
    ("settings-signal-words", "POST"): Route("admin", fixed=LIST, body={"words": "my boss"}),
    ("settings-signal-words-reset", "POST"): Route("admin", fixed=LIST),
    ("api-import-run-list", "GET"): Route(IMPORTERS),
    ("api-import-run", "GET"): Route(IMPORTERS, rows=RUN),
    ("api-import-run-rejected", "GET"): Route(IMPORTERS, rows=RUN),
}
