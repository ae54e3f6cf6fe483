"""What forms of this app offer of higher apps' values (channels, plans): they hand it in at start-up."""

from __future__ import annotations

from collections.abc import Callable

from accounts.access import Actor

Offer = Callable[[Actor], list[tuple[str, str]]]
_offers: dict[str, Offer] = {}


def offer(name: str, choices: Offer, /) -> None:
    """Let forms offer these (value, label) under the name."""
    _offers[name] = choices


def offered(actor: Actor, name: str) -> list[tuple[str, str]]:
    """What can be chosen, as (value, label); nothing where no app knows of it."""
    return _offers[name](actor) if name in _offers else []
