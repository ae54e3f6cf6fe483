"""Static files with hashed names, also inside ES modules' imports."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
