"""Comments in templates: {% load markup %}, {{ body|markdown }} or {{ body|markdown:people }}."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString, mark_safe

from qa_reviews.markup import Person, render

register = template.Library()


@register.filter
def markdown(text: str, people: Sequence[Person] = ()) -> SafeString:
    """The text as safe HTML; with people, (id, name) each, their mentions are marked."""
    return mark_safe(render(text or "", people))  # cleaned by nh3
