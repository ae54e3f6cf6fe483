"""The life of an assignment: which move is possible in which state, and why not. Pure: no Django.

proposed -> assigned -> acknowledged -> in progress -> done, or dismissed with a reason. An agent without a
log-in cannot acknowledge, so a coach may start without it; a short talk needs no start of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    PROPOSED = "proposed"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DISMISSED = "dismissed"


class Move(StrEnum):
    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    START = "start"
    COMPLETE = "complete"
    DISMISS = "dismiss"


P, A, K, S, D, X = (
    State.PROPOSED,
    State.ASSIGNED,
    State.ACKNOWLEDGED,
    State.IN_PROGRESS,
    State.DONE,
    State.DISMISSED,
)
OPEN = (P, A, K, S)
"""States in which an assignment still wants something of somebody."""

MOVES: Mapping[Move, Mapping[State, State]] = {
    Move.ASSIGN: {P: A, A: A},  # again: another coach or another date
    Move.ACKNOWLEDGE: {A: K},
    Move.START: {A: S, K: S},
    Move.COMPLETE: {K: D, S: D},
    Move.DISMISS: {P: X, A: X, K: X, S: X},
}
"""For each move the states it starts from, and the state it leads to."""

DONE = "This assignment is done."
DISMISSED = "This assignment was dismissed."
NOT_ASSIGNED = "This assignment is only proposed: assign it first."
UNDER_WAY = "This assignment is in progress already."

REASONS: Mapping[Move, Mapping[State, str]] = {
    Move.ASSIGN: {
        K: "The agent has acknowledged this assignment already.",
        S: UNDER_WAY,
        D: DONE,
        X: DISMISSED,
    },
    Move.ACKNOWLEDGE: {
        P: NOT_ASSIGNED,
        K: "This assignment has been acknowledged already.",
        S: UNDER_WAY,
        D: DONE,
        X: DISMISSED,
    },
    Move.START: {P: NOT_ASSIGNED, S: UNDER_WAY, D: DONE, X: DISMISSED},
    Move.COMPLETE: {
        P: NOT_ASSIGNED,
        A: "Nobody has acknowledged or started this assignment yet: start it first.",
        D: "This assignment is done already.",
        X: DISMISSED,
    },
    Move.DISMISS: {
        D: "This assignment is done: it cannot be dismissed any more.",
        X: "It was dismissed already.",
    },
}
"""For each move and every other state, why it is refused."""


def refusal(state: str, move: Move) -> str:
    """Why the move is not possible in this state, as a sentence; empty when it is possible."""
    return REASONS[move].get(State(state), "")


def after(state: str, move: Move) -> State:
    """The state that the move leads to. KeyError for a refused move."""
    return MOVES[move][State(state)]
