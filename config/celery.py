"""The Celery app. Tasks are found in each installed app's `tasks` module."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("plumbline")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks()
