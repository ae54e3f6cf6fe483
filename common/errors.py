"""What can go wrong on purpose. Services raise these; `common.problems` puts them on the wire once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is wrong: JSON pointer into the input ("/ratings/0/option"), a stable code, words."""

    pointer: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class Problem(Exception):
    """Base of every refusal that a person or a client is told about."""

    status = 400
    code = "bad_request"
    title = "Bad request"

    def __init__(self, detail: str, *, code: str | None = None, errors: Iterable[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.errors = tuple(errors)


class Malformed(Problem):
    """The request could not be read at all (400)."""

    code, title = "malformed", "The request could not be read"


class Refused(Problem):
    """The actor is known here but may not do this (403); the detail says why."""

    status, code, title = 403, "refused", "Not allowed"


class Missing(Problem):
    """No such row for this actor (404): absent, another workspace's, or invisible."""

    status, code, title = 404, "not_found", "Not found"

    def __init__(self, detail: str = "There is nothing here that you can see.", **kwargs: str) -> None:
        super().__init__(detail, code=kwargs.get("code"))


class Conflict(Problem):
    """The state of the thing forbids it now (409)."""

    status, code, title = 409, "conflict", "Not possible in this state"


class Stale(Problem):
    """Someone changed it since it was read (412)."""

    status, code, title = 412, "stale", "Changed since you read it"


class TooLarge(Problem):
    """More than one request may carry (413)."""

    status, code, title = 413, "too_large", "Too large"


class Invalid(Problem):
    """Understood, but fields are wrong (422); names each of them."""

    status, code, title = 422, "invalid", "Some fields are not valid"

    def __init__(self, errors: Iterable[FieldError], detail: str = "") -> None:
        errors = tuple(errors)
        super().__init__(detail or " ".join(e.detail for e in errors[:3]), errors=errors)


def invalid(pointer: str, code: str, detail: str) -> Invalid:
    """Invalid with a single field error."""
    return Invalid([FieldError(pointer, code, detail)])
