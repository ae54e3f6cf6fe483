"""Pages of scorecards."""

from scorecards.views.cards import (
    ScorecardArchivePage,
    ScorecardListPage,
    ScorecardPage,
    ScorecardPublishPage,
    ScorecardVersionAddPage,
)
from scorecards.views.comparing import ScorecardChangesPage
from scorecards.views.editing import ScorecardEditPage
from scorecards.views.library import ScorecardLibraryDeletePage, ScorecardLibraryPage
from scorecards.views.making import (
    ScorecardDuplicatePage,
    ScorecardGalleryPage,
    ScorecardImportPage,
    ScorecardNewPage,
)
from scorecards.views.settings import ScorecardSettingsPage

__all__ = [
    "ScorecardArchivePage",
    "ScorecardChangesPage",
    "ScorecardDuplicatePage",
    "ScorecardEditPage",
    "ScorecardGalleryPage",
    "ScorecardImportPage",
    "ScorecardLibraryDeletePage",
    "ScorecardLibraryPage",
    "ScorecardListPage",
    "ScorecardNewPage",
    "ScorecardPage",
    "ScorecardPublishPage",
    "ScorecardSettingsPage",
    "ScorecardVersionAddPage",
]
