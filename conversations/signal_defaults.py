"""Words and phrases with which customers ask for somebody higher up, threaten, or leave.

One list for each language, written as customers write; a workspace may replace any of them. A word stands as
it is, in any case of letters; `*` at its end takes any ending (`cancel*`: cancelling, cancelled); several
words must follow one another. Accents count, so both ways of writing are listed where customers drop them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conversations.cancellation_words import CANCELLATION
from conversations.escalation_words import ESCALATION
from conversations.searching import Phrases

MOST = 500  # words and phrases of a list
LONGEST = 100  # characters of each

DEFAULTS: dict[str, dict[str, Phrases]] = {"escalation": ESCALATION, "cancellation": CANCELLATION}


def word_lists(rows: Iterable[tuple[str, str, Sequence[str]]]) -> dict[str, dict[str, Phrases]]:
    """By kind and language: the workspace's own lists (kind, language, words), else the defaults."""
    found = {kind: dict(lists) for kind, lists in DEFAULTS.items()}
    for kind, language, words in rows:
        found[kind][language] = tuple(words)
    return found
