"""What reviews keep of other people's words, and its end."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.access import Actor
from accounts.services.audit import record
from qa_reviews.models import Evidence


@transaction.atomic
def forget_quotes(*, actor: Actor, conversation_ids: Sequence[int]) -> int:
    """Blank the passages that evidence keeps of these conversations; how many. Where they stood, stays."""
    rows = Evidence.objects.visible_to(actor).exclude(quote="")
    found = rows.filter(rating__grading__review__conversation_id__in=conversation_ids)
    count = found.update(quote="")
    if count:
        record(actor, "evidence.forgotten", None, {"conversations": list(conversation_ids), "quotes": count})
    return count
