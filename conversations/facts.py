"""From a row of an import to the rows of the tables: whose, in which team, on which local day. History does
not move: what a stored conversation says stays unless what it follows from has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from accounts.services.seen import AgentSeen, People
from conversations.derived import first_response_seconds, most_active
from conversations.payload import ConversationIn, MessageIn, SurveyIn, message_key, survey_key
from conversations.services.known import Known, Teams
from conversations.services.upserts import ConversationRow, MessageRow, SurveyRow
from conversations.text import clean_html, plain_text

Stored = dict[str, tuple[int, MessageIn]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row's facts depend on beside itself. `csat_by_activity`: answers count for the most active
    agent, not for the assignee."""

    zone: ZoneInfo
    today: date
    csat_by_activity: bool
    people: People
    teams: Teams


@dataclass(frozen=True, slots=True)
class Facts:
    """Whose a conversation is, and since when it counts."""

    closed_on: date | None
    agent_id: int | None
    team_id: int | None
    most_active_agent_id: int | None
    survey_agent_id: int | None
    survey_team_id: int | None
    message_count: int
    first_response_seconds: float | None


def closed_on(row: ConversationIn, known: Known | None, zone: ZoneInfo) -> date | None:
    """The local date of closing, taken once: it changes only when the time of closing does."""
    if row.closed_at is None:
        return None
    if known and known.closed_on and known.closed_at == row.closed_at:
        return known.closed_on
    return row.closed_at.astimezone(zone).date()


def mentions(row: ConversationIn, day: date | None) -> Iterator[AgentSeen]:
    """The agents a row speaks of; the assignee last, so that his own fields count."""
    for message in row.messages:
        author = message.author
        if author.type in ("agent", "bot") and author.external_id:
            kind = "bot" if author.type == "bot" else ""
            yield AgentSeen(author.source, author.external_id, author.name, kind=kind, closed_on=day)
    if (agent := row.agent) is not None:
        yield AgentSeen(agent.source, agent.external_id, agent.name, agent.email, agent.kind, agent.team, day)


def facts_of(row: ConversationIn, known: Known | None, stored: Stored, around: Surroundings) -> Facts:
    """`stored` are the messages that the tables hold already; those missing in the row stay and count."""
    messages = _together(row, stored)
    day = closed_on(row, known, around.zone)
    agent_id = around.people.agents[row.agent.source, row.agent.external_id] if row.agent else None
    active = most_active(messages, around.people.agents)
    active_id = around.people.agents.get(active) if active else None
    team_id = _team(row, known, agent_id, day, around)
    survey_agent_id, survey_team_id = survey_owner(
        agent_id=agent_id, team_id=team_id, active_id=active_id, day=day, around=around
    )
    return Facts(
        closed_on=day,
        agent_id=agent_id,
        team_id=team_id,
        most_active_agent_id=active_id,
        survey_agent_id=survey_agent_id,
        survey_team_id=survey_team_id,
        message_count=len(messages),
        first_response_seconds=first_response_seconds(messages),
    )


def survey_owner(
    *,
    agent_id: int | None,
    team_id: int | None,
    active_id: int | None,
    day: date | None,
    around: Surroundings,
) -> tuple[int | None, int | None]:
    """The agent whom the customer's answers count for by the workspace's rule, and his team then."""
    owner = (active_id or agent_id) if around.csat_by_activity else agent_id
    return owner, team_id if owner == agent_id else around.teams.on(owner, day or around.today)


def moved(known: Known, facts: Facts) -> bool:
    """Whether the stored answers of the conversation must follow it."""
    before = (known.agent_id, known.most_active_agent_id, known.team_id, known.closed_on)
    return before != (facts.agent_id, facts.most_active_agent_id, facts.team_id, facts.closed_on)


def conversation_row(
    row: ConversationIn, facts: Facts, customer_id: int | None, fingerprint: str
) -> ConversationRow:
    return ConversationRow(
        source=row.source,
        external_id=row.external_id,
        url=row.url,
        subject=row.subject,
        channel=row.channel,
        language=row.language,
        topic=row.topic,
        tags=list(row.tags),
        status=row.status,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_on=facts.closed_on,
        reopened_count=row.reopened_count,
        attributes=json.dumps(row.attributes),
        customer_id=customer_id,
        agent_id=facts.agent_id,
        most_active_agent_id=facts.most_active_agent_id,
        team_id=facts.team_id,
        message_count=facts.message_count,
        first_response_seconds=facts.first_response_seconds,
        reported_first_response_seconds=row.reported.first_response_seconds,
        reported_handling_seconds=row.reported.handling_seconds,
        reported_resolution_seconds=row.reported.resolution_seconds,
        fingerprint=fingerprint,
    )


def message_rows(conversation_id: int, messages: Sequence[MessageIn], people: People) -> Iterator[MessageRow]:
    """The messages with their plain text, and sanitised HTML where the body was HTML."""
    for position, message in enumerate(messages):
        author, is_html = message.author, message.format == "html"
        yield MessageRow(
            conversation_id=conversation_id,
            key=message_key(message, position),
            external_id=message.external_id,
            position=position,
            author_type=author.type,
            author_name=author.name,
            agent_id=people.agents.get((author.source, author.external_id))
            if author.type in ("agent", "bot")
            else None,
            sent_at=message.sent_at,
            internal=message.visibility == "internal",
            language=message.language,
            text=plain_text(message.body) if is_html else message.body,
            html=clean_html(message.body) if is_html else "",
            attachments=json.dumps(
                [{"name": a.name, "url": a.url, "content_type": a.content_type} for a in message.attachments]
            ),
        )


def survey_rows(
    conversation_id: int, surveys: Sequence[SurveyIn], facts: Facts, zone: ZoneInfo
) -> Iterator[SurveyRow]:
    for position, survey in enumerate(surveys):
        yield survey_row(
            survey,
            key=survey_key(survey, position),
            conversation_id=conversation_id,
            owner=(facts.survey_agent_id, facts.survey_team_id),
            closed_on=facts.closed_on,
            zone=zone,
        )


def survey_row(
    survey: SurveyIn,
    *,
    key: str,
    conversation_id: int,
    owner: tuple[int | None, int | None],
    closed_on: date | None,
    zone: ZoneInfo,
) -> SurveyRow:
    answered = survey.responded_at
    return SurveyRow(
        conversation_id=conversation_id,
        key=key,
        external_id=survey.external_id,
        kind=survey.kind,
        score=survey.score,
        scale_min=survey.scale_min,
        scale_max=survey.scale_max,
        comment=survey.comment,
        asked_at=survey.asked_at,
        responded_at=answered,
        responded_on=answered.astimezone(zone).date() if answered else None,
        agent_id=owner[0],
        team_id=owner[1],
        closed_on=closed_on,
    )


def _together(row: ConversationIn, stored: Stored) -> Sequence[MessageIn]:
    """The row's messages and the stored ones that it does not name, by position; at the same one the earlier
    first, then by key."""
    if not stored:
        return row.messages
    own = {message_key(m, position): (position, m) for position, m in enumerate(row.messages)}
    both = stored | own
    return [both[key][1] for key in sorted(both, key=lambda key: (*_place(*both[key]), key))]


def _place(position: int, message: MessageIn) -> tuple[int, bool, float]:
    """Where it stands; one without a time after those that have one."""
    at = message.sent_at
    return position, at is None, 0.0 if at is None else at.timestamp()


def _team(
    row: ConversationIn, known: Known | None, agent_id: int | None, day: date | None, around: Surroundings
) -> int | None:
    """The one the row names, else as stored, else the agent's on the closing day (today while open)."""
    if row.agent is not None and row.agent.team:
        return around.people.team_id(row.agent.team)
    stays = known and not known.is_stub and (known.agent_id, known.closed_on) == (agent_id, day)
    if known and stays:
        return known.team_id
    return around.teams.on(agent_id, day or around.today)
