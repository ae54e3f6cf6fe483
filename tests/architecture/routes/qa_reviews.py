from __future__ import annotations

from tests.architecture.routes import Routes

ROUTES: Routes = {}
