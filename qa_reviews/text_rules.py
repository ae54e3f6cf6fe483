"""Exact matches of words in a conversation, as suggestion rules ask for them. Pure: no Django.

Words match whatever their case and however they are spaced; nothing is guessed. A rule looks at the public
messages of its author and languages, and says nothing at all where there is none: "never greeted" is not
true of someone who never wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

Op = Literal["contains", "not_contains", "is", "is_not"]
OPS: tuple[Op, ...] = ("contains", "not_contains", "is", "is_not")
ANY_AUTHOR = "any"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Line:
    """A message: who wrote it ("agent", "customer", "bot", "system"), in which language, and its text."""

    message: int
    author: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Condition:
    """`contains`: a message has the words; `is`: a message says nothing else; and their negations."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class TextRule:
    """Conditions on the messages of one author (or "any") in any of some languages (none: all of them)."""

    author: str
    languages: tuple[str, ...]
    match: str  # "any" or "all" of the conditions
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Code points start (inclusive) to end (exclusive) of a message's text."""

    message: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text as it is compared, and for each of its characters the place it came from."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, length: int) -> tuple[int, int]:
        return self.places[start], self.places[start + length - 1] + 1


def matches(rule: TextRule, lines: Iterable[Line]) -> tuple[Found, ...] | None:
    """The passages that the rule rests on, in reading order, where it holds: none where it rests on absence.
    None where it does not hold."""
    own = [(line.message, folded(line.text)) for line in lines if _is_of(rule, line)]
    if not own or not rule.conditions:
        return None
    results = [_check(condition, own) for condition in rule.conditions]
    held = [passages for passages in results if passages is not None]
    if not held or (rule.match == ALL and len(held) < len(results)):
        return None
    order = {message: place for place, (message, _) in enumerate(own)}
    unique = dict.fromkeys(chain.from_iterable(held))
    return tuple(sorted(unique, key=lambda found: (order[found.message], found.start, found.end)))


def folded(text: str) -> _Folded:
    """The text without case, its runs of blanks as one blank, none at the ends."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folds = " " if character.isspace() else character.casefold()
        if folds == " " and (not characters or characters[-1] == " "):
            continue
        characters.extend(folds)
        places.extend([place] * len(folds))
    if characters and characters[-1] == " ":
        del characters[-1], places[-1]
    return _Folded("".join(characters), tuple(places))


def _is_of(rule: TextRule, line: Line) -> bool:
    spoken = line.language.casefold()
    languages = [language.casefold() for language in rule.languages]
    return rule.author in (ANY_AUTHOR, line.author) and (
        not languages or any(spoken == each or spoken.startswith(f"{each}-") for each in languages)
    )


def _check(condition: Condition, own: Sequence[tuple[int, _Folded]]) -> tuple[Found, ...] | None:
    words = folded(condition.text).text
    whole = condition.op in ("is", "is_not")
    found = tuple(passage for message, text in own for passage in _passages(message, text, words, whole))
    if condition.op in ("contains", "is"):
        return found or None
    return None if found else ()


def _passages(message: int, text: _Folded, words: str, whole: bool) -> list[Found]:
    if not words:
        return []
    if whole:
        return [Found(message, *text.span(0, len(words)))] if text.text == words else []
    found = []
    start = text.text.find(words)
    while start >= 0:
        found.append(Found(message, *text.span(start, len(words))))
        start = text.text.find(words, start + len(words))
    return found
