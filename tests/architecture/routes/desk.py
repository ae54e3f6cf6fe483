from __future__ import annotations

from tests.architecture.routes import EVERYBODY, Routes
from tests.architecture.routes import Route as R

ROUTES: Routes = {
    ("workspace-home", "GET"): R(EVERYBODY),
    ("setup", "GET"): R("admin"),
    ("search", "GET"): R(EVERYBODY),
}
