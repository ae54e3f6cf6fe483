"""Progress in templates: {% load boards %}."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from common.chart_words import chart_words
from common.charts import bar
from common.templatetags.ui import UNKNOWN, number
from qa_reviews.pace import Pace
from qa_reviews.selectors.board import Standing

register = template.Library()


@register.simple_tag
def standing_bar(standing: Standing, name: Any, line: Any) -> SafeString:
    """The done share in per cent as a small bar with a tick at the line from which on a range can be shown;
    nothing where there is nothing to review."""
    share = standing.tally.completion
    if share is None:
        return SafeString("")
    return mark_safe(bar(str(name), share * 100, target=float(line), words=chart_words()))


@register.filter
def pace(value: Pace) -> str:
    """Reviews a day: "1.4 a day"; a dash while there was none to tell by."""
    per_day: Fraction | None = value.per_day
    return UNKNOWN if per_day is None else _("%(n)s a day") % {"n": number(float(per_day), 1)}
