"""Every move of a review from every state: where it leads, or why it is refused."""

from __future__ import annotations

import pytest

from qa_reviews import lifecycle
from qa_reviews.lifecycle import Move, State, after, refusal

STORED = [State.DRAFT, State.SUBMITTED, State.DISPUTED, State.RESOLVED, State.RETRACTED]

# draft, submitted, disputed, resolved, retracted; "-" is refused
TABLE = {
    Move.UPDATE: "draft - - - -",
    Move.SUBMIT: "submitted - - - -",
    Move.DELETE: "deleted - - - -",
    Move.REVISE: "- submitted - resolved -",
    Move.RETRACT: "- retracted retracted retracted -",
    Move.ACKNOWLEDGE: "- submitted disputed resolved -",
    Move.SEE: "- submitted disputed resolved -",
    Move.DISPUTE: "- disputed - disputed -",
    Move.RESOLVE: "- - resolved - -",
    Move.AMEND: "- submitted - resolved -",
    Move.RELEASE: "- submitted disputed resolved -",
    Move.REVEAL: "draft - - - -",
    Move.REASSIGN: "draft - - - -",
}
CASES = [
    pytest.param(move, state, outcome, id=f"{move} a {state} one")
    for move, row in TABLE.items()
    for state, outcome in zip(STORED, row.split(), strict=True)
]


@pytest.mark.parametrize(("move", "state", "outcome"), CASES)
def test_move(move: Move, state: State, outcome: str) -> None:
    if outcome == "-":
        assert refusal(state, move).endswith(".")
        with pytest.raises(KeyError):
            after(state, move)
    else:
        assert refusal(state, move) == ""
        assert after(state, move) == outcome


def test_the_table_covers_every_move() -> None:
    assert set(TABLE) == set(Move) == set(lifecycle.MOVES) == set(lifecycle.REASONS)


@pytest.mark.parametrize(
    ("move", "state", "words"),
    [
        (Move.SUBMIT, State.SUBMITTED, "submitted already"),
        (Move.UPDATE, State.SUBMITTED, "Revise it instead"),
        (Move.DELETE, State.SUBMITTED, "Retract this review instead"),
        (Move.RETRACT, State.DRAFT, "delete the draft instead"),
        (Move.REVISE, State.DISPUTED, "Resolve the dispute first"),
        (Move.REVISE, State.RETRACTED, "was retracted"),
        (Move.DISPUTE, State.DRAFT, "not been submitted"),
        (Move.DISPUTE, State.DISPUTED, "Wait for its answer"),
        (Move.DISPUTE, State.RETRACTED, "nothing to dispute"),
        (Move.RESOLVE, State.SUBMITTED, "no open dispute"),
        (Move.AMEND, State.DRAFT, "change the draft itself"),
        (Move.AMEND, State.DISPUTED, "Resolve the dispute first"),
        (Move.RELEASE, State.RETRACTED, "was retracted"),
        (Move.REVEAL, State.SUBMITTED, "nothing is hidden"),
        (Move.REASSIGN, State.RESOLVED, "Retract this review"),
    ],
)
def test_the_reason_says_what_to_do(move: Move, state: State, words: str) -> None:
    assert words in refusal(state, move)
