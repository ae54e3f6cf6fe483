from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.pages import Entry, add_entry


class InsightsConfig(AppConfig):
    name = "insights"

    def ready(self) -> None:
        add_entry(Entry(50, "insights-overview", _("Insights"), "insights", "i", Capability.NUMBERS_READ_ALL))
        add_entry(
            Entry(
                5,
                "my-page",
                _("My page"),
                "insights",
                "m",
                Capability.NUMBERS_READ,
                shown=lambda actor: actor.agent_id is not None,
            )
        )
        add_entry(
            Entry(
                55,
                "insights-reviewers",
                _("How I grade"),
                "insights",
                "w",
                Capability.GRADE,
                shown=lambda actor: not actor.can(Capability.NUMBERS_READ_ALL),
            )
        )
