"""What becomes of the rows that point to an agent once he turns out to be somebody else as well.

Each app says it of its columns in AppConfig.ready(): `follows` (the rows move to the agent who stays, and
back when the merge is undone) or `stays`, with the reason. A test asks it of every column of the project.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Model, Q
from django.utils.functional import Promise

UNDO_FOR = timedelta(days=30)

NOTHING = Q(pk__in=())


@dataclass(frozen=True, slots=True)
class Followed:
    """A column whose rows move. `words` counts them, with "%(rows)d" ("%(rows)d messages"); `clash` says of a
    row why it cannot stand beside one that the other agent has; rows in `behind` stay where they would."""

    model: str  # "conversations.Message"
    name: str
    words: Promise
    clash: Callable[[Any], str] | None = None
    behind: Q = field(default_factory=lambda: NOTHING)

    @property
    def column(self) -> str:
        return f"{self.model}.{self.name}"

    @property
    def table(self) -> type[Model]:
        return apps.get_model(self.model)

    def has(self, name: str) -> bool:
        """Whether its rows have such a field."""
        return any(field.name == name for field in self.table._meta.concrete_fields)

    def count(self, rows: int) -> str:
        """Some rows in words: "3 messages"."""
        return str(self.words % {"rows": rows})


_followed: dict[str, Followed] = {}
_staying: dict[str, str] = {}


def follows(
    model: str,
    name: str,
    words: Promise,
    /,
    *,
    clash: Callable[[Any], str] | None = None,
    behind: Q = NOTHING,
) -> None:
    """The rows of this column are facts of the person: they move."""
    found = Followed(model, name, words, clash, behind)
    _followed[found.column] = found


def stays(model: str, names: Sequence[str], why: str, /) -> None:
    """The rows of these columns say what was, and are never changed."""
    _staying.update({f"{model}.{name}": why for name in names})


def followed() -> tuple[Followed, ...]:
    """All columns that move, in the order in which they were named."""
    return tuple(_followed.values())


def followed_column(column: str) -> Followed | None:
    """The column of this name, "conversations.Message.agent"; None where it is none (any more)."""
    return _followed.get(column)


def staying() -> dict[str, str]:
    """Column -> why its rows never move."""
    return dict(_staying)


def undo_until(made_at: datetime) -> datetime:
    """Until when a merge can be taken back."""
    return made_at + UNDO_FOR


def days_left(made_at: datetime, now: datetime) -> int:
    """Whole days, today's begun one included, in which a merge can still be taken back; 0 when it cannot."""
    left = undo_until(made_at) - now
    return max(0, -(-left // timedelta(days=1)))
