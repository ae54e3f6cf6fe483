from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.pages import Entry, add_entry


class CoachingConfig(AppConfig):
    name = "coaching"

    def ready(self) -> None:
        import_module("coaching.tasks")
        import_module("coaching.wording")
        import_module("coaching.followed")
        waiting_count = import_module("coaching.selectors.assignments").waiting_count
        add_entry(
            Entry(
                50, "coaching-list", _("Coaching"), "coaching", "o", Capability.COACHING_READ, waiting_count
            )
        )
