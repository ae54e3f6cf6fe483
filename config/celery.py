"""The Celery app. Tasks are found in each installed app's `tasks` module."""

from __future__ import annotations

import os

from celery import Celery
from celery.loaders.app import AppLoader

from config import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Loader(AppLoader):
    """Worker and beat, also when started by hand, run on the embedded servers if no others are named."""

    def on_worker_init(self) -> None:
        embedded.ensure()


app = Celery("plumbline", loader="config.celery:Loader")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks()
