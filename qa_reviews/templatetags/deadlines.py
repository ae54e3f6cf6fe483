"""Deadlines in words: {% load deadlines %}."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def due(day: date, today: date) -> str:
    """How far a deadline is away: "due in 3 days", "overdue since yesterday"."""
    days = (day - today).days
    if days < -1:
        return ngettext("overdue for %(n)d day", "overdue for %(n)d days", -days) % {"n": -days}
    near = {-1: _("overdue since yesterday"), 0: _("due today"), 1: _("due tomorrow")}
    return near.get(days) or ngettext("due in %(n)d day", "due in %(n)d days", days) % {"n": days}
