"""The icons of common/icons.svg, drawn inside the page."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_SYMBOL = re.compile(r'<symbol id="(\w+)"(.*?)>(.*)</symbol>')
_SPRITE = (Path(__file__).parent / "icons.svg").read_text("utf-8")
ICONS = {name: (turns, shape) for name, turns, shape in _SYMBOL.findall(_SPRITE)}


@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """An icon of common/icons.svg, hidden from screen readers unless it has a label; KeyError for others."""
    turns, shape = ICONS[name]
    css = "icon icon-turns" if turns else "icon"
    named = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="{}" viewBox="0 0 24 24" {}>{}</svg>', css, named, mark_safe(shape))
