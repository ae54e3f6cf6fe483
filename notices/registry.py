"""How each kind of notice is put into words, filled when apps get ready. A notice keeps only ids and numbers;
what it says, and whether its reader may still see it, is looked up whenever it is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.access import Actor


@dataclass(frozen=True, slots=True)
class Words:
    """What a notice says now: a title, where it leads, and more in a sentence."""

    title: str
    url: str
    text: str = ""
    icon: str = "info"


Subjects = Callable[[Actor, Collection[int]], Mapping[int, Any]]
"""The subjects of these ids that the actor may see now, by id. One query."""
Wording = Callable[[Actor, Any, Mapping[str, Any]], Words]
"""(reader, subject, parameters) -> words."""


@dataclass(frozen=True, slots=True)
class Kind:
    subjects: Subjects
    wording: Wording


kinds: dict[str, Kind] = {}


def wording(kind: str, subjects: Subjects) -> Callable[[Wording], Wording]:
    """Register how notices of a kind are put into words, and who may see what they are about."""

    def register(function: Wording) -> Wording:
        if kinds.setdefault(kind, Kind(subjects, function)).wording is not function:
            raise RuntimeError(f"notices of kind {kind} are worded twice")
        return function

    return register
