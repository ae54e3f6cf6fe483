from importlib import import_module

from django.apps import AppConfig

from accounts.pages import set_inbox_count


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        import_module("notices.wording")
        import_module("notices.tasks")
        set_inbox_count(import_module("notices.selectors").unread_count)
