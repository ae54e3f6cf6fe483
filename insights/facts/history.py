"""The judgements of one scorecard as they stand: newest gradings' choices, stored scores, conversations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, LiteralString, get_args

import numpy as np
from django.db import connection
from psycopg.sql import SQL, Composable, Literal

from common.periods import Period
from insights.choices import NO_SCORE, NO_TEAM, ChoiceReader, Contexts, History, Rows
from insights.facts.reviews import counted
from insights.facts.sums import ALL
from insights.query import Axis
from insights.rescoring import ONE, Asked
from scorecards.definition import Context

MOST_REVIEWS = 200_000
CHUNK = 10_000

# The choices come as one text a review, since a row a rating costs the most on the way here. Keys have
# neither "=" nor ",". What was hidden then was not chosen.
_HISTORY = SQL("""
select r.id, r.agent_id, coalesce(r.team_id, {no_team})::int8, g.version_id,
    coalesce((r.score * {one})::int, {no_score}), chosen.line, {columns}
from qa_reviews_review r
    join qa_reviews_grading g on g.review_id = r.id and g.number = r.gradings_count
    {conversation}
    cross join lateral (
        select coalesce(string_agg(t.category || '=' || t.option, ','), '') as line
        from qa_reviews_rating t where t.grading_id = g.id and t.state <> 'hidden'
    ) chosen
where r.workspace_id = {workspace} and r.scorecard_id = {scorecard}
    and {day} between {first} and {last} and {counted} and {teams}
order by {day} desc, r.id desc limit {most}
""")
_CONVERSATION = SQL("join conversations_conversation c on c.id = r.conversation_id")
_ASKED: dict[Asked, tuple[LiteralString, LiteralString]] = {
    "channel": ("c.channel", "''"),
    "topic": ("c.topic", "''"),
    "tags": ("c.tags", "null::text[]"),
    "language": ("c.language", "''"),
    "has_csat": (
        "exists (select from conversations_surveyresponse s where s.conversation_id = c.id"
        " and s.kind = 'csat' and s.score is not null)",
        "false",
    ),
}
_TYPES = ["int8", "int8", "int8", "int8", "int4", "text", "text", "text", "text[]", "text", "bool"]
_DAYS: dict[Axis, Composable] = {"submitted": SQL("r.submitted_on"), "closed": SQL("r.closed_on")}


def history(
    workspace_id: int,
    scorecard_id: int,
    period: Period,
    axis: Axis,
    *,
    peers: bool,
    teams: Collection[int] | None = None,
    asked: Collection[Asked] = (),
    most: int = MOST_REVIEWS,
) -> History:
    """The counted reviews of a scorecard in a period, of all its versions, at most the latest `most`.

    `asked` names what conditions ask of conversations; the rest of the contexts stays empty. `teams`: None
    means all; `peers`: whether reviews by peers count. One COPY, streamed.
    """
    statement = _HISTORY.format(
        columns=SQL(", ").join(SQL(_ASKED[name][name not in asked]) for name in get_args(Asked)),
        conversation=_CONVERSATION if asked else SQL(""),
        day=_DAYS[axis],
        counted=counted(peers),
        teams=ALL if teams is None else SQL("r.team_id = any({})").format(Literal(list(teams))),
        one=Literal(ONE),
        no_score=Literal(NO_SCORE),
        no_team=Literal(NO_TEAM),
        workspace=Literal(workspace_id),
        scorecard=Literal(scorecard_id),
        first=Literal(period.first),
        last=Literal(period.last),
        most=Literal(most + 1),
    )
    return _read(_chunks(statement), most)


def _chunks(statement: Composable) -> Iterator[list[tuple[Any, ...]]]:
    """COPY streams, and unlike a cursor's its plan is made for all rows and for several workers. It takes no
    parameters: values are quoted into it."""
    with connection.cursor() as cursor:
        copy = SQL("copy ({}) to stdout (format binary)").format(statement)
        with cursor.copy(copy) as out:
            out.set_types(_TYPES)
            rows = out.rows()
            while chunk := list(islice(rows, CHUNK)):
                yield chunk


def _read(chunks: Iterator[list[tuple[Any, ...]]], most: int) -> History:
    reader, places = ChoiceReader(), _Places()
    numbers: list[Rows] = []
    left = most
    cut = False
    for chunk in chunks:
        cut = len(chunk) > left
        chunk = chunk[:left]
        left -= len(chunk)
        numbers.append(np.array([row[:5] for row in chunk], np.int64).reshape(-1, 5))
        reader.add([row[5] for row in chunk])
        places.add([row[6:] for row in chunk])
    columns = np.concatenate([np.empty((0, 5), np.int64), *numbers]).T
    reviews, agents, teams, versions, stored = columns
    return History(reviews, agents, teams, versions, stored, reader.choices(), places.contexts(), cut)


class _Places:
    """Numbers the different conversations as they come."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], int] = {}
        self.found: list[int] = []

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        for channel, topic, tags, language, csat in rows:
            key = (channel, topic, tuple(tags or ()), language, csat)
            self.found.append(self.known.setdefault(key, len(self.known)))

    def contexts(self) -> Contexts:
        return Contexts(tuple(Context(*key) for key in self.known), np.array(self.found, np.int32))
