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
    ("api-scorecard-import", "POST"): Route(
        WRITERS, body={"plumbline": 1, "name": "Voice", "definition": DEFINITION}
    ),
    ("api-scorecard-schema", "GET"): Route(GRADERS),
    ("api-scorecard-gallery", "GET"): Route(GRADERS),
    ("api-scorecard-gallery-card", "POST"): Route(WRITERS, fixed={"card": "chat"}, body={}),
    ("api-scorecard-library", "GET"): Route(GRADERS),
    ("api-scorecard-library", "POST"): Route(
        WRITERS, body={"kind": "root_causes", "name": "Late", "content": {"negative": ["Late"]}}
    ),
    ("api-scorecard-library-item", "DELETE"): Route(WRITERS, rows={"pk": "library_item"}),
    ("api-scorecard-version-duplicate", "POST"): Route(WRITERS, rows=VERSION, body={"name": "Copy"}),
    ("api-scorecard-version-changes", "GET"): Route(GRADERS, rows=VERSION),
    ("api-scorecard-version-file", "GET"): Route(GRADERS, rows=VERSION),
    ("scorecard-list", "GET"): Route(GRADERS),
    ("scorecard-new", "GET"): Route(WRITERS),
    ("scorecard-new", "POST"): Route(WRITERS),
    ("scorecard-gallery", "GET"): Route(WRITERS),
    ("scorecard-gallery", "POST"): Route(WRITERS),
    ("scorecard-import", "GET"): Route(WRITERS),
    ("scorecard-import", "POST"): Route(WRITERS),
    ("scorecard-library", "GET"): Route(GRADERS),
    ("scorecard-library-delete", "POST"): Route(WRITERS, rows={"pk": "library_item"}),
    ("scorecard", "GET"): Route(GRADERS, rows=ONE),
    ("scorecard-settings", "GET"): Route(WRITERS, rows=ONE),
    ("scorecard-settings", "POST"): Route(WRITERS, rows=ONE),
    ("scorecard-version-add", "POST"): Route(WRITERS, rows=ONE),
    ("scorecard-version", "GET"): Route(GRADERS, rows=VERSION),
    ("scorecard-edit", "GET"): Route(WRITERS, rows=VERSION),
    ("scorecard-edit", "POST"): Route(WRITERS, rows=VERSION),
    ("scorecard-changes", "GET"): Route(GRADERS, rows=VERSION),
    ("scorecard-duplicate", "GET"): Route(WRITERS, rows=VERSION),
    ("scorecard-duplicate", "POST"): Route(WRITERS, rows=VERSION),
    ("scorecard-publish", "POST"): Route(WRITERS, rows=VERSION),
    ("scorecard-archive", "POST"): Route(WRITERS, rows=VERSION),
}
