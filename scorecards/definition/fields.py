"""Reads single values out of JSON of unknown shape, and notes every error instead of raising.

Each method answers a value of the right type even after an error, so that reading goes on and all
errors are found in one pass; the caller throws the outcome away when there are errors.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from scorecards.definition.findings import Finding, pointer_to
from scorecards.definition.types import DECIMAL_PLACES

MAX_FINDINGS = 200
NAME_LENGTH = 200
DESCRIPTION_LENGTH = 4000
UNKNOWN_FIELDS_SHOWN = 20
WHOLE_DIGITS = 7

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
NUMBER = re.compile(rf"-?[0-9]{{1,{WHOLE_DIGITS}}}(\.[0-9]{{1,{DECIMAL_PLACES}}})?")

Choice = TypeVar("Choice", bound=str)


class Fields:
    """Collects up to MAX_FINDINGS errors while values are read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def error(self, code: str, pointer: str, message: str) -> None:
        """Notes one error."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding("error", code, pointer, message))

    def record(
        self, raw: object, pointer: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> dict[str, object] | None:
        """The fields that are present; null counts as absent. None when it is no complete object."""
        if not isinstance(raw, dict):
            self.error("invalid", pointer, "Must be an object.")
            return None
        unknown = [name for name in raw if name not in required and name not in optional]
        for name in unknown[:UNKNOWN_FIELDS_SHOWN]:
            self.error("unknown_field", pointer_to(pointer, name), "Unknown field.")
        present = {name: value for name, value in raw.items() if value is not None}
        missing = [name for name in required if name not in present]
        for name in missing:
            self.error("required", pointer_to(pointer, name), "This field is required.")
        return None if missing else present

    def items(self, raw: object, pointer: str, *, least: int = 0, most: int) -> list[object]:
        """The items of a list of `least` to `most` items, else an empty list."""
        if not isinstance(raw, list):
            self.error("invalid", pointer, "Must be a list.")
        elif len(raw) < least:
            self.error("too_few", pointer, f"Must have at least {least}.")
        elif len(raw) > most:
            self.error("too_many", pointer, f"Must have at most {most}.")
        else:
            return raw
        return []

    def text(self, raw: object, pointer: str) -> str:
        """A name or label: one line, trimmed, not blank."""
        return self.line(raw, pointer, NAME_LENGTH)

    def line(self, raw: object, pointer: str, limit: int) -> str:
        """One line of at most `limit` characters, trimmed, not blank."""
        line = self._printable(raw, pointer, limit, allowed="")
        if isinstance(raw, str) and not raw.strip():
            self.error("blank", pointer, "Must not be blank.")
        return line

    def description(self, raw: object, pointer: str) -> str:
        """A longer text, trimmed; it may be blank and have several lines."""
        return self._printable(raw, pointer, DESCRIPTION_LENGTH, allowed="\n\r\t")

    def _printable(self, raw: object, pointer: str, limit: int, allowed: str) -> str:
        if not isinstance(raw, str):
            self.error("invalid", pointer, "Must be text.")
        elif len(raw) > limit:
            self.error("too_long", pointer, f"Must have at most {limit} characters.")
        elif any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in allowed for sign in raw):
            self.error("invalid", pointer, "Must not hold control characters or halves of surrogates.")
        else:
            return raw.strip()
        return ""

    def key(self, raw: object, pointer: str) -> str:
        """A key for machines, or empty after an error."""
        if isinstance(raw, str) and KEY.fullmatch(raw):
            return raw
        message = "Must be 1 to 64 letters, digits, dots, hyphens or underscores, a letter or digit first."
        self.error("invalid", pointer, message)
        return ""

    def choice(self, raw: object, pointer: str, choices: Sequence[Choice]) -> Choice:
        """One of the words of `choices`."""
        for word in choices:
            if raw == word:
                return word
        self.error("invalid", pointer, f"Must be one of {', '.join(choices)}.")
        return choices[0]

    def flag(self, raw: object, pointer: str) -> bool:
        """True or false."""
        if not isinstance(raw, bool):
            self.error("invalid", pointer, "Must be true or false.")
        return raw is True

    def number(self, raw: object, pointer: str, low: int, high: int) -> Decimal:
        """An exact decimal from `low` to `high`, given as a number or in plain digits."""
        value = exact_number(raw)
        if value is None:
            message = f"Must be a number in plain digits with at most {DECIMAL_PLACES} decimals."
            self.error("invalid", pointer, message)
        elif not low <= value <= high:
            self.error("out_of_range", pointer, f"Must be from {low} to {high}.")
        return Decimal(0) if value is None else value

    def unique(self, value: str, taken: set[str], pointer: str, code: str) -> None:
        """Notes a value that is already taken, else takes it; empty values stand for earlier errors."""
        if value and value in taken:
            self.error(code, pointer, "Is used before.")
        taken.add(value)


def exact_number(raw: object) -> Decimal | None:
    """The number as it was written, or None for none in bounds: a float means its shortest decimal text,
    never its binary value."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        return Decimal(raw) if NUMBER.fullmatch(raw) else None
    if isinstance(raw, int):
        return Decimal(raw) if abs(raw) < 10**WHOLE_DIGITS else None
    if isinstance(raw, float):
        return _bounded(Decimal(repr(raw)))
    return _bounded(raw) if isinstance(raw, Decimal) else None


def _bounded(value: Decimal) -> Decimal | None:
    exponent = value.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -DECIMAL_PLACES and value.adjusted() < WHOLE_DIGITS
    return value if fits else None
