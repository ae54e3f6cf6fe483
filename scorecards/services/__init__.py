"""Writes to scorecards, their versions and the library. A scorecard stamps every change of its versions."""

from scorecards.services.library import delete_library_item, save_library_item
from scorecards.services.scorecards import (
    create_from_gallery,
    create_ready_scorecard,
    create_scorecard,
    duplicate,
    import_scorecard,
    update_scorecard,
)
from scorecards.services.versions import add_version, archive, change_draft, publish
from scorecards.terms import NAME_LENGTH

__all__ = [
    "NAME_LENGTH",
    "add_version",
    "archive",
    "change_draft",
    "create_from_gallery",
    "create_ready_scorecard",
    "create_scorecard",
    "delete_library_item",
    "duplicate",
    "import_scorecard",
    "publish",
    "save_library_item",
    "update_scorecard",
]
