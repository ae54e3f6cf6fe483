"""Reads the values of a Zendesk QA export, and keeps what is wrong with them or was left out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from common.errors import FieldError
from conversations.fields import Context, Wrong, moment
from qa_reviews.import_talk_rows import COMMENT_LIMIT, PersonIn


@dataclass(frozen=True, slots=True)
class Person:
    email: str = ""
    name: str = ""

    @property
    def as_in(self) -> PersonIn:
        return PersonIn(self.email, self.name)


@dataclass(slots=True)
class People:
    """Their users by id, and our agents by e-mail (folded) as (source, external id)."""

    users: dict[str, Person] = field(default_factory=dict)
    agents: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, raw: Any) -> Person:
        """Somebody named by e-mail and name, or by his id among the users; blank when nobody is."""
        found = raw if isinstance(raw, dict) else {}
        user = self.users.get(str(found.get("id") or ""), Person())
        return Person(line(found.get("email"), 254) or user.email, line(found.get("name"), 255) or user.name)


class Problems:
    """What is wrong with a row, and what was left out of it."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.notes: list[FieldError] = []

    def error(self, pointer: str, code: str, detail: str) -> None:
        self.errors.append(FieldError(pointer, code, detail))

    def note(self, pointer: str, code: str, detail: str) -> None:
        self.notes.append(FieldError(pointer, code, detail))

    def text(self, value: Any, pointer: str) -> str:
        """Text as it came, fit for the database; a note where it is cut."""
        found = value if isinstance(value, str) else ""
        found = found.replace("\x00", "").encode(errors="replace").decode()
        if len(found) > COMMENT_LIMIT:
            self.note(pointer, "too_long", f"Only the first {COMMENT_LIMIT:,} characters are kept.")
        return found[:COMMENT_LIMIT]

    def time(self, raw: Mapping[str, Any], *names: str) -> datetime:
        """The first of these times that can be read; an error without one."""
        for name in names:
            found = time_of(raw.get(name))
            if found is not None:
                return found
        self.error(f"/{names[0]}", "invalid_datetime", "Needs a time such as 2026-03-02T08:00:00+00:00.")
        return datetime(1970, 1, 1, tzinfo=UTC)


def time_of(value: Any) -> datetime | None:
    """A time with its offset, or one without, which is UTC; None for anything else."""
    text = value.strip() if isinstance(value, str) else ""
    for candidate in (text, f"{text}+00:00"):
        try:
            found: datetime = moment(candidate, Context(UTC, ""))
        except Wrong:
            continue
        return found
    return None


def decimal_text(value: Fraction) -> str:
    """A number as decimal text, exact to ten places."""
    return (
        f"{(Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal('1e-10')).normalize():f}"
    )


def line(value: Any, limit: int) -> str:
    """One line of text, or a whole number as text; trimmed and cut."""
    text = "".join(c if c.isprintable() else " " for c in str(value)) if type(value) in (str, int) else ""
    return text.strip()[:limit]


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; empty for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
