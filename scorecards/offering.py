"""Which scorecard is offered for a conversation. Pure: no Django."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scorecards.definition import Context

RULE_FIELDS = ("channel", "topic", "tag", "language", "agent_kind")

Rule = Mapping[str, Sequence[str]]
"""Any value of each list, all lists given; empty for no rule."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A scorecard with its rule. `fits` says, once offered, that the rule holds or that there is none."""

    id: int
    name: str
    rank: int
    when: Rule
    fits: bool = True


def offered(offers: Iterable[Offer], context: Context, agent_kind: str) -> list[Offer]:
    """All of them in the order in which to propose them: those whose rule holds, by rank and id; those
    without a rule; last those whose rule does not hold."""
    told = [replace(offer, fits=_holds(offer.when, context, agent_kind)) for offer in offers]
    return sorted(told, key=lambda offer: (_place(offer), offer.rank, offer.id))


def _place(offer: Offer) -> int:
    if not offer.fits:
        return 2
    return 0 if any(offer.when.values()) else 1


def _holds(when: Rule, context: Context, agent_kind: str) -> bool:
    """Words match whatever their case; what is unknown meets nothing."""
    present = {
        "channel": (context.channel,),
        "topic": (context.topic,),
        "tag": context.tags,
        "language": (context.language,),
        "agent_kind": (agent_kind,),
    }
    return all(not words or _shares(words, present[name]) for name, words in when.items())


def _shares(wanted: Sequence[str], present: Sequence[str]) -> bool:
    known = {word.strip().casefold() for word in present}
    return any(word.strip().casefold() in known for word in wanted)
