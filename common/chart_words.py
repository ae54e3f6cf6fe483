"""The words around chart numbers in the reader's language; the charts themselves know nothing of Django."""

from __future__ import annotations

from django.utils.formats import get_format
from django.utils.translation import gettext as _

from common.charts import Words


def chart_words() -> Words:
    """For the `words` of every chart on a page. Made anew each time, as the language is the request's."""
    return Words(
        table=_("Show the numbers"),
        period=_("Period"),
        name=_("Name"),
        value=_("Value"),
        range=_("95% range"),
        count=_("Reviews"),
        counted=_("{share} reviews"),
        span=_("{low} to {high}"),
        share=_("{n} of {frame}"),
        target=_("Target {value}"),
        rough=_("only roughly known"),
        unknown=_("no number"),
        empty=_("No numbers in this period yet"),
        decimal=get_format("DECIMAL_SEPARATOR"),
    )
