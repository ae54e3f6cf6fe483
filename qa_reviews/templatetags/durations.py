"""Times and attributes of conversations in templates: {% load durations %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from common.templatetags.ui import UNKNOWN, number

register = template.Library()


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds in the two largest units that say something: "2 min 5 s", "3 d 4 h"; negative with its sign."""
    if seconds is None:
        return UNKNOWN
    whole = round(abs(seconds))
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    units = ((days, _("d")), (hours, _("h")), (minutes, _("min")), (rest, _("s")))
    first = next((place for place, (count, _unit) in enumerate(units) if count), 3)
    shown = [f"{number(count)} {unit}" for count, unit in units[first : first + 2] if count] or [
        f"0 {_('s')}"
    ]
    return ("−" if seconds < 0 else "") + " ".join(shown)


@register.filter
def attribute(value: Any) -> str:
    """A scalar or a list of scalars as words."""
    if isinstance(value, list):
        return ", ".join(attribute(one) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return UNKNOWN if value is None else str(value)
