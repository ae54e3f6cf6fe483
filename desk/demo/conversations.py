"""The demo's conversations as payloads of the import: sixteen weeks up to yesterday."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from desk.demo.cast import AGENTS, BOT, CHAT, TWIN, DemoAgent
from desk.demo.stories import BIKES, BLAME, CLOSING, CUSTOMERS, GREETING, PRAISE, STORIES, Story

WEEKS = 16
FORGOTTEN, MORE_THAN_A_DAY = 0.04, 26 * 60  # share of the customers who wait so many minutes
ANSWERED = 0.55  # share of the asked customers who answer
SCORES_HAPPY, SCORES_SAD = (5, 5, 5, 4), (1, 2, 2, 3)


def conversations(today: date) -> Iterator[dict[str, Any]]:
    """About two a working day and agent, oldest first; the same ones for the same day."""
    dice = random.Random(f"alpenrad {today}")
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=WEEKS)
    number = 0
    for offset in range((today - first).days):
        day = first + timedelta(days=offset)
        for agent in (*AGENTS, TWIN):
            many = dice.choice((0, 1) if day.weekday() >= 5 else agent.a_day)
            for _ in range(many if agent.days_here(monday, day) >= 0 else 0):
                number += 1
                yield _conversation(dice, agent, monday, day, number)


def _conversation(
    dice: random.Random, agent: DemoAgent, monday: date, day: date, number: int
) -> dict[str, Any]:
    story = dice.choice(STORIES)
    well = dice.random() < agent.skill_after(agent.days_here(monday, day))
    happy = dice.random() < agent.pleases
    opened = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        minutes=dice.randrange(7 * 60, 16 * 60)
    )
    customer = dice.choice(CUSTOMERS)
    words = {"bike": dice.choice(BIKES), "order": f"AR-{20_000 + number}", "name": customer}
    waits = day < monday and dice.random() < FORGOTTEN
    messages = _messages(dice, agent, story, opened, (well, happy, waits), words)
    closed = datetime.fromisoformat(messages[-1]["sent_at"]) + timedelta(minutes=dice.randrange(2, 40))
    return {
        "source": agent.source,
        "external_id": str(100_000 + number),
        "subject": story.subject.format(**words),
        "channel": agent.channel,
        "language": story.language,
        "topic": story.topic,
        "tags": ["vip"] if dice.random() < 0.08 else [],
        "status": "closed",
        "opened_at": opened.isoformat(),
        "closed_at": closed.isoformat(),
        "reopened_count": int(not happy and dice.random() < 0.3),
        "customer": {"external_id": f"c-{dice.randrange(900)}", "name": customer},
        "agent": {
            "external_id": agent.external_id,
            "name": agent.name,
            "email": agent.email,
            "team": agent.team,
        },
        "messages": messages,
        "surveys": [_survey(dice, story.language, closed, happy)],
    }


def _messages(
    dice: random.Random,
    agent: DemoAgent,
    story: Story,
    opened: datetime,
    how: tuple[bool, bool, bool],
    words: dict[str, str],
) -> list[dict[str, Any]]:
    """The exchange, with the bot's greeting in chats and a private note where the story has one. `how`:
    whether it is answered well, the customer is happy, and he waited for more than a day."""
    well, happy, waits = how
    customer = {"type": "customer", "name": words["name"]}
    person = {"type": "agent", "external_id": agent.external_id, "name": agent.name}
    first, second = story.good if well else story.poor
    turns: list[tuple[dict[str, Any], str, int]] = [(customer, story.ask, 0)]
    if agent.team == CHAT:
        turns.append(
            ({"type": "bot", "external_id": BOT.external_id, "name": BOT.name}, GREETING[story.language], 0)
        )
    turns += [
        (person, first, dice.randrange(1, 25) + waits * MORE_THAN_A_DAY),
        (customer, story.follow_up, dice.randrange(1, 30)),
    ]
    turns += [(person, second, dice.randrange(2, 40))]
    if well:
        turns.append((person, CLOSING[story.language], 1))
    turns.append((customer, story.thanks if happy else story.anger, dice.randrange(1, 60)))
    sent, messages = opened, []
    for place, (author, text, minutes) in enumerate(turns):
        sent += timedelta(minutes=minutes, seconds=5)
        messages.append(
            {
                "external_id": f"m{place}",
                "author": author,
                "sent_at": sent.isoformat(),
                "body": text.format(**words),
            }
        )
    if story.note and well:
        note = {"external_id": "n0", "author": person, "sent_at": sent.isoformat(), "body": story.note}
        messages.append(note | {"visibility": "internal"})
    return messages


def _survey(dice: random.Random, language: str, closed: datetime, happy: bool) -> dict[str, Any]:
    survey: dict[str, Any] = {
        "external_id": "s0",
        "kind": "csat",
        "scale_min": 1,
        "scale_max": 5,
        "score": None,
    }
    survey["asked_at"] = closed.isoformat()
    if dice.random() < ANSWERED:
        survey["score"] = dice.choice(SCORES_HAPPY if happy else SCORES_SAD)
        survey["comment"] = dice.choice((PRAISE if happy else BLAME)[language])
        survey["responded_at"] = (closed + timedelta(hours=dice.randrange(1, 20))).isoformat()
    return survey
