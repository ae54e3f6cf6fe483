"""The life of a review: which move is possible in which state, and why not. Pure: no Django.

draft -> submitted | deleted; submitted -> disputed | retracted; disputed -> resolved | retracted;
resolved -> disputed | retracted. Accepting that the agent is the wrong one is a retraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    DISPUTED = "disputed"
    RESOLVED = "resolved"
    RETRACTED = "retracted"
    DELETED = "deleted"  # the row is gone


class Move(StrEnum):
    UPDATE = "update"
    SUBMIT = "submit"
    DELETE = "delete"
    REVISE = "revise"
    RETRACT = "retract"
    ACKNOWLEDGE = "acknowledge"
    SEE = "see"
    DISPUTE = "dispute"
    RESOLVE = "resolve"  # also handing the dispute to somebody else
    AMEND = "amend"  # mend words, not ratings
    RELEASE = "release"  # before its time, or held for a lead
    REVEAL = "reveal"  # look at what blind grading hides
    REASSIGN = "reviewee"  # to another agent of the conversation


D, S, P, R, X = State.DRAFT, State.SUBMITTED, State.DISPUTED, State.RESOLVED, State.RETRACTED

MOVES: Mapping[Move, Mapping[State, State]] = {
    Move.UPDATE: {D: D},
    Move.SUBMIT: {D: S},
    Move.DELETE: {D: State.DELETED},
    Move.REVISE: {S: S, R: R},
    Move.RETRACT: {S: X, P: X, R: X},
    Move.ACKNOWLEDGE: {S: S, P: P, R: R},
    Move.SEE: {S: S, P: P, R: R},
    Move.DISPUTE: {S: P, R: P},
    Move.RESOLVE: {P: R},
    Move.AMEND: {S: S, R: R},
    Move.RELEASE: {S: S, P: P, R: R},
    Move.REVEAL: {D: D},
    Move.REASSIGN: {D: D},
}
"""For each move the states it starts from, and the state it leads to."""

RETRACTED = "This review was retracted and cannot be changed any more."
NOT_YET = "This review has not been submitted yet."
SUBMITTED = "This review has been submitted. Revise it instead; the first grading is kept."
SUBMITTED_ALREADY = "This review has been submitted already."
NOTHING_OPEN = "There is no open dispute about this review."
NOTHING_HIDDEN = "This review has been submitted; nothing is hidden from its reviewer any more."
AGENT_STAYS = "Only a draft can move to another agent. Retract this review and review the other agent's work."
DELETE_DRAFTS = "Only a draft can be deleted. Retract this review instead; it then counts nowhere."

REASONS: Mapping[Move, Mapping[State, str]] = {
    Move.UPDATE: {S: SUBMITTED, P: SUBMITTED, R: SUBMITTED, X: RETRACTED},
    Move.SUBMIT: {S: SUBMITTED_ALREADY, P: SUBMITTED_ALREADY, R: SUBMITTED_ALREADY, X: RETRACTED},
    Move.DELETE: {S: DELETE_DRAFTS, P: DELETE_DRAFTS, R: DELETE_DRAFTS, X: DELETE_DRAFTS},
    Move.REVISE: {
        D: "This review is still a draft: change the draft itself.",
        P: "This review is disputed. Resolve the dispute first.",
        X: RETRACTED,
    },
    Move.RETRACT: {
        D: "This review is still a draft: delete the draft instead.",
        X: "This review was retracted already.",
    },
    Move.ACKNOWLEDGE: {D: NOT_YET, X: "This review was retracted; nothing needs to be acknowledged."},
    Move.SEE: {D: NOT_YET, X: RETRACTED},
    Move.DISPUTE: {
        D: NOT_YET,
        P: "A dispute about this review is open already. Wait for its answer.",
        X: "This review was retracted; there is nothing to dispute any more.",
    },
    Move.RESOLVE: {D: NOTHING_OPEN, S: NOTHING_OPEN, R: NOTHING_OPEN, X: NOTHING_OPEN},
    Move.AMEND: {
        D: "This review is still a draft: change the draft itself.",
        P: "This review is disputed. Resolve the dispute first.",
        X: RETRACTED,
    },
    Move.RELEASE: {D: NOT_YET, X: "This review was retracted; its agent is not told of it."},
    Move.REVEAL: {S: NOTHING_HIDDEN, P: NOTHING_HIDDEN, R: NOTHING_HIDDEN, X: NOTHING_HIDDEN},
    Move.REASSIGN: {S: AGENT_STAYS, P: AGENT_STAYS, R: AGENT_STAYS, X: AGENT_STAYS},
}
"""For each move and every other state, why it is refused."""


def refusal(state: str, move: Move) -> str:
    """Why the move is not possible in this state, as a sentence; empty when it is possible."""
    return REASONS[move].get(State(state), "")


def after(state: str, move: Move) -> State:
    """The state that the move leads to. KeyError for a refused move."""
    return MOVES[move][State(state)]
