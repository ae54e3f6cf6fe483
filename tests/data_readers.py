"""Real data that nobody here wrote, turned into import rows. It lies outside the repository.

Looked for in the folder named by PLUMBLINE_DATA, else in ../shared/data beside the repository; a test that
needs what is not there is skipped. Nothing of it is copied into the repository.

The support chats (maia_dqe; Mendonca et al., GEM 2023) name no agents and no clock times. Each chat gets, by
a hash of its id, one of the twenty agents with the most answers in the survey table, and keeps its date.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from conversations.csv_mapping import read_rows

ROOT = Path(__file__).resolve().parent.parent
SURVEY_MAPPING = ROOT / "docs/guides/mappings/surveys.json"
CHAT_SOURCE = "chats"
CHAT_FILES = (
    "data/de_client_02",
    "Emotion/data/maia/pt_br_client_02_a",
    "data/pt_br_client_04",
    "data/pt_pt_client_03",
)
COPIED_CHAT_FILE = "data/pt_br_client_02"  # by mistake nearly a copy of client 04
LANGUAGES = {"de": "de", "pt-br": "pt-BR", "pt": "pt-PT"}


@dataclass(frozen=True, slots=True)
class ChatLabels:
    """What the human grader said of one chat, as the file has it: None, 0 and -1 included.

    `task_success` 1 to 5 of the whole chat; the others by agent turn: politeness, understanding and
    sensibleness 0 or 1, interaction quality 1 to 5.
    """

    external_id: str
    task_success: float | None
    dropped: float | None
    interaction: tuple[float | None, ...]
    politeness: tuple[float | None, ...]
    understanding: tuple[float | None, ...]
    sensibleness: tuple[float | None, ...]


def data_path(name: str) -> Path:
    """A file of the shared data; skips the test when it is not there."""
    path = Path(os.environ.get("PLUMBLINE_DATA", ROOT.parent / "shared/data")) / name
    if not path.exists():
        pytest.skip(f"real data not found: {path} (set PLUMBLINE_DATA to its folder)")
    return path


def open_surveys() -> BinaryIO:
    """The survey table as CSV bytes."""
    return cast(BinaryIO, gzip.open(data_path("shopzilla_csat/test.csv.gz")))


def survey_mapping() -> dict[str, Any]:
    """The guide's mapping of the survey table."""
    return cast(dict[str, Any], json.loads(SURVEY_MAPPING.read_text()))


def survey_payloads() -> Iterator[dict[str, Any]]:
    """The survey table's rows as conversation payloads."""
    for row in read_rows(survey_mapping(), open_surveys()):
        assert not row.errors, row
        yield row.value


@cache
def survey_agents(count: int = 20) -> tuple[dict[str, Any], ...]:
    """The agents with the most answers in the survey table, as the payload's `agent`, in a fixed order."""
    agents: dict[str, dict[str, Any]] = {}
    answers: Counter[str] = Counter()
    for payload in survey_payloads():
        external_id = payload["agent"]["external_id"]
        agents[external_id] = payload["agent"] | {"source": payload["source"]}
        answers[external_id] += 1
    return tuple(agents[found] for found in sorted(answers, key=lambda a: (-answers[a], a))[:count])


def chat_payloads(files: tuple[str, ...] = CHAT_FILES) -> Iterator[dict[str, Any]]:
    """The support chats as conversation payloads (242 with the default files), each ready for NDJSON.

    Messages are what each side typed: the customer in his language, the agent in English (what the customer
    read was a machine's translation).
    """
    agents = survey_agents()
    for chat in _chats(files):
        language, client, day = _parts_of(chat["id"])
        agent = agents[int(md5(chat["id"].encode()).hexdigest(), 16) % len(agents)]
        yield {
            "source": CHAT_SOURCE,
            "external_id": chat["id"],
            "status": "closed",
            "channel": "chat",
            "language": language,
            "opened_at": day,
            "closed_at": day,
            "attributes": {"client": client},
            "agent": agent,
            "messages": [_message(turn, language, agent) for turn in chat["turns"]],
        }


def chat_labels(files: tuple[str, ...] = CHAT_FILES) -> Iterator[ChatLabels]:
    """The grader's labels of the same chats."""
    for chat in _chats(files):
        turns = [turn for turn in chat["turns"] if turn["floor"] == "outbound"]
        yield ChatLabels(
            external_id=chat["id"],
            task_success=chat["dialog"]["Task Sucess"],  # the file's spelling
            dropped=chat["dialog"]["Dropped conversation"],
            interaction=tuple(turn["IQ"] for turn in turns),
            politeness=tuple(turn["Politeness"] for turn in turns),
            understanding=tuple(turn["Understanding"] for turn in turns),
            sensibleness=tuple(turn["Sensibleness"] for turn in turns),
        )


def ndjson(payloads: Iterator[dict[str, Any]]) -> bytes:
    """Payloads as the body of an NDJSON import."""
    return b"".join(json.dumps(payload, ensure_ascii=False).encode() + b"\n" for payload in payloads)


def _chats(files: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for name in files:
        with gzip.open(data_path(f"maia_dqe/{name}.json.gz"), "rt", encoding="utf-8") as file:
            yield from json.load(file)


def _parts_of(chat_id: str) -> tuple[str, str, str]:
    """Language, client and date of an id such as "en_pt-br_#CLIENT-02#_default_2020-12-27-6"."""
    found = re.fullmatch(r"en_([a-z-]+)_#(CLIENT-\d+)#_(?:default_)?(\d{4}-\d\d-\d\d)-\d+", chat_id)
    assert found, chat_id
    return LANGUAGES[found[1]], found[2], found[3]


def _message(turn: dict[str, Any], language: str, agent: dict[str, Any]) -> dict[str, Any]:
    body = "\n".join(turn["text_src"])
    if turn["floor"] == "inbound":
        return {"author": {"type": "customer"}, "language": language, "body": body}
    author = {"type": "agent", "source": agent["source"], "external_id": agent["external_id"]}
    return {"author": author, "language": "en", "body": body}
