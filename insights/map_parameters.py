"""From the query string to the question of the quality map."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import cast, get_args

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from accounts.access import Actor
from common import params
from insights import parameters
from insights.selectors.quality_map import Cuts, MapAsked, Mix
from insights.serializers import PARAMETERS

KNOWN = frozenset({"from", "to", "plan", "team", "mix", "iqs_cut", "csat_cut"})

MAP_PARAMETERS = [
    *(each for each in PARAMETERS if each.name in KNOWN),
    OpenApiParameter(
        "mix", str, description="The kinds of work that numbers are adjusted for.", enum=get_args(Mix)
    ),
    OpenApiParameter(
        "iqs_cut",
        OpenApiTypes.NUMBER,
        description="What parts high from low, 0 to 100; the whole's IQS if absent.",
    ),
    OpenApiParameter(
        "csat_cut",
        OpenApiTypes.NUMBER,
        description="The same of the satisfied in per cent; the whole's if absent.",
    ),
]


def read_map(actor: Actor, query: QueryDict, more: Collection[str] = ()) -> MapAsked:
    """The question of a request; `more`: what else may stand in the address. Invalid (422) by parameter."""
    asked = parameters.read(actor, query, KNOWN | set(more))
    return MapAsked(
        replace(asked, axis="closed"),
        cast(Mix, params.one_of(query, "mix", get_args(Mix), "channel")),
        Cuts(params.number(query, "iqs_cut", 0, 100), params.number(query, "csat_cut", 0, 100)),
    )
