"""The words that make a conversation a risk: a workspace's own list instead of a default one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction

from accounts.access import Actor, Capability
from accounts.services.audit import record
from common.errors import FieldError, Invalid, invalid
from conversations.models import SignalWords
from conversations.searching import phrase_query, primary
from conversations.signal_defaults import LONGEST, MOST

LANGUAGE = re.compile(r"[a-z]{2,8}")


@transaction.atomic
def set_signal_words(*, actor: Actor, kind: str, language: str, words: Sequence[str]) -> SignalWords:
    """Take these words and phrases for a language ("" is any; regions are dropped), in place of all before.
    An empty list finds nothing. Invalid (422) names what cannot be looked for."""
    actor.require(Capability.ADMINISTER)
    language = _language(language)
    found = tuple(dict.fromkeys(" ".join(word.split()).lower() for word in words))
    _check(found)
    row, made = (
        SignalWords.objects.visible_to(actor)
        .select_for_update()
        .get_or_create(
            workspace_id=actor.workspace_id, kind=kind, language=language, defaults={"words": list(found)}
        )
    )
    before = None if made else row.words
    row.words = list(found)
    if before != row.words:
        row.save(update_fields=["words", "updated_at"])
        changes = {"kind": kind, "language": language, "words": [before, row.words]}
        record(actor, "signal_words.updated", row, changes)
    return row


@transaction.atomic
def reset_signal_words(*, actor: Actor, kind: str, language: str) -> None:
    """Take the default list again; nothing happens where it is taken already."""
    actor.require(Capability.ADMINISTER)
    rows = SignalWords.objects.visible_to(actor).select_for_update()
    row = rows.filter(kind=kind, language=_language(language)).first()
    if row is not None:
        changes = {"kind": kind, "language": row.language, "words": [row.words, None]}
        record(actor, "signal_words.reset", row, changes)
        row.delete()


def _language(given: str) -> str:
    found = primary(given)
    if found and not LANGUAGE.fullmatch(found):
        raise invalid("/language", "invalid", "Give a language like “en”, or nothing for any.")
    return found


def _check(words: Sequence[str]) -> None:
    errors = []
    if len(words) > MOST:
        errors.append(FieldError("/words", "too_many", f"At most {MOST} words can be given."))
    for place, word in enumerate(words[:MOST]):
        if len(word) > LONGEST:
            detail = f"“{word[:40]}…” is too long: at most {LONGEST} characters."
            errors.append(FieldError(f"/words/{place}", "too_long", detail))
        elif not phrase_query(word):
            detail = f"“{word}” has no letter or digit to look for."
            errors.append(FieldError(f"/words/{place}", "invalid", detail))
    if errors:
        raise Invalid(errors)
