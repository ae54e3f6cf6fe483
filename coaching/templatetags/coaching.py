"""Words of coaching in templates: {% load coaching %}."""

from __future__ import annotations

from django import template

from coaching.forms import KIND_WORDS, Kind
from common.templatetags.ui import number

register = template.Library()


@register.filter
def kind_words(kind: str) -> str:
    """What a rule looks at."""
    return str(KIND_WORDS[Kind(kind)])


@register.filter
def as_percent(share: str | float) -> str:
    """A share 0..1 as "62 %"."""
    return f"{number(float(share) * 100, 0)} %"
