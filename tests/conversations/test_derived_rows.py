"""Facts that follow from what is stored, against another computation of them: in Python, row by row."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import Actor
from accounts.models import Workspace, WorkspaceSettings
from common.refs import Ref
from conversations import selectors
from conversations.models import SEARCHED_BYTES, Conversation, Facet, Message, SurveyResponse
from conversations.services.deletion import delete_texts
from conversations.services.derived_rows import derive
from tests.conversations.rows import bring, bring_surveys, conversation, message, stored, survey

AUTHORS: tuple[dict[str, str], ...] = (
    {"type": "customer"},
    {"type": "customer"},
    {"type": "agent", "external_id": "a-7"},
    {"type": "agent", "external_id": "a-8"},
    {"type": "agent"},
    {"type": "bot", "external_id": "b-1"},
    {"type": "system"},
)
FACTS = (
    *("reply_count", "agent_count", "has_internal", "has_bot", "longest_silence_seconds", "waited_at_end"),
    *("closing_missing", "csat", "csat_commented"),
)


@pytest.fixture
def us(db: None) -> Actor:
    workspace = Workspace.objects.create(slug="berlin", name="Berlin", timezone="Europe/Berlin")
    WorkspaceSettings.objects.create(workspace=workspace)
    return Actor.system(workspace)


def facts(actor: Actor) -> dict[str, Any]:
    return {name: getattr(stored(actor), name) for name in FACTS}


# --- The other computation ------------------------------------------------------------------------


def expected(row: Conversation) -> dict[str, Any]:
    """From the messages and answers of the tables."""
    messages = selectors.in_reading_order(list(Message.objects.filter(conversation=row)))
    public = [m for m in messages if not m.internal]
    replies = [m for m in public if m.author_type == "agent"]
    spoken = [m for m in public if m.author_type != "system"]
    asks = bool(spoken) and ("?" in spoken[-1].text or len(spoken[-1].text) > 80)
    return {
        "reply_count": len(replies),
        "agent_count": len({m.agent_id for m in replies}),
        "has_internal": len(public) < len(messages),
        "has_bot": any(m.author_type == "bot" for m in messages),
        "closing_missing": row.status == "closed" and asks and spoken[-1].author_type == "customer",
        **_waited(public, row.closed_at if row.status == "closed" else None),
        **_answered(row),
    }


def _waited(public: list[Message], closed_at: datetime | None) -> dict[str, Any]:
    since: Message | None = None
    waits: list[tuple[float | None, bool]] = []  # length where it is known, whether it was ended by an agent
    for each in public:
        if each.author_type == "customer":
            since = since or each
        elif each.author_type == "agent" and since is not None:
            waits.append((_seconds(since.sent_at, each.sent_at), True))
            since = None
    if since is not None:
        waits.append((_seconds(since.sent_at, closed_at), False))
    known = [length for length, _ in waits if length is not None and length > 0]
    if not known:
        return {"longest_silence_seconds": None, "waited_at_end": False}
    last, ended = waits[-1]
    at_end = last == max(known) and known.count(max(known)) == 1 and (len(waits) > 1 or not ended)
    return {"longest_silence_seconds": max(known), "waited_at_end": at_end}


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()


def _answered(row: Conversation) -> dict[str, Any]:
    answers = [s for s in SurveyResponse.objects.filter(conversation=row, kind="csat") if s.score is not None]
    if not answers:
        return {"csat": None, "csat_commented": False}
    latest = max(answers, key=lambda s: (s.responded_at is not None, s.responded_at or s.pk, s.pk))
    assert latest.score is not None
    share = (latest.score - latest.scale_min) / (latest.scale_max - latest.scale_min)
    csat = (1 + 4 * share).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return {"csat": csat, "csat_commented": latest.comment != ""}


# --- What people send -------------------------------------------------------------------------------

MESSAGES = st.lists(
    st.fixed_dictionaries(
        {
            "author": st.sampled_from(AUTHORS),
            "minute": st.one_of(st.integers(0, 59), st.integers(0, 5), st.none()),
            "internal": st.sampled_from([False, False, False, True]),
            "more": st.sampled_from(["", "?", " and so on" * 9]),
        }
    ),
    max_size=9,
)
ANSWERS = st.lists(
    st.fixed_dictionaries(
        {
            "score": st.sampled_from([None, 0, 1, 2]),
            "top": st.sampled_from([2, 3, 9]),
            "comment": st.sampled_from(["", "fine"]),
            "hour": st.integers(10, 23),
            "kind": st.sampled_from(["csat", "csat", "nps"]),
        }
    ),
    max_size=3,
)


def sent(lines: list[dict[str, Any]], timed: bool) -> list[dict[str, Any]]:
    found = []
    for place, line in enumerate(lines):
        minute = line["minute"] if not timed or line["minute"] is not None else place
        one = message(f"m{place}", "customer", minute, f"word{place}{line['more']}", author=line["author"])
        found.append(one | {"visibility": "internal" if line["internal"] else "public"})
    return found


def answers(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        survey(
            f"s{place}",
            line["score"],
            kind=line["kind"],
            scale_min=0,
            scale_max=line["top"],
            comment=line["comment"] if line["score"] is not None else "",
            **{
                "responded_at" if line["score"] is not None else "asked_at": (
                    f"2026-03-03T{line['hour']}:{place:02}:00+00:00"
                ),
            },
        )
        for place, line in enumerate(lines)
    ]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=MESSAGES, second=MESSAGES, early=ANSWERS, late=ANSWERS, timed=st.booleans(), closed=st.booleans()
)
def test_facts_follow_from_what_is_stored(
    us: Actor,
    first: list[dict[str, Any]],
    second: list[dict[str, Any]],
    early: list[dict[str, Any]],
    late: list[dict[str, Any]],
    timed: bool,
    closed: bool,
) -> None:
    status = {"status": "closed"} if closed else {"status": "open", "closed_at": None}
    with transaction.atomic():
        bring(us, conversation(messages=sent(first, timed), surveys=answers(early), **status))
        assert facts(us) == expected(stored(us))
        bring(us, conversation(messages=sent(second, timed), surveys=[], subject="again", **status))
        assert facts(us) == expected(stored(us))
        bring_surveys(us, *[one | {"source": "helpdesk", "conversation": "2001"} for one in answers(late)])
        assert facts(us) == expected(stored(us))
        transaction.set_rollback(True)


def test_the_example_of_waits(us: Actor) -> None:
    lines = [
        message("m1", "customer", 0, "Hello"),
        message("m2", "customer", 5, "Anybody?"),
        message("m3", "agent", 10, "Hi"),
        message("m4", "agent", 20, "?", visibility="internal"),
        message("m5", "customer", 30, "Well"),
        message("m6", "customer", 40, "", author={"type": "bot"}),
    ]
    bring(us, conversation(messages=lines))  # closed at 9:10
    found = facts(us)
    assert (found["longest_silence_seconds"], found["waited_at_end"]) == (2400.0, True)
    assert not found["closing_missing"]  # the bot wrote last
    bring(us, conversation(messages=[*lines, message("m7", "agent", 35, "Done")]))
    assert (facts(us)["longest_silence_seconds"], facts(us)["waited_at_end"]) == (600.0, False)


def words(actor: Actor) -> set[str]:
    """The words that can be found as they stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select lexeme from conversations_conversation, unnest(search)"
            " where id = %s and 'D' = any(weights)",
            [stored(actor).pk],
        )
        return {lexeme for (lexeme,) in cursor.fetchall()}


def test_search_holds_id_subject_and_all_messages_and_follows_them(us: Actor) -> None:
    bring(us, conversation())
    assert words(us) == {"2001", "where", "is", "my", "parcel", "hello", "hi", "sam"}
    bring(us, conversation(messages=[message("m2", "agent", 2, "Guten Tag")], subject="", language="de"))
    assert words(us) == {"2001", "hello", "guten", "tag"}


def test_a_deleted_text_cannot_be_found_and_its_comment_is_gone(us: Actor) -> None:
    bring(us, conversation())
    assert stored(us).csat_commented
    before = facts(us)
    delete_texts(actor=us, conversations=[Ref(id=stored(us).pk)])
    assert Conversation.objects.filter(pk=stored(us).pk, search__isnull=True).exists()
    assert facts(us) == before | {"csat_commented": False}
    derive(conversation_ids=[stored(us).pk])
    assert Conversation.objects.filter(pk=stored(us).pk, search__isnull=True).exists()


@pytest.mark.parametrize(
    "alphabet",
    ["abcdefghijklmnopqrstuvwxyz0123456789", "абвгдежзиклмнопрст", "अआइईउऊऋएऐओऔकखगघच", "𝐀𝐁𝐂𝐃𝐄𝐅𝐆𝐇𝐈𝐉𐐀𐐁𐐂"],
)
@pytest.mark.parametrize("join", [" ", "-", "/", ".", "@"])
@pytest.mark.parametrize("language", ["en", "ru", "hi"])
def test_no_text_is_too_long_for_the_search(us: Actor, alphabet: str, join: str, language: str) -> None:
    """Words that are all different, some of which are looked up as a whole and in parts."""
    chosen = random.Random(7)
    pieces = ["".join(chosen.choices(alphabet, k=1 + place % 9)) for place in range(60_000)]
    text = " ".join(join.join(pieces[place : place + 4]) for place in range(0, len(pieces), 4))
    body = text.encode()[: SEARCHED_BYTES * 3].decode(errors="ignore")
    run = bring(us, conversation(language=language, messages=[message("m1", "customer", 0, body)]))
    assert (run.created, run.rejected_total) == (1, 0)
    assert len(words(us)) > 1000


def test_facets_name_what_conversations_have(us: Actor) -> None:
    bring(us, conversation(), conversation("2002", topic="refund", language="", tags=["b2b", "vip"]))
    bring(us, conversation("2003", attributes={"plan": "pro", "a/b": 1}, channel=""))
    assert {kind: selectors.facets(us, kind) for kind in Facet.Kind.values} == {
        "source": ["helpdesk"],
        "channel": ["chat"],
        "language": ["en"],
        "topic": ["refund", "shipping"],
        "tag": ["b2b", "vip"],
        "attribute": ["a/b", "plan"],
    }
    assert Facet.objects.in_workspace(us.workspace_id).count() == 9


def test_facts_take_two_statements_however_many(us: Actor) -> None:
    bring(us, *[conversation(str(number)) for number in range(30)])
    ids = list(Conversation.objects.in_workspace(us.workspace_id).values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as captured:
        derive(conversation_ids=ids)
        derive(conversation_ids=[])
    assert len(captured) == 2
