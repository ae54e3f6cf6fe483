"""Answers of policies: may this actor do this to this now, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import Problem


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed, or the refusal (Refused for the role, Conflict for the state) that services raise.

    The same words grey the button, answer the API and are asserted in tests.
    """

    refusal: Problem | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None

    @property
    def reason(self) -> str:
        """Why not, in a full sentence; empty when allowed."""
        return "" if self.refusal is None else self.refusal.detail

    def demand(self) -> None:
        """Raises the refusal unless allowed."""
        if self.refusal is not None:
            raise self.refusal


ALLOWED = Decision()
