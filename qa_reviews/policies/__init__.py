"""May this actor do this to this row now, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import Conflict, Problem, Refused


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed, or refused with a reason: the same words grey the button and answer the API."""

    refusal: Problem | None = None

    def __bool__(self) -> bool:
        return self.refusal is None

    @property
    def reason(self) -> str:
        return self.refusal.detail if self.refusal else ""

    def require(self) -> None:
        """Raises the refusal: Refused (403) for the actor, Conflict (409) for the row's state."""
        if self.refusal:
            raise self.refusal


ALLOWED = Decision()


def refused(reason: str, code: str = "refused") -> Decision:
    """Not this actor, whatever the state (403)."""
    return Decision(Refused(reason, code=code))


def conflict(reason: str, code: str = "conflict") -> Decision:
    """Nobody, in this state (409)."""
    return Decision(Conflict(reason, code=code))
