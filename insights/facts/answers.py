"""Sums of survey answers."""

from __future__ import annotations

from typing import Any

from psycopg.sql import SQL, Composable

from insights.facts.sums import grouped, within
from insights.query import Dim, Key, Slice
from insights.stats import CsatSums

_COLUMNS: dict[Dim, Composable] = {
    "agent": SQL("s.agent_id"),
    "team": SQL("s.team_id"),
    "channel": SQL("c.channel"),
    "topic": SQL("c.topic"),
}
# Answers count on the day they came, a question left unanswered on the day it was asked (where nothing says
# when, on the day its conversation was closed).
_ANSWERED = SQL("s.responded_on")
_ASKED = SQL("coalesce((s.asked_at at time zone %(zone)s)::date, s.closed_on)")
_CLOSED = SQL("s.closed_on")
_CSAT = SQL("s.is_latest and s.kind = 'csat'")
_MEASURES = SQL(
    "count(s.score), coalesce(sum(s.score), 0),"
    " coalesce(sum(s.scale_max) filter (where s.score is not null), 0),"
    " count(*) filter (where s.score - s.scale_min >= 0.75 * (s.scale_max - s.scale_min)), count(*),"
    " bool_or(s.asked_at is not null or s.score is null)"
)
_NO_SUMS = (0, 0, 0, 0, 0, False)


def answer_sums(asked: Slice, zone: str) -> dict[tuple[Key, int], CsatSums]:
    """Sums of the latest CSAT answers by dimensions and bucket; `zone` is the workspace's.

    `asked` is None where no row says that anybody was asked. On the closed axis one query, else two.
    """
    if asked.axis == "closed":
        parts = [_part(asked, _CLOSED, SQL("true"), zone)]
    else:
        parts = [
            _part(asked, _ANSWERED, SQL("s.score is not null"), zone),
            _part(asked, _ASKED, SQL("s.score is null and s.responded_on is null"), zone),
        ]
    places = {place for part in parts for place in part}
    return {place: _joined([part.get(place, _NO_SUMS) for part in parts]) for place in places}


def _part(
    asked: Slice, day: Composable, which: Composable, zone: str
) -> dict[tuple[Key, int], tuple[Any, ...]]:
    source: Composable = SQL("conversations_surveyresponse s")
    if {"channel", "topic"} & set(asked.dims):
        source += SQL(" join conversations_conversation c on c.id = s.conversation_id")
    return grouped(
        asked,
        measures=_MEASURES,
        source=source,
        columns=_COLUMNS,
        day=day,
        where=[*within(asked, "s", day), _CSAT, which],
        zone=zone,
    )


def _joined(parts: list[tuple[Any, ...]]) -> CsatSums:
    answers, score, scale_max, satisfied, rows, told = (sum(column) for column in zip(*parts, strict=True))
    return CsatSums(answers, score, scale_max, satisfied, asked=rows if told else None)
