from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig

from config.celery import app


class ConfigConfig(AppConfig):
    name = "config"
    default = True

    def ready(self) -> None:
        app.set_default()  # else other threads than the first ring the bell of a Celery app without a broker


class OurStaticFiles(StaticFilesConfig):
    """Leaves out what no page asks for: source maps, and the second API page (it loads outside fonts)."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "redoc"]
