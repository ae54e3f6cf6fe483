"""What forms of lower apps offer of conversations: the languages, channels and topics that they have."""

from __future__ import annotations

from functools import partial

from accounts.access import Actor
from accounts.choices import offer
from conversations.models import Facet
from conversations.selectors import facets


def _values(kind: Facet.Kind, actor: Actor) -> list[tuple[str, str]]:
    return [(value, value) for value in facets(actor, kind)]


offer("languages", partial(_values, Facet.Kind.LANGUAGE))
offer("channels", partial(_values, Facet.Kind.CHANNEL))
offer("topics", partial(_values, Facet.Kind.TOPIC))
