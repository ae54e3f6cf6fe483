"""Agents who turn out to be one person: their facts follow, and go back; ledgers and teams stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import merging as registry
from accounts.models import Agent, AgentMerge, AuditEvent, Member, MergedRows, TeamMembership
from accounts.selectors.merges import Count, candidates, merge_preview
from accounts.services import merging
from accounts.services.agents import update_agent
from accounts.services.seen import AgentSeen, ensure_people
from accounts.tasks import follow_merges, follow_merges_of
from coaching.models import Assignment
from common.errors import Conflict, Missing, Refused
from conversations.models import Conversation, Message, SurveyResponse
from jobs.models import Job
from jobs.registry import Work
from qa_reviews.models import Dispute, QueueItem, Review, Stratum, Suggestion
from tests.world import ApiClient, Place, World, add_talk, copied

Api = Callable[..., ApiClient]


@pytest.fixture
def ours(world: World) -> Place:
    """Bo has coaching for another week and no member; Ana everything of the world."""
    place = world["ours"]
    add_talk(place)
    Assignment.objects.filter(pk=place.rows["proposed"].pk).update(period_start=date(2026, 2, 2))
    Member.objects.filter(agent=place.rows["other_agent"]).update(agent=None)
    return place


def add_agent(place: Place, external_id: str, **said: Any) -> Agent:
    return Agent.objects.create(workspace=place.workspace, source="chat", external_id=external_id, **said)


def merge(place: Place, merged: str = "agent", into: str = "other_agent") -> AgentMerge:
    rows = place.rows
    return merging.merge_agent(actor=place.actor("manager"), agent_id=rows[merged].pk, into_id=rows[into].pk)


def unmerge(place: Place, agent: str = "agent") -> merging.Undone:
    return merging.unmerge_agent(actor=place.actor("manager"), agent_id=place.rows[agent].pk)


def picture() -> dict[str, list[tuple[int, int | None]]]:
    """Whom every row of the followed columns points to."""
    return {
        column.column: list(column.table._base_manager.order_by("pk").values_list("pk", f"{column.name}_id"))
        for column in registry.followed()
    }


# --- the registry -----------------------------------------------------------------------------------------


def test_every_column_that_points_to_an_agent_is_classed() -> None:
    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is Agent
    }
    moving, staying = {one.column for one in registry.followed()}, registry.staying()
    assert columns == moving | set(staying)
    assert moving & set(staying) == set()
    assert all(len(why) > 20 for why in staying.values())


def test_every_column_counts_its_rows_in_words() -> None:
    for column in registry.followed():
        assert column.count(1).startswith("1 ")
        assert column.count(1) != column.count(2).replace("2", "1")


@pytest.mark.parametrize(("days", "left"), [(0, 30), (0.5, 30), (29, 1), (29.9, 1), (30, 0), (31, 0)])
def test_how_long_it_can_be_undone(days: float, left: int) -> None:
    now = timezone.now()
    assert registry.days_left(now - timedelta(days=days), now) == left


# --- merging ----------------------------------------------------------------------------------------------


def test_facts_follow_and_ledgers_and_teams_stay(ours: Place) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    Dispute.objects.filter(pk=ours.rows["dispute"].pk).update(proposed_agent=ana)
    before = picture()
    ledger = [list(m.objects.order_by("pk").values()) for m in (Stratum, QueueItem, TeamMembership)]
    found = merge(ours)
    ana.refresh_from_db()
    assert (ana.merged_into, found.into, found.merged) == (bo, bo, ana)
    for column, rows in picture().items():
        assert all(agent != ana.pk for _, agent in rows) or column == "accounts.Agent.merged_into"
        assert [pk for pk, _ in rows] == [pk for pk, _ in before[column]]
    assert [list(m.objects.order_by("pk").values()) for m in (Stratum, QueueItem, TeamMembership)] == ledger
    assert ours.people["agent"].__class__.objects.get(pk=ours.people["agent"].pk).agent == bo
    event = AuditEvent.objects.get(action="agent.merged")
    assert event.subject_id == ana.pk
    assert event.changes["into"] == bo.pk
    assert event.changes["moved"]["qa_reviews.Review.agent"] == 3
    assert event.changes["moved"]["conversations.Message.agent"] == 1


def test_the_neighbours_rows_stay(world: World, ours: Place) -> None:
    theirs = Review.objects.filter(workspace=world["theirs"].workspace).values_list("pk", "agent")
    before = list(theirs)
    merge(ours)
    assert list(theirs) == before


def test_what_moved_is_changed_for_those_who_follow_changes(ours: Place) -> None:
    review = ours.rows["review"]
    Review.objects.filter(pk=review.pk).update(updated_at=review.updated_at - timedelta(days=3))
    merge(ours)
    assert Review.objects.get(pk=review.pk).updated_at > timezone.now() - timedelta(minutes=5)


def test_undoing_gives_back_exactly_what_moved(ours: Place) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    before = picture()
    merge(ours)
    late = copied(ours.rows["unreviewed"], external_id="2001", agent=bo, most_active_agent=None)
    undone = unmerge(ours)
    after = picture()
    assert after["conversations.Conversation.agent"][-1] == (late.pk, bo.pk)
    for column, rows in before.items():
        assert [row for row in after[column] if row[0] != late.pk or "Conversation" not in column] == rows
    assert Count("conversations.Conversation.agent", 1) in undone.stayed
    assert Count("qa_reviews.Review.agent", 3) in undone.returned
    assert undone.merge.undone_by == ours.people["manager"]
    ana.refresh_from_db()
    assert ana.merged_into is None
    event = AuditEvent.objects.get(action="agent.unmerged")
    assert event.changes["stayed"] == {"conversations.Conversation.agent": 1}


def test_what_came_for_a_key_without_any_rows_is_counted_too(ours: Place) -> None:
    ours.rows["bare"] = add_agent(ours, "c-9")
    merge(ours, "bare", "other_agent")
    copied(ours.rows["unreviewed"], external_id="2001", agent=ours.rows["other_agent"])
    assert Count("conversations.Conversation.agent", 1) in unmerge(ours, "bare").stayed


def test_what_somebody_gave_to_a_third_stays_there(ours: Place) -> None:
    third = add_agent(ours, "c-3")
    merge(ours)
    Conversation.objects.filter(pk=ours.rows["unreviewed"].pk).update(agent=third)
    undone = unmerge(ours)
    assert Conversation.objects.get(pk=ours.rows["unreviewed"].pk).agent == third
    assert Count("conversations.Conversation.agent", 2) in undone.returned  # of three


def test_a_second_merge_after_undoing_is_a_merge_of_its_own(ours: Place) -> None:
    before = picture()
    merge(ours)
    unmerge(ours)
    merge(ours)
    assert AgentMerge.objects.filter(merged=ours.rows["agent"]).count() == 2
    unmerge(ours)
    assert picture() == before


def test_merging_into_a_merged_agent_goes_to_the_end(ours: Place) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    end = add_agent(ours, "c-3")
    merging.merge_agent(actor=ours.actor("manager"), agent_id=bo.pk, into_id=end.pk)
    found = merge(ours)
    assert found.into == end
    ana.refresh_from_db()
    assert ana.merged_into == end


def test_who_was_merged_before_goes_along_and_comes_back(ours: Place) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    end = add_agent(ours, "c-3")
    merge(ours)
    between = picture()
    merging.merge_agent(actor=ours.actor("manager"), agent_id=bo.pk, into_id=end.pk)
    ana.refresh_from_db()
    assert ana.merged_into == end  # no chain
    assert Review.objects.get(pk=ours.rows["review"].pk).agent == end
    unmerge(ours, "other_agent")
    assert picture() == between


def test_the_first_of_two_merges_can_be_undone_while_the_second_stands(ours: Place) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    before = picture()
    merge(ours)
    merging.merge_agent(actor=ours.actor("manager"), agent_id=bo.pk, into_id=add_agent(ours, "c-3").pk)
    unmerge(ours)
    ana.refresh_from_db()
    assert ana.merged_into is None
    assert Review.objects.get(pk=ours.rows["review"].pk).agent == ana
    unmerge(ours, "other_agent")
    after = picture()
    assert {name: after[name] for name in before if name != "accounts.Agent.merged_into"} == {
        name: rows for name, rows in before.items() if name != "accounts.Agent.merged_into"
    }


# --- what forbids it --------------------------------------------------------------------------------------


def refusal(place: Place, merged: Agent, into: Agent) -> Conflict:
    before, merges = picture(), AgentMerge.objects.count()
    with pytest.raises(Conflict) as found:
        merging.merge_agent(actor=place.actor("manager"), agent_id=merged.pk, into_id=into.pk)
    assert picture() == before
    assert AgentMerge.objects.count() == merges
    shown = merge_preview(place.actor("manager"), merged.pk, into.pk)
    assert tuple(shown.reasons) == found.value.errors
    return found.value


def test_nobody_goes_into_himself_nor_back_and_forth_nor_twice(ours: Place) -> None:
    ana, bo = ours.rows["agent"], ours.rows["other_agent"]
    third = add_agent(ours, "c-3")
    assert refusal(ours, ana, ana).code == "same"
    merge(ours)
    assert refusal(ours, bo, ana).code == "same"
    assert refusal(ours, Agent.objects.get(pk=ana.pk), third).code == "merged"


def test_a_bot_is_no_person(ours: Place) -> None:
    assert refusal(ours, ours.rows["agent"], add_agent(ours, "bot", kind="bot")).code == "kinds_differ"


def test_two_log_ins_are_refused_by_name(ours: Place) -> None:
    Member.objects.filter(pk=ours.people["other_agent"].pk).update(agent=ours.rows["other_agent"])
    found = refusal(ours, ours.rows["agent"], ours.rows["other_agent"])
    assert found.code == "clash"
    assert "Unlink Agent from Ana Silva" in found.detail


def test_two_reviews_of_one_conversation_are_refused_by_name(ours: Place) -> None:
    review = copied(ours.rows["review"], agent=ours.rows["other_agent"])
    review.queue_item = review.stratum = None
    review.selection = "manual"
    review.save()
    found = refusal(ours, ours.rows["agent"], ours.rows["other_agent"])
    assert "Reviewer reviewed both in conversation 1001" in found.detail
    assert f"Retract review {ours.rows['review'].pk}" in found.detail
    Review.objects.filter(pk=review.pk).update(state="retracted")
    merge(ours)
    assert Review.objects.get(pk=ours.rows["review"].pk).agent == ours.rows["other_agent"]


def test_coaching_of_both_is_refused_until_one_is_dismissed(ours: Place) -> None:
    assignment = ours.rows["assignment"]
    theirs = copied(assignment, agent=ours.rows["other_agent"], period_start=date(2025, 1, 6))
    Assignment.objects.filter(pk=assignment.pk).update(period_start=theirs.period_start)
    found = refusal(ours, ours.rows["agent"], ours.rows["other_agent"])
    assert "“IQS below 80” for the period of 2025-01-06" in found.detail
    Assignment.objects.filter(pk=assignment.pk).update(state="dismissed")
    merge(ours)
    assert Assignment.objects.get(pk=assignment.pk).agent == ours.rows["agent"]  # it stays behind
    unmerge(ours)
    assert Assignment.objects.get(pk=theirs.pk).agent == ours.rows["other_agent"]


def test_events_of_other_conversations_do_not_clash(ours: Place) -> None:
    """An event's key has the conversation; without one, two empty ones are equal."""
    rows = ours.rows
    Assignment.objects.filter(pk=rows["proposed"].pk).update(
        period_start=rows["assignment"].period_start, conversation=rows["unreviewed"]
    )
    merge(ours)
    assert Assignment.objects.filter(agent=rows["other_agent"]).count() == 2


def test_a_suggestion_for_both_leaves_each_his_own(ours: Place) -> None:
    rows = ours.rows
    said = {
        "workspace": ours.workspace,
        "conversation": rows["conversation"],
        "scorecard": rows["scorecard"],
        "source": "scorer",
    }
    both = [
        Suggestion.objects.create(**said, agent=rows[who], category="tone")
        for who in ("agent", "other_agent")
    ]
    one = Suggestion.objects.create(**said, agent=rows["agent"], category="solution")
    merge(ours)
    assert [
        row.agent_id for row in Suggestion.objects.filter(pk__in=[row.pk for row in both]).order_by("pk")
    ] == [
        rows["agent"].pk,
        rows["other_agent"].pk,
    ]
    assert Suggestion.objects.get(pk=one.pk).agent == rows["other_agent"]


def test_who_may_not_or_cannot_see(world: World, ours: Place) -> None:
    ana, theirs = ours.rows["agent"], world["theirs"].rows["agent"]
    with pytest.raises(Refused):
        merging.merge_agent(actor=ours.actor("lead"), agent_id=ana.pk, into_id=ours.rows["other_agent"].pk)
    for pair in ((ana.pk, theirs.pk), (theirs.pk, ana.pk), (ana.pk, 0)):
        with pytest.raises(Missing):
            merging.merge_agent(actor=ours.actor("manager"), agent_id=pair[0], into_id=pair[1])
    with pytest.raises(Missing):
        merging.unmerge_agent(actor=ours.actor("manager"), agent_id=theirs.pk)
    with pytest.raises(Refused):
        merging.unmerge_agent(actor=ours.actor("lead"), agent_id=ana.pk)


def test_undoing_ends_after_thirty_days(ours: Place) -> None:
    with pytest.raises(Conflict, match="not merged"):
        unmerge(ours)
    merge(ours)
    with (
        time_machine.travel(timezone.now() + timedelta(days=30, seconds=1), tick=False),
        pytest.raises(Conflict, match="could be undone until"),
    ):
        unmerge(ours)
    with time_machine.travel(timezone.now() + timedelta(days=29, hours=23), tick=False):
        assert merging.forget_moved() == 0
        unmerge(ours)


def test_what_can_no_longer_be_undone_is_forgotten(ours: Place) -> None:
    merge(ours)
    assert MergedRows.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert merging.forget_moved() > 0
    assert not MergedRows.objects.exists()
    assert AgentMerge.objects.count() == 1


# --- afterwards -------------------------------------------------------------------------------------------


def test_a_merged_agent_is_not_changed_by_itself(ours: Place) -> None:
    merge(ours)
    with pytest.raises(Conflict, match="merged into Bo Lind"):
        update_agent(actor=ours.actor("manager"), agent_id=ours.rows["agent"].pk, changes={"name": "Anna"})


def test_rows_that_come_late_follow_and_can_go_back(ours: Place) -> None:
    merge(ours)
    late = copied(ours.rows["message"], key="late", author_type="agent", agent=ours.rows["agent"])
    assert merging.follow_merges(workspace_id=ours.workspace.pk) == 1
    assert Message.objects.get(pk=late.pk).agent == ours.rows["other_agent"]
    assert merging.follow_merges(workspace_id=ours.workspace.pk) == 0
    unmerge(ours)
    assert Message.objects.get(pk=late.pk).agent == ours.rows["agent"]


def test_every_hour_one_job_a_workspace_looks_for_late_rows(ours: Place) -> None:
    follow_merges(Work(1, {}, {}))
    assert not Job.objects.filter(name="accounts.follow_merges_of").exists()
    merge(ours)
    late = copied(ours.rows["message"], key="late", author_type="agent", agent=ours.rows["agent"])
    follow_merges(Work(1, {}, {}))
    job = Job.objects.get(name="accounts.follow_merges_of")
    follow_merges_of(Work(job.pk, job.args, {}))
    assert Message.objects.get(pk=late.pk).agent == ours.rows["other_agent"]


def test_an_import_of_the_old_key_lands_on_who_stayed(ours: Place) -> None:
    merge(ours)
    people = ensure_people(workspace_id=ours.workspace.pk, agents=[AgentSeen("helpdesk", "a-7", "Ana Silva")])
    assert people.agents["helpdesk", "a-7"] == ours.rows["other_agent"].pk


def test_namesakes_are_proposed(ours: Place) -> None:
    actor, ana = ours.actor("manager"), ours.rows["agent"]
    twin = add_agent(ours, "c-1", name="ANA silva")
    add_agent(ours, "c-2", name="Ana Silva", kind="bot")
    mail = add_agent(ours, "c-4", name="A. S.", email="Ana@Example.com")
    nameless = add_agent(ours, "c-5")
    Agent.objects.filter(pk=ana.pk).update(email="ana@example.com")
    ana.refresh_from_db()
    assert list(candidates(actor, ana)) == [mail, twin]
    assert list(candidates(actor, nameless)) == []
    assert list(candidates(actor, ana, "bo")) == [ours.rows["other_agent"]]


def test_the_preview_says_what_would_move(ours: Place) -> None:
    found = merge_preview(ours.actor("manager"), ours.rows["agent"].pk, ours.rows["other_agent"].pk)
    assert found.reasons == []
    assert {"3 conversations", "3 reviews", "1 message", "1 survey answer", "1 linked person"} <= set(
        found.moves
    )


def test_statements_do_not_grow_with_the_rows(ours: Place) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            merge(ours)
            unmerge(ours)
        return len(queries)

    few = asked()
    SurveyResponse.objects.filter(pk=ours.rows["survey"].pk).update(agent=ours.rows["agent"])
    for number in range(200):
        copied(ours.rows["message"], key=f"k{number}", agent=ours.rows["agent"])
    assert asked() == few


# --- over the API -----------------------------------------------------------------------------------------


def test_merging_and_undoing_over_the_api(ours: Place, api: Api) -> None:
    manager, ana, bo = api("manager"), ours.rows["agent"], ours.rows["other_agent"]
    made = manager.post(f"agents/{ana.pk}/merge", {"into": {"external_id": "a-8"}})
    assert made.status_code == 200, made.json()
    body = made.json()
    assert body["into"]["name"] == "Bo Lind"
    assert body["made_by"]["name"] == "Manager"
    assert {"column": "qa_reviews.Review.agent", "rows": 3} in body["moved"]
    assert manager.get(f"agents/{bo.pk}/merges").json()["results"] == [body]
    shown = manager.get(f"agents/{ana.pk}/").json()
    assert shown["merged_into"]["id"] == bo.pk
    assert shown["authorized_actions"] == ["unmerge"]
    assert [row["id"] for row in manager.get("agents/").json()["results"]] == [bo.pk]
    assert manager.patch(f"agents/{ana.pk}/", {"name": "Anna"}).json()["type"].endswith("merged")
    undone = manager.post(f"agents/{ana.pk}/unmerge").json()
    assert {"column": "qa_reviews.Review.agent", "rows": 3} in undone["returned"]
    assert undone["merge"]["undone_by"]["name"] == "Manager"
    assert len(manager.get("agents/").json()["results"]) == 2
    again = manager.post(f"agents/{ana.pk}/unmerge")
    assert (again.status_code, again.json()["type"]) == (409, "urn:plumbline:not_merged")


def test_a_clash_over_the_api_is_a_409_with_every_reason(ours: Place, api: Api) -> None:
    Member.objects.filter(pk=ours.people["other_agent"].pk).update(agent=ours.rows["other_agent"])
    said = api("manager").post(f"agents/{ours.rows['agent'].pk}/merge", {"into": ours.rows["other_agent"].pk})
    assert said.status_code == 409
    assert said.json()["errors"][0]["pointer"] == "/into"
    assert said.json()["errors"][0]["code"] == "clash"


def test_the_old_key_names_who_stayed(ours: Place, api: Api) -> None:
    merge(ours)
    manager, bo = api("manager"), ours.rows["other_agent"]
    by_old = manager.get("reviews/?agent=external:a-7").json()["results"]
    assert by_old == manager.get(f"reviews/?agent={bo.pk}").json()["results"] != []
    assert manager.get(f"reviews/?agent={ours.rows['agent'].pk}").json()["results"] == by_old
    assert manager.get("agents/?q=a-7").json()["results"][0]["id"] == bo.pk
    said = manager.post(
        "reviews/",
        {
            "conversation": ours.rows["unreviewed"].pk,
            "agent": {"external_id": "a-7"},
            "scorecard": ours.rows["scorecard"].pk,
        },
    )
    assert said.json()["agent"]["id"] == bo.pk, said.json()


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("agents/?q=%00", "/q"),
        ("agents/?source=a%00", "/source"),
        ("reviews/?agent=external:a%00", "/agent"),
        ("absences/?member=external:%00", "/member"),
    ],
)
def test_what_no_database_takes_is_refused(ours: Place, api: Api, path: str, pointer: str) -> None:
    refused = api("manager").get(path)
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, "invalid_text")]


def test_who_follows_changes_learns_of_a_merge(ours: Place, api: Api) -> None:
    since = (timezone.now() - timedelta(minutes=1)).isoformat()
    merge(ours)
    Agent.objects.update(updated_at=timezone.now() - timedelta(seconds=20))
    rows = api("manager").get("agents/", {"updated_since": since}).json()["results"]
    assert {row["external_id"]: (row["merged_into"] or {}).get("id") for row in rows} == {
        "a-7": ours.rows["other_agent"].pk,
        "a-8": None,
    }
