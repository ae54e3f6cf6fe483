from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.pages import Entry, add_entry


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        import_module("accounts.tasks")
        import_module("accounts.schema")
        import_module("accounts.followed")
        add_entry(Entry(70, "settings", _("Settings"), "settings", ",", Capability.ADMINISTER))
