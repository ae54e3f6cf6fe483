"""What can be told: each kind with its words and defaults, filled when apps get ready. A notice keeps only
ids and numbers; what it says, and whether its reader may still see it, is looked up whenever it is shown or
sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

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
"""(reader, subject, parameters) -> words. Beside a `by` (a member's id) the parameters have his `by_name`."""
ChatWording = Callable[[Actor, Any, Mapping[str, Any]], Words | None]
"""As Wording, for a room full of people: no scores, no comments, no reviewers; None: not for there."""
Suits = Callable[[Actor], bool]


def everybody(actor: Actor) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice. `email`: mailed unless somebody says otherwise; `suits`: who is ever told, and so
    finds it among his preferences; without `chat` it is nothing for the workspace's chat; `last` in lists."""

    name: str
    title: str | Promise  # in settings and filters: "Replies"
    subjects: Subjects
    wording: Wording
    email: bool
    suits: Suits
    chat: ChatWording | None
    last: bool


kinds: dict[str, Kind] = {}


def wording(
    kind: str,
    subjects: Subjects,
    *,
    title: str | Promise,
    email: bool = True,
    suits: Suits = everybody,
    chat: ChatWording | None = None,
    last: bool = False,
) -> Callable[[Wording], Wording]:
    """Register a kind: how it is put into words, who may see what it is about, and its defaults."""

    def register(function: Wording) -> Wording:
        made = Kind(kind, title, subjects, function, email, suits, chat, last)
        if kinds.setdefault(kind, made).wording is not function:
            raise RuntimeError(f"notices of kind {kind} are worded twice")
        return function

    return register


def listed() -> list[Kind]:
    """All kinds in the order of settings pages."""
    return sorted(kinds.values(), key=lambda kind: kind.last)


def kinds_for(actor: Actor) -> list[Kind]:
    """The kinds that this actor can ever be told of."""
    return [kind for kind in listed() if kind.suits(actor)]


def chat_kinds() -> list[Kind]:
    """The kinds that may be told in the workspace's chat."""
    return [kind for kind in listed() if kind.chat is not None]
