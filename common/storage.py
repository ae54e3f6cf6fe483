"""Static files with hashed names, also inside ES modules' imports."""

from __future__ import annotations

from typing import Any

import brotli  # type: ignore[import-untyped]
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class QuickCompressor(Compressor):
    """Brotli at 9: a tenth larger than at 11, and 27 times as quick (0.2 s for the API page's script)."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=9))


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """References to source maps stay as they are, since the maps are not collected (config/apps.py)."""

    support_js_module_import_aggregation = True
    patterns = tuple(
        (names, tuple(pattern for pattern in found if "sourceMappingURL" not in str(pattern)))
        for names, found in CompressedManifestStaticFilesStorage.patterns
    )

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)  # type: ignore[no-untyped-call]
