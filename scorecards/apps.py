from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.pages import Entry, add_entry


class ScorecardsConfig(AppConfig):
    name = "scorecards"

    def ready(self) -> None:
        add_entry(
            Entry(
                order=60,
                route="scorecard-list",
                label=_("Scorecards"),
                icon="scorecards",
                key="s",
                capability=Capability.SCORECARD_READ,
            )
        )
