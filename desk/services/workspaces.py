"""Opening a workspace: what accounts and scorecards each put into it, in one transaction."""

from __future__ import annotations

from django.db import transaction

from accounts.access import Actor
from accounts.services.workspaces import Opened, create_workspace
from scorecards.services import create_ready_scorecard


@transaction.atomic
def open_workspace(*, slug: str, name: str, timezone: str, admin_email: str) -> Opened:
    """A workspace with its first administrator (invited) and a ready scorecard."""
    opened = create_workspace(slug=slug, name=name, timezone=timezone, admin_email=admin_email)
    create_ready_scorecard(actor=Actor.system(opened.workspace))
    return opened
