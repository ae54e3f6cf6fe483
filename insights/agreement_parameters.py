"""What may be asked of reviewers and their agreement."""

from __future__ import annotations

from django.http import QueryDict

from accounts.access import Actor
from common.refs import ids_of, refs_in
from insights.selectors.agreement import visible_scorecards

REVIEWERS = frozenset({"from", "to", "team"})
AGREEMENT = REVIEWERS | {"scorecard"}


def scorecards_of(actor: Actor, query: QueryDict) -> tuple[int, ...]:
    """The ids of the scorecards that are named. Invalid (422) for what the actor does not see. At most one
    query a reference."""
    return tuple(ids_of(visible_scorecards(actor), refs_in(query, "scorecard"), "scorecard"))
