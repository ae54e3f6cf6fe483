from importlib import import_module

from django.apps import AppConfig

from accounts.pages import set_inbox_count


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        set_inbox_count(import_module("notices.selectors").unread_count)
