"""Lists of signal words over API and page, and the nightly lengths of topics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from conversations.models import Conversation, Facet, SignalWords, TopicLength
from conversations.searching import phrase_query
from conversations.services.topic_lengths import announce_topic_lengths, compute_topic_lengths
from conversations.signal_defaults import DEFAULTS, LONGEST, MOST
from jobs.models import Job
from jobs.names import JobName
from jobs.registry import Work, handlers
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
Browse = Callable[[str], Client]
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def put(client: ApiClient, **body: Any) -> Any:
    return client.client.put(
        client.url("signal-words/"), body, headers=client.headers, content_type="application/json"
    )


def lists(client: ApiClient) -> dict[tuple[str, str], tuple[list[str], bool]]:
    rows = client.get("signal-words/").json()["results"]
    return {(row["kind"], row["language"]): (row["words"], row["own"]) for row in rows}


def test_there_are_defaults_in_seven_languages() -> None:
    for by_language in DEFAULTS.values():
        assert set(by_language) == {"en", "de", "fr", "es", "nl", "pt", "it"}
        for words in by_language.values():
            assert 20 <= len(words) == len(set(words)) <= MOST
            assert all(phrase_query(word) and word == word.lower() and len(word) <= LONGEST for word in words)


def test_a_list_is_replaced_and_the_default_taken_again(api: Api, world: World) -> None:
    admin = api("admin")
    Facet.objects.create(workspace=world["ours"].workspace, kind="language", value="pl-PL")
    before = lists(admin)
    assert before["escalation", "en"] == (list(DEFAULTS["escalation"]["en"]), False)
    assert before["cancellation", "pl"] == before["cancellation", ""] == ([], False)
    answer = put(admin, kind="escalation", language="en-GB", words=["My  Boss", "sue*", "my boss"])
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "kind": "escalation",
        "language": "en",
        "words": ["my boss", "sue*"],
        "own": True,
    }
    assert lists(admin) == before | {("escalation", "en"): (["my boss", "sue*"], True)}
    assert admin.delete("signal-words/?kind=escalation&language=en").status_code == 204
    assert admin.delete("signal-words/?kind=escalation&language=en").status_code == 204
    assert lists(admin) == before
    actions = AuditEvent.objects.filter(action__startswith="signal_words").order_by("pk")
    assert [event.action for event in actions] == ["signal_words.updated", "signal_words.reset"]
    assert not SignalWords.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "rude"}, "/kind"),
        ({"language": "english language"}, "/language"),
        ({"words": ["!!!"]}, "/words/0"),
        ({"words": ["fine", "x" * 101]}, "/words/1"),
        ({"words": ["a\0b"]}, "/words/0"),
        ({"words": [str(n) for n in range(501)]}, "/words"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_cannot_be_looked_for_is_named(api: Api, body: dict[str, Any], pointer: str) -> None:
    answer = put(api("admin"), **({"kind": "escalation", "language": "en", "words": ["x"]} | body))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not SignalWords.objects.exists()


@pytest.mark.parametrize("query", ["", "?kind=rude", "?kind=escalation&language=%00", "?colour=red"])
def test_a_default_cannot_be_taken_of_no_list(api: Api, query: str) -> None:
    assert api("admin").delete(f"signal-words/{query}").status_code == 422


def test_the_pages_show_change_and_reset_a_list(browse: Browse) -> None:
    admin = browse("admin")
    page = admin.get("/w/ours/settings/signals/").content.decode()
    assert "German" in page
    assert "Any language" in page
    one = "/w/ours/settings/signals/cancellation/any/"
    assert "Use the default again" not in admin.get(one).content.decode()
    assert admin.post(one, {"words": "leaving you\r\n\r\n  quit* \n"}).status_code == 302
    assert SignalWords.objects.get().words == ["leaving you", "quit*"]
    shown = admin.get(one).content.decode()
    assert "leaving you\nquit*" in shown
    assert "Use the default again" in shown
    refused = admin.post(one, {"words": "***"})
    assert refused.status_code == 422
    assert "no letter or digit" in refused.content.decode()
    assert admin.post(f"{one}reset/").status_code == 302
    assert not SignalWords.objects.exists()
    assert admin.get("/w/ours/settings/signals/cancellation/xx/").status_code == 404
    assert admin.get("/w/ours/settings/signals/rude/en/").status_code == 404


def talks(place: Place, topic: str, lengths: list[int], day: date, **more: Any) -> None:
    fields = {"status": "closed", "closed_at": NOW, "closed_on": day} | more
    Conversation.objects.bulk_create(
        Conversation(
            workspace=place.workspace,
            source="talks",
            external_id=f"{topic}{day}{number}{more}",
            topic=topic,
            message_count=length,
            **fields,
        )
        for number, length in enumerate(lengths)
    )


def test_topics_have_their_usual_lengths(world: World) -> None:
    ours, theirs = world["ours"], world["theirs"]
    day = NOW.date()
    talks(ours, "refund", list(range(1, 21)), day - timedelta(weeks=26))
    talks(ours, "refund", [500] * 30, day - timedelta(weeks=26, days=1))
    talks(ours, "refund", [0] * 30, day)
    talks(ours, "refund", [900] * 30, day, status="open")
    talks(ours, "", [4] * 25, day)
    talks(ours, "rare", [4] * 19, day)
    talks(theirs, "refund", [70] * 20, day)
    TopicLength.objects.create(
        workspace=ours.workspace, topic="gone", conversations=20, usual=1, long_from=1, computed_at=NOW
    )
    for hour in (0, 1):
        compute_topic_lengths(workspace_id=ours.workspace.pk, now=NOW + timedelta(hours=hour))
    found = TopicLength.objects.filter(workspace=ours.workspace).order_by("topic")
    rows = [(row.topic, row.conversations, row.usual, row.long_from) for row in found]
    assert rows == [("", 25, 4.0, 4.0), ("refund", 20, 10.5, pytest.approx(18.1))]
    assert not TopicLength.objects.filter(workspace=theirs.workspace).exists()


def test_lengths_are_asked_for_once_a_day_and_workspace(world: World) -> None:
    announce_topic_lengths(now=NOW)
    handlers[JobName.TOPIC_LENGTHS](Work(0, {}, {}))
    announce_topic_lengths(now=NOW)
    jobs = Job.objects.filter(name=JobName.TOPIC_LENGTHS_OF, key__endswith="2026-07-01")
    assert {job.workspace_id for job in jobs} == {place.workspace.pk for place in world.values()}
    talks(world["ours"], "refund", [3] * 20, datetime.now(UTC).date())
    for workspace_id in (world["ours"].workspace.pk, 0):
        handlers[JobName.TOPIC_LENGTHS_OF](Work(0, {"workspace": workspace_id}, {}))
    assert TopicLength.objects.get().topic == "refund"
