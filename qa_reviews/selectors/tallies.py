"""What was drawn and what became of it, counted as the estimates count it.

The same rows as insights sums: a stratum's first draw and its replacements; conversations with a review that
counts; set aside, or reviewed without a score. tests/qa_reviews/test_board.py holds both to each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.access import Actor, Capability
from qa_reviews.models import COUNTED_KINDS, QueueItem, Review, Stratum
from qa_reviews.pace import Tally


class Place(NamedTuple):
    """A group of strata. An agent who was merged into another counts as the other."""

    draw: int
    team: int | None
    agent: int | None
    band: str


def in_scope(actor: Actor, field: str = "team_id") -> Q:
    """The rows of the teams that the actor plans for."""
    scope = actor.scope(Capability.PLAN_MANAGE)
    return Q() if scope is None else Q(**{f"{field}__in": scope})


def counted_kinds(actor: Actor) -> tuple[str, ...]:
    """The kinds of review that count in numbers here."""
    peers = actor.workspace.settings.peer_in_iqs
    return tuple(kind.value for kind in COUNTED_KINDS if peers or kind != Review.Kind.PEER)


def tallies(
    actor: Actor, draw_ids: Collection[int], *, by_agent: bool, kinds: Collection[str]
) -> dict[Place, Tally]:
    """Of these draws in the actor's teams by team, band and, where asked, agent. Three queries."""
    found: dict[Place, Tally] = defaultdict(Tally)
    strata = Stratum.objects.visible_to(actor).filter(in_scope(actor), draw_id__in=draw_ids)
    for place, row in _grouped(strata, "", by_agent, frame=Sum("frame"), drawn=Sum("drawn")):
        found[place] += Tally(frame=row["frame"], drawn=row["drawn"])
    for place, row in _grouped(_odd_items(actor, draw_ids), "stratum__", by_agent, **_ODD):
        found[place] += Tally(drawn=row["added"], not_reviewable=row["unfit"])
    reviews = _reviews(actor, draw_ids, kinds)
    for place, row in _grouped(reviews, "stratum__", by_agent, **_REVIEWED):
        found[place] += Tally(not_reviewable=row["seen"] - row["scored"], done=row["scored"])
    return found


class Coverage(NamedTuple):
    """Of how many agents a draw has conversations, and of how many some are reviewed."""

    agents: int = 0
    covered: int = 0


def coverages(actor: Actor, draw_ids: Collection[int], kinds: Collection[str]) -> dict[int, Coverage]:
    """By draw, in the actor's teams; every draw is there. Two queries."""
    strata = Stratum.objects.visible_to(actor).filter(in_scope(actor), draw_id__in=draw_ids)
    agents = _persons(strata, "")
    covered = _persons(_reviews(actor, draw_ids, kinds).filter(score__isnull=False), "stratum__")
    return {pk: Coverage(agents.get(pk, 0), covered.get(pk, 0)) for pk in draw_ids}


def _persons(rows: QuerySet[Any], at: str) -> dict[int, int]:
    """By draw, whom the rows are about; `at` leads from a row to its stratum."""
    person = Coalesce(f"{at}agent__merged_into_id", f"{at}agent_id")
    counted = rows.order_by().values(of_draw=F(f"{at}draw_id")).annotate(n=Count(person, distinct=True))
    return dict(counted.values_list("of_draw", "n"))


def folded(found: Mapping[Place, Tally], key: Callable[[Place], Any]) -> dict[Any, Tally]:
    """Tallies added up under a coarser key."""
    sums: dict[Any, Tally] = defaultdict(Tally)
    for place, tally in found.items():
        sums[key(place)] += tally
    return sums


_ODD = {
    "added": Count("replaces_id"),
    "unfit": Count("pk", filter=Q(skip_reason=QueueItem.SkipReason.NOT_REVIEWABLE)),
}
# A conversation stands in one stratum of a draw; two reviews of it are one.
_REVIEWED = {
    "seen": Count("conversation_id", distinct=True),
    "scored": Count("conversation_id", distinct=True, filter=Q(score__isnull=False)),
}


def _odd_items(actor: Actor, draw_ids: Collection[int]) -> QuerySet[QueueItem]:
    """First-round items that stand in for another, or were set aside: the few that the strata do not tell."""
    rows = QueueItem.objects.in_workspace(actor.workspace_id).filter(
        in_scope(actor), draw_id__in=draw_ids, second_of=None
    )
    return rows.filter(Q(replaces__isnull=False) | Q(skip_reason=QueueItem.SkipReason.NOT_REVIEWABLE))


def _reviews(actor: Actor, draw_ids: Collection[int], kinds: Collection[str]) -> QuerySet[Review]:
    rows = Review.objects.in_workspace(actor.workspace_id).counted()
    return rows.filter(in_scope(actor, "stratum__team_id"), stratum__draw_id__in=draw_ids, kind__in=kinds)


def _grouped(rows: QuerySet[Any], at: str, by_agent: bool, **sums: Any) -> list[tuple[Place, dict[str, Any]]]:
    """Sums by stratum, or by all of a team's band; `at` leads from a row to its stratum."""
    keys: dict[str, Any] = {
        "of_draw": F(f"{at}draw_id"),
        "of_team": F(f"{at}team_id"),
        "of_band": F(f"{at}band"),
    }
    if by_agent:
        keys["of_agent"] = Coalesce(f"{at}agent__merged_into_id", f"{at}agent_id")
    found = rows.order_by().values(**keys).annotate(**sums)
    return [
        (Place(row["of_draw"], row["of_team"], row.get("of_agent"), row["of_band"]), row) for row in found
    ]
