"""What the list of conversations can be narrowed to: the people, names and scorecards to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, Window
from django.db.models.functions import RowNumber

from accounts.access import Actor, Capability
from accounts.selectors import agents, persons, teams
from conversations import selectors
from conversations.models import Facet
from scorecards.models import Scorecard

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """Values and names; texts are their own names."""

    agents: Options
    teams: Options
    scorecards: Options
    facets: dict[str, list[str]]


def choices(actor: Actor) -> Choices:
    """All there is to choose from. Four queries."""
    people = agents(actor).values_list("pk", "name", "external_id")
    named = [(str(pk), name or external_id) for pk, name, external_id in people]
    groups = [(str(pk), name) for pk, name in teams(actor).order_by("name").values_list("pk", "name")]
    cards = Scorecard.objects.visible_to(actor).order_by("name", "pk").values_list("pk", "name")
    reads_cards = actor.can(Capability.SCORECARD_READ)
    return Choices(
        agents=sorted(named, key=lambda one: one[1].casefold()),
        teams=groups,
        scorecards=[(str(pk), name) for pk, name in cards] if reads_cards else [],
        facets=_facets(actor),
    )


def _facets(actor: Actor) -> dict[str, list[str]]:
    """The names of each kind, sorted, at most MOST_FACETS."""
    place = Window(RowNumber(), partition_by="kind", order_by="value")
    rows = Facet.objects.visible_to(actor).alias(place=place).filter(place__lte=selectors.MOST_FACETS)
    found: dict[str, list[str]] = {kind: [] for kind in Facet.Kind.values}
    for kind, value in rows.order_by("kind", "value").values_list("kind", "value"):
        found[kind].append(value)
    return found


def agents_called(actor: Actor, name: str) -> list[int]:
    """The agents of this name, whatever its case; none without one. One query."""
    if "\0" in name:
        return []
    named = Q(name__iexact=name) | Q(name="", external_id__iexact=name)
    return list(agents(actor).filter(named).order_by("pk").values_list("pk", flat=True))


def persons_named(actor: Actor, values: Iterable[str]) -> dict[str, str]:
    """Of ids as an address has them, those of merged agents: the id of the one each went into. One query."""
    ids = {int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19}
    found = persons(actor.workspace_id, ids) if ids else {}
    return {str(merged): str(into) for merged, into in found.items()}
