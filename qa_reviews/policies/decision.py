"""The answer of a policy: allowed, or why not. The same words grey the button and answer the API."""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import Conflict, Refused


@dataclass(frozen=True, slots=True)
class Decision:
    """`by_state`: the state of the thing forbids it now (409), not the right of the actor (403)."""

    reason: str = ""
    code: str = "refused"
    by_state: bool = False

    @property
    def allowed(self) -> bool:
        return not self.reason

    def require(self) -> None:
        """Refused (403) or Conflict (409) unless allowed."""
        if self.allowed:
            return
        raise (Conflict if self.by_state else Refused)(self.reason, code=self.code)


ALLOWED = Decision()
