from __future__ import annotations

from tests.architecture.routes import GRADERS, Route, Routes
from tests.world import DEFINITION

WRITERS = "admin manager"
ONE = {"pk": "scorecard"}
VERSION = {"pk": "scorecard", "number": "version"}

ROUTES: Routes = {
    ("api-scorecard-list", "GET"): Route(GRADERS),
    ("api-scorecard-list", "POST"): Route(WRITERS, body={"name": "Voice", "definition": DEFINITION}),
    ("api-scorecard-validate", "POST"): Route(GRADERS, body={"definition": DEFINITION}),
    ("api-scorecard", "GET"): Route(GRADERS, rows=ONE),
    ("api-scorecard", "PATCH"): Route(WRITERS, rows=ONE, body={"name": "Voice"}),
    ("api-scorecard-version-list", "GET"): Route(GRADERS, rows=ONE),
    ("api-scorecard-version-list", "POST"): Route(WRITERS, rows=ONE),
    ("api-scorecard-version", "GET"): Route(GRADERS, rows=VERSION),
    ("api-scorecard-version", "PATCH"): Route(WRITERS, rows=VERSION, body={"definition": DEFINITION}),
    ("api-scorecard-version-publish", "POST"): Route(WRITERS, rows=VERSION),
    ("api-scorecard-version-archive", "POST"): Route(WRITERS, rows=VERSION),
    ("api-scorecard-version-score", "POST"): Route(GRADERS, rows=VERSION, body={"ratings": []}),
    ("scorecard-list", "GET"): Route(GRADERS),
    ("scorecard-new", "GET"): Route(WRITERS),
    ("scorecard-new", "POST"): Route(WRITERS),
    ("scorecard", "GET"): Route(GRADERS, rows=ONE),
    ("scorecard-rename", "GET"): Route(WRITERS, rows=ONE),
    ("scorecard-rename", "POST"): Route(WRITERS, rows=ONE),
    ("scorecard-version-add", "POST"): Route(WRITERS, rows=ONE),
    ("scorecard-version", "GET"): Route(GRADERS, rows=VERSION),
    ("scorecard-edit", "GET"): Route(WRITERS, rows=VERSION),
    ("scorecard-edit", "POST"): Route(WRITERS, rows=VERSION),
    ("scorecard-publish", "POST"): Route(WRITERS, rows=VERSION),
    ("scorecard-archive", "POST"): Route(WRITERS, rows=VERSION),
}
