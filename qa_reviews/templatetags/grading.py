"""The rows of a scorecard being graded: {% load grading %}, {% category_row category %}."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from qa_reviews.selectors.card_form import CategoryForm

register = template.Library()


@register.simple_tag
def category_row(category: CategoryForm) -> SafeString:
    """One category to grade."""
    return _row(category, get_language() or "")


@lru_cache(maxsize=512)
def _row(category: CategoryForm, language: str) -> SafeString:
    """Kept, since most cards are opened empty, and then their rows are the same for everybody: rendering
    them was a fifth of the page's time."""
    return render_to_string("parts/category_row.html", {"category": category})
