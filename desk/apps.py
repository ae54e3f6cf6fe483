from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.pages import Entry, add_entry


class DeskConfig(AppConfig):
    name = "desk"

    def ready(self) -> None:
        import_module("desk.settings_checks")
        add_entry(
            Entry(
                1,
                "workspace-home",
                _("Home"),
                "home",
                "h",
                Capability.ENTER,
                shown=lambda actor: not actor.can(Capability.PLAN_MANAGE),  # others have the mark for it
            )
        )
