"""What a hostile or broken input does: it is named by row and field, and leaves nothing half-written. And the
real data, whose dirt ends as rejected rows and excluded counts, never as wrong numbers."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import Q

from accounts.access import Actor
from accounts.models import Agent, Team, TeamMembership, Workspace, WorkspaceSettings
from conversations.csv_mapping import read_rows
from conversations.models import Conversation, ImportRun, Message, SurveyResponse
from conversations.services.imports import import_conversations
from conversations.streams import read_ndjson
from tests.conversations.rows import conversation, counts, message, reasons, survey
from tests.data_readers import COPIED_CHAT_FILE, chat_payloads, ndjson, open_surveys, survey_mapping
from tests.world import ApiClient

Api = Callable[..., ApiClient]


@pytest.fixture
def us(db: None) -> Actor:
    """An empty workspace in the zone of the survey table."""
    workspace = Workspace.objects.create(slug="kolkata", name="Kolkata", timezone="Asia/Kolkata")
    WorkspaceSettings.objects.create(workspace=workspace)
    return Actor.system(workspace)


def bring(us: Actor, *parts: bytes) -> ImportRun:
    return import_conversations(actor=us, rows=read_ndjson(parts), origin="test")


def line(**changes: Any) -> bytes:
    return json.dumps(conversation(**changes)).encode() + b"\n"


def with_message(**changes: Any) -> dict[str, Any]:
    return {"messages": [message("m1", "customer", 0, "Hello") | changes]}


BAD: dict[str, tuple[bytes, str, str]] = {
    "a score above its scale": (line(surveys=[survey(score=6)]), "/surveys/0/score", "out_of_scale"),
    "a score below its scale": (line(surveys=[survey(score=0)]), "/surveys/0/score", "out_of_scale"),
    "a score of minus one": (line(surveys=[survey(score=-1)]), "/surveys/0/score", "out_of_scale"),
    "a score in words": (line(surveys=[survey(score="NA")]), "/surveys/0/score", "invalid_number"),  # type: ignore[arg-type]
    "a score that is true": (line(surveys=[survey(score=True)]), "/surveys/0/score", "invalid_number"),
    "a scale upside down": (
        line(surveys=[survey(scale_min=5, scale_max=1)]),
        "/surveys/0/scale_max",
        "invalid_scale",
    ),
    "a time without offset": (line(closed_at="2026-03-02T08:00:00"), "/closed_at", "invalid_datetime"),
    "a message without offset": (
        line(**with_message(sent_at="2026-03-02 08:00")),
        "/messages/0/sent_at",
        "invalid_datetime",
    ),
    "a day that is none": (line(closed_at="2026-02-30"), "/closed_at", "invalid_datetime"),
    "the same message twice": (
        line(messages=[message("m", "customer", 0, "a"), message("m", "agent", 1, "b")]),
        "/messages/1/external_id",
        "duplicate",
    ),
    "an unknown field": (line(colour="red"), "/colour", "unknown_field"),
    "no date of closing": (line(closed_at=None), "/closed_at", "required"),
    "broken JSON": (b'{"source": "helpdesk", "external_id": \n', "", "invalid_json"),
    "another encoding": ('{"source": "caf\xe9"}\n'.encode("latin-1"), "", "invalid_utf8"),
    "a NUL byte": (b'{"source": "a\x00b"}\n', "", "invalid_text"),
    "a NUL escape": (line(**with_message(body="a\x00b")), "/messages/0/body", "invalid_text"),
    "half a character": (
        line(**with_message(body="\ud800")),
        "/messages/0/body",
        "invalid_text",
    ),
    "no object": (b"[1, 2]\n", "", "invalid_type"),
    "nested without end": (b"[" * 100_000 + b"\n", "", "invalid_json"),
    "a script as address": (line(url="javascript:alert(1)"), "/url", "invalid_url"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_named_and_touches_nothing(us: Actor, name: str) -> None:
    bad, pointer, code = BAD[name]
    run = bring(us, line(external_id="1"), bad, line(external_id="3"))
    assert reasons(run) == [(2, pointer, code)]
    assert counts(run) == {"created": 2, "rejected": 1}
    kept = Conversation.objects.in_workspace(us.workspace_id).values_list("external_id", flat=True)
    assert sorted(kept) == ["1", "3"]
    assert Message.objects.in_workspace(us.workspace_id).count() == 4
    assert SurveyResponse.objects.in_workspace(us.workspace_id).count() == 2


def test_a_bad_row_changes_nothing_that_is_stored(us: Actor) -> None:
    bring(us, line())
    before = list(Conversation.objects.values()) + list(Message.objects.values())
    bring(us, line(subject="Other", surveys=[survey(score=6)]))
    assert list(Conversation.objects.values()) + list(Message.objects.values()) == before


def test_a_line_of_50_mb_is_rejected_and_never_held(us: Actor) -> None:
    part = b"x" * (1 << 20)

    def body() -> Iterator[bytes]:
        yield line(external_id="1")
        yield b'{"external_id": "2", "subject": "'
        yield from [part] * 50
        yield b'"}\n'
        yield line(external_id="3")

    tracemalloc.start()
    run = import_conversations(actor=us, rows=read_ndjson(body()), origin="test")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reasons(run) == [(2, "", "line_too_long")]
    assert counts(run) == {"created": 2, "rejected": 1}
    assert peak < 30 * 1024**2
    assert len(run.issues.get().raw) <= 1000


def test_huge_rows_are_written_in_smaller_chunks(us: Actor) -> None:
    body = "x" * 900_000
    rows = [line(external_id=str(n), **with_message(body=body)) for n in range(20)]
    seen: list[int] = []
    import_conversations(
        actor=us, rows=read_ndjson(rows), origin="test", progress=lambda run: seen.append(run.created)
    )
    assert len(seen) > 1
    assert seen[-1] == 20


def test_errors_over_the_api_name_row_and_field(api: Api) -> None:
    rows = [conversation(), conversation("2002", surveys=[survey(score=9)])]
    [rejected] = api("manager").post("conversations/import", rows).json()["rejected"]
    assert (rejected["row"], rejected["external_id"]) == (2, "2002")
    assert rejected["errors"] == [
        {"pointer": "/surveys/0/score", "code": "out_of_scale", "detail": "9 is off the scale 1 to 5."}
    ]


@pytest.mark.slow
def test_the_survey_table(us: Actor) -> None:
    rows = read_rows(survey_mapping(), open_surveys())
    run = import_conversations(actor=us, rows=rows, origin="test.csv.gz")
    assert counts(run) == {"created": 17_182}
    answers = SurveyResponse.objects.in_workspace(us.workspace_id)
    scores = Counter(int(score) for (score,) in answers.values_list("score") if score is not None)
    assert scores == {1: 2_241, 2: 227, 3: 503, 4: 2_277, 5: 11_934}
    assert answers.filter(is_latest=True).count() == 17_182
    assert Agent.objects.in_workspace(us.workspace_id).count() == 1_368
    assert Team.objects.in_workspace(us.workspace_id).count() == 40
    found = Conversation.objects.in_workspace(us.workspace_id)
    times = {
        "negative": found.filter(reported_first_response_seconds__lt=0).count(),
        "zero": found.filter(reported_first_response_seconds=0).count(),
        "counted": found.filter(reported_first_response_seconds__gt=0).count(),
        "unknown": found.filter(reported_first_response_seconds=None).count(),
    }
    assert times == {"negative": 635, "zero": 509, "counted": 17_182 - 635 - 509, "unknown": 0}
    assert not found.filter(Q(closed_on=None) | Q(team=None) | Q(agent=None)).exists()
    overlapping = TeamMembership.objects.in_workspace(us.workspace_id).filter(ends_on=None)
    assert overlapping.count() == 1_368
    again = import_conversations(
        actor=us, rows=read_rows(survey_mapping(), open_surveys()), origin="test.csv.gz"
    )
    assert counts(again) == {"unchanged": 17_182}


@pytest.mark.slow
def test_the_chats_with_their_near_copy(us: Actor) -> None:
    run = bring(us, ndjson(chat_payloads()))
    assert counts(run) == {"created": 242}
    assert Message.objects.in_workspace(us.workspace_id).count() == 5_118
    assert Agent.objects.in_workspace(us.workspace_id).count() <= 20
    found = Conversation.objects.in_workspace(us.workspace_id)
    assert dict(Counter(found.values_list("language", flat=True))) == {"de": 65, "pt-BR": 156, "pt-PT": 21}
    assert not found.exclude(first_response_seconds=None).exists()  # the chats have no clock times
    copied = list(chat_payloads((COPIED_CHAT_FILE,)))
    stored = set(found.values_list("external_id", flat=True))
    known = [one for one in copied if one["external_id"] in stored]
    assert (len(copied), len(known)) == (47, 43)
    again = bring(us, ndjson(iter(copied)))
    assert again.created == 4
    assert again.updated + again.unchanged == 43
    assert found.count() == 246
    together = bring(us, ndjson(chat_payloads(("data/pt_br_client_04", COPIED_CHAT_FILE))))
    assert together.created == 0
    assert together.conflicts_total == together.rejected_total
    assert together.updated + together.unchanged + together.rejected_total == 43 + 47
