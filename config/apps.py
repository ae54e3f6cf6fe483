from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class ConfigConfig(AppConfig):
    name = "config"
    default = True


class OurStaticFiles(StaticFilesConfig):
    """Leaves out what no page asks for: source maps, and the second API page (it loads outside fonts)."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "redoc"]
