"""Shares and durations in words: {% load numbers %}."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from insights.tabs import TABS

register = template.Library()


@register.filter
def percent(share: float | Decimal | None) -> str:
    """A share 0..1 as "62 %"."""
    if share is None:
        return "–"
    return f"{number_format((Decimal(str(share)) * 100).quantize(Decimal(1), ROUND_HALF_UP), 0)} %"


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds in the two units that matter: "45 s", "12 min", "3 h 20 min", "2 d 4 h"."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return _("%(s)d s") % {"s": round(seconds)}
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%(m)d min") % {"m": minutes}
    if minutes < 60 * 24:
        return _("%(h)d h %(m)d min") % {"h": minutes // 60, "m": minutes % 60}
    hours = round(minutes / 60)
    return _("%(d)d d %(h)d h") % {"d": hours // 24, "h": hours % 24}


@register.filter
def signed(points: float | Decimal | None, decimals: int = 1) -> str:
    """A change with its sign: "+1.2", "−0.4", "0.0"; a dash where it is unknown."""
    if points is None:
        return "–"
    rounded = Decimal(str(points)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{number_format(abs(rounded), decimals)}"


@register.simple_tag
def insight_tabs() -> Sequence[tuple[str, Any]]:
    """(route, words) of the pages of numbers."""
    return TABS
