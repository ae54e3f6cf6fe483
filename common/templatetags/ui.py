"""Numbers, periods and icons in templates: {% load ui %}."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from common.icons import icon
from common.messages import message_html

register = template.Library()

UNKNOWN = "–"
_LEVEL_ICONS = {"success": "good", "good": "good", "warning": "warning", "error": "warning", "bad": "warning"}

Number = int | float | Decimal


@register.filter
def score(value: Number | str | None, pass_mark: Number | None = None) -> str:
    """A score with as few decimals as contradict neither the pass mark nor 100: 79.96 stays below 80."""
    if value is None or value == "":
        return UNKNOWN
    exact = Decimal(str(value))
    marks = [Decimal(100)] if pass_mark is None else [Decimal(100), Decimal(str(pass_mark))]
    for decimals in range(5):
        shown = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if all((shown >= mark) == (exact >= mark) for mark in marks):
            break
    return number_format(shown, decimals)


@register.filter
def number(value: Number | str | None, decimals: int | None = None) -> str:
    """A number as the reader's language writes it, with thousands apart; unknown is a dash, never 0."""
    if value is None or value == "":
        return UNKNOWN
    if decimals is not None:
        value = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return number_format(value, decimals, force_grouping=True)


@register.filter
def signed(value: Number | None) -> str:
    """Points that are added or taken: "+10", "−5", "0"; with as many decimals as they need, up to two."""
    if value is None:
        return UNKNOWN
    exact = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    decimals = len(f"{abs(exact):f}".rstrip("0").rpartition(".")[2])
    shown = number_format(abs(exact), decimals)
    return f"+{shown}" if exact > 0 else f"−{shown}" if exact < 0 else shown


@register.filter
def half_width(low: Number | None, high: Number | None) -> str:
    """Half of a range, rounded: the 24 of "known only to ±24"."""
    if low is None or high is None:
        return UNKNOWN
    return number((Decimal(str(high)) - Decimal(str(low))) / 2, 0)


@register.filter
def period(start: date | None, interval: str = "day") -> str:
    """A period in words, from its first day and its interval (day, week, month or quarter)."""
    if start is None:
        return UNKNOWN
    if interval == "week":
        last = start + timedelta(days=6)
        shape = "j M Y" if start.year != last.year else "j M" if start.month != last.month else "j"
        return _("%(first)s to %(last)s") % {
            "first": date_format(start, shape),
            "last": date_format(last, "j M Y"),
        }
    if interval == "month":
        return date_format(start, "F Y")
    if interval == "quarter":
        return _("Quarter %(number)d of %(year)d") % {"number": (start.month + 2) // 3, "year": start.year}
    return date_format(start, "j M Y")


@register.filter
def initials(name: str) -> str:
    """Up to two letters to stand for a name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def icon_of(level: str) -> str:
    """The icon that goes with the level of a message or notice."""
    return _LEVEL_ICONS.get(level, "info")


@register.filter
def fields_with_errors(form: BaseForm) -> Iterable[BoundField]:
    return [field for field in form if field.errors]


@register.filter
def first_id(field: BoundField) -> str:
    """The id of a field's first control, also where it is a group of choices."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label or field.auto_id


register.simple_tag(icon)
register.simple_tag(message_html, name="message")


@register.filter
def chart(markup: str) -> SafeString:
    """The result of common.charts, which escapes every text itself."""
    return mark_safe(markup)


@register.filter
def get(mapping: dict[Any, Any] | None, key: Any) -> Any:
    """An entry of a dict by a key that is known only in the template."""
    return mapping.get(key) if mapping else None
