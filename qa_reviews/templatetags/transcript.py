"""A whole conversation at once: {% load transcript %}, {% transcript lines %}."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString, mark_safe

from common.messages import message_html
from qa_reviews.selectors.transcripts import Line

register = template.Library()


@register.simple_tag
def transcript(lines: Iterable[Line]) -> SafeString:
    """The items of <ol class="messages">, one for each line."""
    return mark_safe("".join(_item(line) for line in lines))


def _item(line: Line) -> SafeString:
    return message_html(
        id=line.element,
        author_type=line.author_type,
        author_name=line.author_name,
        html=line.html,
        text=line.text,
        sent_at=line.sent_at,
        lang=line.language,
        internal=line.internal,
        attachments=line.attachments,
        counted=line.counted,
        muted=line.muted,
    )
