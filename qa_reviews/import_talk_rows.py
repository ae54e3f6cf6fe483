"""What an imported review says besides its ratings: disputes, comments, and what its source had computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from common.errors import FieldError
from conversations.fields import (
    Context,
    ListOf,
    Shape,
    choice,
    key,
    moment,
    name,
    required,
    text,
    wrong,
)

COMMENT_LIMIT = 20_000
MOST_SCORE = 10_000
"""Of a reported score, which bonuses may carry beyond 100 and deductions below 0."""


@dataclass(frozen=True, slots=True)
class PersonIn:
    """Known by e-mail, else by name."""

    email: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ProposedIn:
    """What the agent thought right for one category."""

    category: str
    option: str | None = None
    na: bool = False
    comment: str = ""

    def as_json(self) -> dict[str, Any]:
        chosen: dict[str, Any] = {"na": True} if self.na else {"option": self.option}
        return {"category": self.category, **chosen, "comment": self.comment}


@dataclass(frozen=True, slots=True)
class DisputeIn:
    """An objection of long ago; without an outcome it is still open. Times are UTC."""

    kind: str
    raised_at: datetime
    comment: str = ""
    outcome: str = ""
    answer: str = ""
    resolved_at: datetime | None = None
    raised_by: PersonIn | None = None
    resolved_by: PersonIn | None = None
    proposed: tuple[ProposedIn, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentIn:
    """One line of the talk under a review; `at` is UTC, `category` a key, empty for the whole review."""

    author: PersonIn
    body: str
    at: datetime
    visibility: str = "everyone"
    category: str = ""


def person(who: str) -> Shape[PersonIn]:
    """A person by e-mail or name; `who` begins the sentence that asks for one of them."""

    def rules(_: dict[str, Any], raw: dict[str, Any]) -> Iterator[FieldError]:
        if not raw.get("email") and not raw.get("name"):
            yield required("/email", f"{who} needs an email or a name.")

    return Shape(PersonIn, {"email": name(254), "name": name(255)}, rules=rules)


def _decimal(low: int, high: int) -> Any:
    """A number, or decimal text, as decimal text; exact as it came."""

    def read(value: Any, _: Context) -> str:
        try:
            found = Decimal(str(value)) if type(value) in (int, float, str) else None
        except InvalidOperation:
            found = None
        if found is None or not found.is_finite():
            raise wrong("invalid_number", "Must be a number.")
        if not low <= found <= high:
            raise wrong("out_of_range", f"Must be a number from {low:,} to {high:,}.")
        return f"{found:f}"

    return read


def _critical(value: Any, context: Context) -> str:
    """Whether a category was critical, and for what where that was told."""
    if type(value) is bool:
        return "yes" if value else "none"
    found: str = choice("none", "group", "review")(value, context)
    return found


def _flag(value: Any, _: Context) -> bool:
    if type(value) is not bool:
        raise wrong("invalid_type", "Must be true or false.")
    return value


def _json(**fields: Any) -> dict[str, Any]:
    """The fields as JSON that a column can hold."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def _dispute_rules(found: dict[str, Any], _: dict[str, Any]) -> Iterator[FieldError]:
    if found.get("outcome") and not found.get("resolved_at"):
        yield required("/resolved_at", "A dispute with an outcome needs the time of its answer.")
    if found.get("resolved_at") and not found.get("outcome"):
        yield required("/outcome", "A dispute that was answered needs its outcome.")


PROPOSED = Shape(
    ProposedIn,
    {"category": key(100), "option": name(100), "na": _flag, "comment": text(COMMENT_LIMIT)},
    required=("category",),
)
DISPUTE = Shape(
    DisputeIn,
    {
        "kind": choice("ratings", "wrong_agent"),
        "comment": text(COMMENT_LIMIT),
        "outcome": choice("accepted", "partially_accepted", "rejected"),
        "answer": text(COMMENT_LIMIT),
        "raised_at": moment,
        "resolved_at": moment,
        "raised_by": person("Who raised a dispute"),
        "resolved_by": person("Who resolved a dispute"),
        "proposed": ListOf(PROPOSED, 100),
    },
    required=("kind", "raised_at"),
    rules=_dispute_rules,
)
COMMENT = Shape(
    CommentIn,
    {
        "author": person("The author of a comment"),
        "body": text(COMMENT_LIMIT),
        "at": moment,
        "visibility": choice("everyone", "reviewers"),
        "category": name(100),
    },
    required=("author", "body", "at"),
)
REPORTED = Shape(
    _json,
    {
        "score": _decimal(-MOST_SCORE, MOST_SCORE),
        "categories": ListOf(
            Shape(
                _json,
                {
                    "category": key(100),
                    "name": name(255),
                    "score": _decimal(-MOST_SCORE, MOST_SCORE),
                    "weight": _decimal(0, 10**6),
                    "critical": _critical,
                    "causes": ListOf(name(1000), 100, distinct=True),
                },
                required=("category",),
            ),
            1000,
        ),
        "tags": ListOf(name(255), 200, distinct=True),
    },
)
