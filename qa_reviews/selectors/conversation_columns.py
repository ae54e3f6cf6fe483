"""Which columns the list of conversations shows, and in which order: what its address may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from common import params
from conversations.models import Conversation
from qa_reviews.policies.conversations import may_see_csat, may_see_flags

NAMES = frozenset({"columns", "order"})


@dataclass(frozen=True, slots=True)
class Column:
    """`order`: its name in ORDERS, where rows can be put in its order."""

    key: str
    label: str | Promise
    order: str = ""
    number: bool = False


COLUMNS = {
    each.key: each
    for each in (
        Column("agent", _("Agent")),
        Column("team", _("Team")),
        Column("customer", _("Customer")),
        Column("channel", _("Channel")),
        Column("language", _("Language")),
        Column("topic", _("Topic")),
        Column("tags", _("Tags")),
        Column("source", _("Source")),
        Column("status", _("Status")),
        Column("opened", _("Opened")),
        Column("closed", _("Closed"), order="closed_at"),
        Column("changed", _("Last changed"), order="updated_at"),
        Column("messages", _("Messages"), order="messages", number=True),
        Column("replies", _("Replies"), number=True),
        Column("first_response", _("First response"), order="first_response", number=True),
        Column("handling", _("Handling"), order="handling", number=True),
        Column("reopened", _("Reopened"), number=True),
        Column("csat", _("CSAT"), order="csat", number=True),
        Column("flags", _("Signals")),
        Column("reviews", _("Reviews"), number=True),
    )
}
USUAL = ("agent", "team", "channel", "closed", "messages", "flags", "reviews")
USUAL_OPEN = ("agent", "team", "channel", "status", "opened", "messages", "reviews")


@dataclass(frozen=True, slots=True)
class Order:
    """`names`, `unknown_last` and `above` as for a page. `name` is what the address says."""

    name: str
    names: Sequence[str]
    unknown_last: bool = False
    above: float | None = None


# As each is usually wanted: the latest, the most, the slowest and the unhappiest first; the newest of equals.
ORDERS: dict[str, tuple[str, ...]] = {
    "closed_at": ("-closed_at", "-id"),
    "updated_at": ("-updated_at", "-id"),
    "messages": ("-message_count", "-id"),
    "first_response": ("-first_response_seconds", "-id"),
    "handling": ("-reported_handling_seconds", "-id"),
    "csat": ("csat", "-id"),
}
NEVER_UNKNOWN = {"updated_at", "messages"}
EXCLUDED_TO = {"first_response": 0.0}  # seconds; the clocks disagreed
ORDER_WORDS = {
    "-closed_at": _("Closed, latest first"),
    "closed_at": _("Closed, earliest first"),
    "-updated_at": _("Changed, latest first"),
    "updated_at": _("Changed, earliest first"),
    "-messages": _("Most messages first"),
    "messages": _("Fewest messages first"),
    "-first_response": _("Slowest first response first"),
    "first_response": _("Fastest first response first"),
    "-handling": _("Longest handling first"),
    "handling": _("Shortest handling first"),
    "csat": _("Lowest CSAT first"),
    "-csat": _("Highest CSAT first"),
}
ORDER_NAMES = tuple(ORDER_WORDS)


def usual_order(statuses: Sequence[str]) -> str:
    """Closed ones by closing, others by change, the latest first."""
    return "-closed_at" if is_closed(statuses) else "-updated_at"


def is_closed(statuses: Sequence[str]) -> bool:
    """Whether only closed conversations are asked for."""
    return set(statuses) == {Conversation.Status.CLOSED.value}


def order_of(actor: Actor, query: QueryDict, statuses: Sequence[str]) -> Order:
    """The order that the address asks for. Invalid for one that there is not; Refused where it would tell
    what customers answered."""
    wanted = params.one_of(query, "order", ORDER_NAMES) or usual_order(statuses)
    name = wanted.removeprefix("-")
    if name == "csat":
        may_see_csat(actor).demand()
    names = ORDERS[name]
    if names[0].startswith("-") != wanted.startswith("-"):
        names = tuple(each.removeprefix("-") if each.startswith("-") else f"-{each}" for each in names)
    never_unknown = name in NEVER_UNKNOWN or (name == "closed_at" and is_closed(statuses))
    return Order(wanted, names, not never_unknown, EXCLUDED_TO.get(name))


def columns_of(actor: Actor, query: QueryDict, statuses: Sequence[str]) -> list[Column]:
    """The columns that the address asks for, in the order of the allow-list; the usual ones otherwise.
    Refused where one would tell a blind reviewer too much."""
    asked = params.any_of(query, "columns", COLUMNS) or usual_columns(actor, statuses)
    if "csat" in asked:
        may_see_csat(actor).demand()
    if "flags" in asked:
        may_see_flags(actor).demand()
    return [column for column in COLUMNS.values() if column.key in asked]


def usual_columns(actor: Actor, statuses: Sequence[str]) -> list[str]:
    """The keys of the columns that are shown unless the address says otherwise."""
    offered = offered_columns(actor)
    return [key for key in (USUAL if is_closed(statuses) else USUAL_OPEN) if key in offered]


def offered_orders(actor: Actor) -> dict[str, str | Promise]:
    """The orders that the actor may ask for, in words."""
    hidden = set() if may_see_csat(actor).allowed else {"csat", "-csat"}
    return {name: words for name, words in ORDER_WORDS.items() if name not in hidden}


def offered_columns(actor: Actor) -> dict[str, Column]:
    """The columns that the actor may ask for, by their keys."""
    hidden = set() if may_see_csat(actor).allowed else {"csat"}
    hidden |= set() if may_see_flags(actor).allowed else {"flags"}
    return {key: column for key, column in COLUMNS.items() if key not in hidden}
