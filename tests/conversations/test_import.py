"""The import of conversations: upserts, facts that do not move, conflicts, rejected rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Agent, Team, TeamMembership, Workspace, WorkspaceSettings
from common.errors import Refused
from conversations.models import Conversation, Customer, ImportIssue, ImportRun, Message, SurveyResponse
from conversations.services.imports import import_conversations
from conversations.services.runs import CHUNK_ROWS, close_interrupted
from conversations.streams import Row
from jobs.names import JobName
from jobs.registry import Work, handlers
from qa_reviews.models import Review
from tests.conversations.rows import bring, conversation, counts, message, reasons, rows, stored, survey
from tests.world import World


@pytest.fixture
def us(db: None) -> Actor:
    """An empty workspace of Berlin."""
    workspace = Workspace.objects.create(slug="berlin", name="Berlin", timezone="Europe/Berlin")
    WorkspaceSettings.objects.create(workspace=workspace)
    return Actor.system(workspace)


def reread(actor: Actor) -> Actor:
    """The same actor after a change of settings."""
    return Actor.system(Workspace.objects.select_related("settings").get(pk=actor.workspace_id))


def test_a_conversation_comes_in_whole(us: Actor) -> None:
    run = bring(us, conversation())
    assert counts(run) == {"created": 1}
    assert run.state == "done"
    found = stored(us)
    assert (found.subject, found.channel, found.tags) == ("Where is my parcel?", "chat", ["vip"])
    assert found.attributes == {"plan": "pro"}
    assert found.agent is not None
    assert found.team is not None
    assert found.customer is not None
    assert (found.agent.name, found.agent.kind, found.team.name) == ("Ana Silva", "human", "Chat EU")
    assert (found.customer.external_id, found.customer.account) == ("c-9", "ACME")
    assert found.closed_on == date(2026, 3, 2)
    assert found.most_active_agent_id == found.agent_id
    assert (found.message_count, found.first_response_seconds) == (2, 120.0)
    assert found.reported_first_response_seconds == 130.0
    assert (found.reported_handling_seconds, found.reported_resolution_seconds) == (900.0, 4200.0)
    asked, answered = Message.objects.filter(conversation=found).order_by("position")
    assert (asked.author_type, asked.text, asked.agent_id) == ("customer", "Hello", None)
    assert (answered.author_type, answered.text, answered.agent_id) == ("agent", "Hi Sam", found.agent_id)
    answer = SurveyResponse.objects.get(conversation=found)
    assert (answer.score, answer.agent_id, answer.team_id) == (Decimal(4), found.agent_id, found.team_id)
    assert (answer.responded_on, answer.closed_on) == (date(2026, 3, 3), date(2026, 3, 2))
    assert answer.is_latest


def test_only_three_fields_are_required(us: Actor) -> None:
    run = bring(us, {"source": "helpdesk", "external_id": "2001", "status": "open"})
    assert counts(run) == {"created": 1}
    assert stored(us).closed_on is None


def test_sending_again_changes_nothing(us: Actor) -> None:
    bring(us, conversation())
    before = Conversation.objects.values().get(workspace=us.workspace)
    assert counts(bring(us, conversation())) == {"unchanged": 1}
    assert Conversation.objects.values().get(workspace=us.workspace) == before


def test_another_content_updates(us: Actor) -> None:
    bring(us, conversation())
    before = stored(us)
    run = bring(us, conversation(subject="Found it", tags=[], customer=None))
    assert counts(run) == {"updated": 1}
    after = stored(us)
    assert (after.pk, after.subject, after.tags, after.customer) == (before.pk, "Found it", [], None)
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at


def test_messages_upsert_and_missing_ones_stay(us: Actor) -> None:
    bring(us, conversation())
    kept = Message.objects.get(external_id="m1", conversation=stored(us))
    Message.objects.filter(pk=kept.pk).update(text=kept.text)  # the table may now give it last
    changed = [message("m2", "agent", 2, "Hello Sam"), message("m3", "customer", 5, "Thanks")]
    bring(us, conversation(messages=changed))
    found = stored(us)
    texts = dict(Message.objects.filter(conversation=found).values_list("external_id", "text"))
    assert texts == {"m1": "Hello", "m2": "Hello Sam", "m3": "Thanks"}
    assert Message.objects.get(pk=kept.pk).text == "Hello"
    assert (found.message_count, found.first_response_seconds) == (3, 120.0)


def test_facts_of_messages_stay_when_a_row_brings_none(us: Actor) -> None:
    bring(us, conversation())
    bring(us, conversation(subject="Only the subject", messages=[], surveys=[]))
    found = stored(us)
    assert (found.message_count, found.first_response_seconds) == (2, 120.0)
    assert found.most_active_agent_id == found.agent_id
    assert SurveyResponse.objects.filter(conversation=found).count() == 1


def test_messages_without_ids_are_known_by_position(us: Actor) -> None:
    plain = [message("", "customer", 0, "Hello"), message("", "agent", 1, "Hi")]
    bring(us, conversation(messages=plain))
    bring(us, conversation(messages=[plain[0], plain[1] | {"body": "Hi there"}]))
    assert list(
        Message.objects.filter(conversation=stored(us)).order_by("position").values_list("key", "text")
    ) == [("#0", "Hello"), ("#1", "Hi there")]


def test_html_is_kept_plain_and_clean(us: Actor) -> None:
    body = '<p onclick="x()">Hi <b>Sam</b></p><script>alert(1)</script><img src="https://spy.example/a.gif">'
    bring(us, conversation(messages=[message("m1", "agent", 0, body, format="html")]))
    found = Message.objects.get(conversation=stored(us))
    assert found.text == "Hi Sam"
    assert found.html == "<p>Hi <b>Sam</b></p>"


def test_bots_system_notes_and_attachments(us: Actor) -> None:
    call = {"name": "Call", "url": "https://rec.example/1.mp3", "content_type": "audio/mpeg"}
    bring(
        us,
        conversation(
            messages=[
                message("1", "customer", 0, "Hello"),
                message("2", "bot", 0, "Beep", author={"type": "bot", "external_id": "b-1", "name": "Robo"}),
                message("3", "agent", 1, "ask Bo?", visibility="internal"),
                message("4", "system", 1, "Assigned"),
                message("5", "agent", 3, "Hi", attachments=[call]),
            ]
        ),
    )
    found = stored(us)
    assert found.first_response_seconds == 180.0  # neither the bot nor the note answered
    bot, note, hi = (
        Message.objects.select_related("agent").get(conversation=found, external_id=each) for each in "235"
    )
    assert bot.agent is not None
    assert (bot.agent.kind, bot.agent.name) == ("bot", "Robo")
    assert note.internal
    assert hi.attachments == [call]


def test_a_negative_time_is_kept_for_others_to_exclude(us: Actor) -> None:
    bring(us, conversation(messages=[message("1", "customer", 9, "?"), message("2", "agent", 4, "!")]))
    assert stored(us).first_response_seconds == -300.0


def test_local_dates_are_the_workspaces(us: Actor) -> None:
    late = "2026-03-02T23:30:00+00:00"  # 0:30 of the third in Berlin
    bring(us, conversation(closed_at=late, surveys=[survey(responded_at=late)]))
    assert stored(us).closed_on == date(2026, 3, 3)
    assert SurveyResponse.objects.get(conversation=stored(us)).responded_on == date(2026, 3, 3)


def test_history_does_not_move_with_the_zone(us: Actor) -> None:
    late = "2026-03-02T23:30:00+00:00"
    bring(us, conversation(closed_at=late, surveys=[survey(responded_at=late)]))
    Workspace.objects.filter(pk=us.workspace_id).update(timezone="UTC")
    us = reread(us)
    bring(us, conversation(closed_at=late, surveys=[survey(responded_at=late, score=2)], topic="other"))
    answer = SurveyResponse.objects.get(conversation=stored(us))
    assert (stored(us).topic, stored(us).closed_on) == ("other", date(2026, 3, 3))
    assert (answer.score, answer.responded_on, answer.closed_on) == (
        Decimal(2),
        date(2026, 3, 3),
        date(2026, 3, 3),
    )
    later = "2026-03-04T23:30:00+00:00"
    bring(us, conversation(closed_at=later, surveys=[survey(responded_at=later)]))
    answer = SurveyResponse.objects.get(conversation=stored(us))
    assert stored(us).closed_on == date(2026, 3, 4)
    assert (answer.responded_on, answer.closed_on) == (date(2026, 3, 4), date(2026, 3, 4))


def test_a_reopened_conversation_loses_its_date(us: Actor) -> None:
    bring(us, conversation())
    bring(us, conversation(status="open", closed_at=None))
    assert (stored(us).closed_at, stored(us).closed_on) == (None, None)
    assert SurveyResponse.objects.get(conversation=stored(us)).closed_on is None


def test_the_team_is_the_agents_on_the_closing_day(us: Actor) -> None:
    bring(us, conversation())
    moved = conversation("2002", closed_at="2026-03-09T09:00:00+00:00")
    moved["agent"] = {"external_id": "a-7", "team": "Phone US"}
    bring(us, moved)
    before = conversation("2003", closed_at="2026-03-05T09:00:00+00:00", agent={"external_id": "a-7"})
    after = conversation("2004", closed_at="2026-03-09T09:00:00+00:00", agent={"external_id": "a-7"})
    bring(us, before, after)
    teams = {each: getattr(stored(us, each).team, "name", None) for each in ("2001", "2002", "2003", "2004")}
    assert teams == {"2001": "Chat EU", "2002": "Phone US", "2003": "Chat EU", "2004": "Phone US"}


def test_a_moved_agent_moves_no_stored_team(us: Actor) -> None:
    bring(us, conversation(agent={"external_id": "a-7", "team": "Chat EU"}))
    phone = Team.objects.create(workspace=us.workspace, name="Phone US")
    TeamMembership.objects.filter(workspace=us.workspace).update(team=phone)
    bring(us, conversation(agent={"external_id": "a-7"}, topic="other"))
    assert getattr(stored(us).team, "name", None) == "Chat EU"


def test_another_agent_takes_his_team_and_the_answers_along(us: Actor) -> None:
    bring(us, conversation(), conversation("2002", agent={"external_id": "a-8", "team": "Phone US"}))
    bring(us, conversation(agent={"external_id": "a-8"}))
    found, answer = stored(us), SurveyResponse.objects.get(conversation=stored(us))
    assert getattr(found.agent, "external_id", None) == "a-8"
    assert getattr(found.team, "name", None) == "Phone US"
    assert (answer.agent_id, answer.team_id) == (found.agent_id, found.team_id)


def test_answers_may_count_for_the_most_active(us: Actor) -> None:
    WorkspaceSettings.objects.filter(workspace=us.workspace).update(csat_agent="most_active")
    us = reread(us)
    bo = message("m3", "agent", 5, "Hello", author={"type": "agent", "external_id": "a-8", "name": "Bo"})
    bring(us, conversation("2002", agent={"external_id": "a-8", "team": "Phone US"}))
    bring(
        us,
        conversation(messages=[message("m2", "agent", 2, "Hi"), bo, bo | {"external_id": "m4"}]),
    )
    found, answer = stored(us), SurveyResponse.objects.select_related("team").get(conversation=stored(us))
    assert getattr(found.most_active_agent, "external_id", None) == "a-8"
    assert answer.agent_id == found.most_active_agent_id != found.agent_id
    assert answer.team is not None
    assert answer.team.name == "Phone US"


def test_a_changed_rule_moves_no_stored_answer(us: Actor) -> None:
    bo = message("m3", "agent", 5, "Hello", author={"type": "agent", "external_id": "a-8"})
    both = [message("m1", "agent", 1, "Hi"), bo, bo | {"external_id": "m4"}]
    bring(us, conversation(messages=both))
    WorkspaceSettings.objects.filter(workspace=us.workspace).update(csat_agent="most_active")
    bring(reread(us), conversation(messages=both, topic="other"))
    assert SurveyResponse.objects.get(conversation=stored(us)).agent_id == stored(us).agent_id


def test_an_absent_kind_does_not_make_a_bot_human(us: Actor) -> None:
    bring(us, conversation(agent={"external_id": "a-7", "kind": "bot"}))
    bring(us, conversation(agent={"external_id": "a-7", "name": ""}, topic="other"))
    assert Agent.objects.get(workspace=us.workspace).kind == "bot"


def test_empty_names_overwrite_nothing(us: Actor) -> None:
    bring(us, conversation())
    bring(us, conversation(customer={"external_id": "c-9"}, agent={"external_id": "a-7"}))
    assert Agent.objects.get(workspace=us.workspace).name == "Ana Silva"
    customer = Customer.objects.get(workspace=us.workspace)
    assert (customer.email, customer.account) == ("sam@example.com", "ACME")


def test_an_erased_customer_stays_empty(us: Actor) -> None:
    bring(us, conversation())
    Customer.objects.filter(workspace=us.workspace).update(email="", account="", erased_at=timezone.now())
    bring(us, conversation("2002"))
    customer = Customer.objects.get(workspace=us.workspace)
    assert (customer.email, customer.account) == ("", "")
    assert stored(us, "2002").customer_id == customer.pk


def test_two_sources_may_use_one_id(us: Actor) -> None:
    run = bring(us, conversation(), conversation(source="chats", agent={"external_id": "a-7"}))
    assert counts(run) == {"created": 2}
    assert Agent.objects.filter(workspace=us.workspace, external_id="a-7").count() == 2


def test_the_same_row_twice_is_unchanged(us: Actor) -> None:
    assert counts(bring(us, conversation(), conversation())) == {"created": 1, "unchanged": 1}


def test_the_same_key_with_other_content_is_a_conflict(us: Actor) -> None:
    run = bring(us, conversation(), conversation("2002"), conversation(subject="Other"))
    assert counts(run) == {"created": 2, "rejected": 1, "conflicts": 1}
    assert stored(us).subject == "Where is my parcel?"
    assert reasons(run) == [(3, "/external_id", "duplicate")]
    conflict = run.issues.get(kind="conflict")
    assert (conflict.row, conflict.first_row, conflict.external_id) == (3, 1, "2001")


def test_a_conflict_is_seen_across_chunks(us: Actor) -> None:
    many = [{"source": "x", "external_id": str(n), "status": "open"} for n in range(CHUNK_ROWS + 3)]
    run = bring(us, *many, many[0] | {"subject": "Other"}, many[1])
    assert counts(run) == {"created": CHUNK_ROWS + 3, "unchanged": 1, "rejected": 1, "conflicts": 1}


def test_rejected_rows_are_kept_and_stop_nobody(us: Actor) -> None:
    bad = conversation("2002", surveys=[survey(score=9)])
    run = bring(us, conversation(), bad, conversation("2003"))
    assert counts(run) == {"created": 2, "rejected": 1}
    issue = run.issues.get()
    assert (issue.row, issue.external_id) == (2, "2002")
    assert issue.errors[0] == {
        "pointer": "/surveys/0/score",
        "code": "out_of_scale",
        "detail": "9 is off the scale 1 to 5.",
    }
    assert '"external_id": "2002"' in issue.raw
    assert not Conversation.objects.filter(external_id="2002", workspace=us.workspace).exists()


def test_the_database_rejects_only_the_guilty_row(us: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table conversations_message add check (text <> 'cursed')")
    many = [conversation(str(n), surveys=[]) for n in range(8)]
    many[5]["messages"] = [message("m1", "agent", 0, "cursed")]
    run = bring(us, *many)
    assert counts(run) == {"created": 7, "rejected": 1}
    assert reasons(run) == [(6, "", "refused")]
    assert Message.objects.filter(workspace=us.workspace).count() == 14
    assert not Conversation.objects.filter(external_id="5", workspace=us.workspace).exists()


def test_a_cut_stream_keeps_what_was_committed_and_is_finished_by_sending_again(us: Actor) -> None:
    payloads = [conversation(str(n), messages=[], surveys=[]) for n in range(CHUNK_ROWS + 5)]

    def cut() -> Iterator[Row]:
        yield from rows(payloads[: CHUNK_ROWS + 2])
        raise ConnectionError

    with pytest.raises(ConnectionError):
        import_conversations(actor=us, rows=cut(), origin="test")
    run = ImportRun.objects.get()
    assert (run.state, run.created) == ("interrupted", CHUNK_ROWS)
    assert run.finished_at is not None
    assert counts(bring(us, *payloads)) == {"created": 5, "unchanged": CHUNK_ROWS}


def test_a_silent_run_is_closed_by_the_clock(us: Actor) -> None:
    for minutes in (9, 11):
        run = ImportRun.objects.create(workspace=us.workspace, kind="conversations", origin=str(minutes))
        ImportRun.objects.filter(pk=run.pk).update(alive_at=timezone.now() - timedelta(minutes=minutes))
    handlers[JobName.CLOSE_INTERRUPTED_IMPORTS](Work(1, {}, {}))
    assert dict(ImportRun.objects.values_list("origin", "state")) == {"9": "running", "11": "interrupted"}
    assert close_interrupted() == 0


def test_a_stub_is_filled(us: Actor) -> None:
    stub = Conversation.objects.create(
        workspace=us.workspace, source="helpdesk", external_id="2001", status="open", is_stub=True
    )
    assert counts(bring(us, conversation())) == {"updated": 1}
    found = stored(us)
    assert (found.pk, found.is_stub, found.subject) == (stub.pk, False, "Where is my parcel?")
    assert getattr(found.team, "name", None) == "Chat EU"


def test_reviews_keep_their_own_facts(world: World) -> None:
    place = world["ours"]
    before = Review.objects.values().get(pk=place.rows["review"].pk)
    bring(place.system, conversation("1001", closed_at="2026-04-01T10:00:00+00:00"))
    assert stored(place.system, "1001").closed_on == date(2026, 4, 1)
    assert Review.objects.values().get(pk=place.rows["review"].pk) == before


def test_the_neighbour_is_not_touched(world: World) -> None:
    before = list(Conversation.objects.filter(workspace=world["theirs"].workspace).values())
    bring(world["ours"].system, conversation("1001"))
    assert list(Conversation.objects.filter(workspace=world["theirs"].workspace).values()) == before


def test_a_chunk_takes_a_handful_of_statements_whatever_its_size(us: Actor) -> None:
    bring(us, conversation("0"))

    def statements(*payloads: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            bring(us, *payloads)
        return len(captured)

    few = statements(conversation("1"))
    assert statements(*[conversation(str(n)) for n in range(2, 90)]) == few
    assert few <= 30


def test_the_newest_answer_of_a_kind_is_the_latest(us: Actor) -> None:
    surveys = [
        survey("new", 2, responded_at="2026-03-05T10:00:00+00:00"),
        survey("old", 5, responded_at="2026-03-03T10:00:00+00:00"),
        survey("asked", None, responded_at=None, asked_at="2026-03-09T10:00:00+00:00"),
        survey("nps", 9, kind="nps", scale_min=0, scale_max=10),
    ]
    bring(us, conversation(surveys=surveys))
    latest = SurveyResponse.objects.filter(is_latest=True, workspace=us.workspace)
    assert set(latest.values_list("external_id", flat=True)) == {"new", "nps"}
    late = survey("late", 1, responded_at="2026-03-06T10:00:00+00:00")
    bring(us, conversation(surveys=[late]))
    assert set(latest.values_list("external_id", flat=True)) == {"late", "nps"}


def test_deleted_texts_do_not_come_back(us: Actor) -> None:
    bring(us, conversation())
    Conversation.objects.update(text_deleted_at=datetime(2026, 4, 1, tzinfo=UTC), fingerprint="")
    run = bring(us, conversation(subject="Again"))
    assert reasons(run) == [(1, "", "text_deleted")]
    assert ImportIssue.objects.get(run=run).raw == ""


def test_who_may_not_import_is_told_so(world: World) -> None:
    with pytest.raises(Refused):
        bring(world["ours"].actor("lead"), conversation())
    assert not ImportRun.objects.filter(origin="test").exists()
