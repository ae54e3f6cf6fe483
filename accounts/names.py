"""How names are compared. Pure."""

from __future__ import annotations


def team_key(name: str) -> str:
    """A team's name as the database compares it: trimmed, ignoring case, letter by letter."""
    return "".join(letter.lower()[0] for letter in name.strip())
