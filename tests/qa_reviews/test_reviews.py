"""Reviews as services: who may open one, what is written at submission, and what comes after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.access import Role
from accounts.models import AuditEvent, TeamMembership, WorkspaceSettings
from common.errors import Conflict, Invalid, Missing, Refused, Stale
from common.etags import etag
from common.refs import Ref
from qa_reviews.judgement import Choice, Judgement, Passage
from qa_reviews.models import Evidence, Grading, QueueItem, Rating, Review
from qa_reviews.services import drafts, opening
from qa_reviews.services import reviews as services
from qa_reviews.services.opening import NewReview
from scorecards.models import ScorecardVersion
from tests.world import DEFINITION, Place, World, add_person

GOOD = Judgement((Choice("solution", "3"), Choice("tone", "great")), "Good pace")


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def by_hand(place: Place, **fields: Any) -> NewReview:
    new = NewReview(conversation=Ref(external_id="1002"), scorecard=Ref(id=place.rows["scorecard"].pk))
    return replace(new, **fields)


def open_by_hand(place: Place, person: str = "manager", judgement: Judgement = GOOD, **fields: Any) -> Review:
    return opening.create_review(actor=place.actor(person), new=by_hand(place, **fields), judgement=judgement)


def set_rule(place: Place, **values: Any) -> None:
    WorkspaceSettings.objects.filter(workspace=place.workspace).update(**values)


def submitted(place: Place, person: str = "manager", judgement: Judgement = GOOD) -> Review:
    draft = open_by_hand(place, person, judgement)
    return drafts.submit(actor=place.actor(person), review_id=draft.pk)


# --- opening --------------------------------------------------------------------------------------------


def test_a_draft_by_hand_pins_facts_as_they_were(ours: Place) -> None:
    review = open_by_hand(ours)
    assert (review.state, review.kind, review.selection) == ("draft", "standard", "manual")
    assert review.agent == ours.rows["agent"]
    assert review.team_id == ours.rows["team"].pk
    assert review.version == ours.rows["version"]
    assert review.closed_on == date(2026, 3, 3)
    assert review.score is None


def test_the_newest_published_version_is_pinned_and_stays(ours: Place) -> None:
    scorecard, first = ours.rows["scorecard"], ours.rows["version"]
    old = open_by_hand(ours)
    for number, state in ((2, "published"), (3, "draft")):
        ScorecardVersion.objects.create(
            workspace=ours.workspace,
            scorecard=scorecard,
            number=number,
            state=state,
            definition=first.definition,
            published_at=None if state == "draft" else datetime(2026, 3, 4, tzinfo=UTC),
        )
    new = open_by_hand(ours, "lead")
    assert new.version.number == 2
    drafts.submit(actor=ours.actor("manager"), review_id=old.pk)
    assert Grading.objects.get(review=old).version.number == 1


def test_a_scorecard_without_published_version_is_refused(ours: Place) -> None:
    ScorecardVersion.objects.filter(pk=ours.rows["version"].pk).update(
        state="archived", archived_at=datetime(2026, 3, 4, tzinfo=UTC)
    )
    with pytest.raises(Invalid) as refusal:
        open_by_hand(ours)
    assert refusal.value.errors[0].code == "not_published"


def test_one_standard_review_per_conversation_agent_and_reviewer(ours: Place) -> None:
    first = open_by_hand(ours)
    with pytest.raises(Conflict) as refusal:
        open_by_hand(ours)
    assert refusal.value.code == "already_reviewed"
    drafts.submit(actor=ours.actor("manager"), review_id=first.pk)
    services.retract(actor=ours.actor("manager"), review_id=first.pk, reason="Wrong form")
    assert open_by_hand(ours).pk != first.pk


def test_the_reviewee_follows_the_rule_of_the_workspace(ours: Place) -> None:
    conversation, other = ours.rows["unreviewed"], ours.rows["other_agent"]
    conversation.most_active_agent = other
    conversation.save()
    set_rule(ours, reviewee="most_active")
    review = open_by_hand(ours)
    assert review.agent == other
    assert review.team_id == ours.rows["other_team"].pk  # the agent's own on the closing day


def test_the_team_is_the_one_of_the_closing_day(ours: Place) -> None:
    other, late = ours.rows["other_agent"], date(2026, 3, 4)
    TeamMembership.objects.filter(agent=other).update(ends_on=late)
    TeamMembership.objects.create(
        workspace=ours.workspace, agent=other, team=ours.rows["team"], starts_on=late
    )
    review = open_by_hand(ours, agent=Ref(id=other.pk))
    assert review.team_id == ours.rows["other_team"].pk


def test_reviewers_pick_only_where_the_setting_lets_them(ours: Place) -> None:
    set_rule(ours, reviewers_pick=False)
    with pytest.raises(Refused) as refusal:
        open_by_hand(ours, "reviewer")
    assert refusal.value.code == "reviewers_pick"
    assert open_by_hand(ours, "lead").state == "draft"


def test_a_lead_picks_within_his_teams(ours: Place) -> None:
    with pytest.raises(Invalid):  # the conversation itself is invisible to him
        open_by_hand(ours, "other_lead")
    with pytest.raises(Refused) as refusal:  # visible, but of an agent of another team
        open_by_hand(ours, "lead", agent=Ref(id=_agent_seen_elsewhere(ours)))
    assert refusal.value.code == "scope"


def _agent_seen_elsewhere(place: Place) -> int:
    """An agent who is in the lead's team now, and was in another when the conversation closed."""
    other, since = place.rows["other_agent"], date(2026, 3, 20)
    TeamMembership.objects.filter(agent=other).update(ends_on=since)
    TeamMembership.objects.create(
        workspace=place.workspace, agent=other, team=place.rows["team"], starts_on=since
    )
    return int(other.pk)


def test_nobody_grades_himself_except_in_a_self_review(ours: Place) -> None:
    member = ours.people["reviewer"]
    agent = ours.rows["agent"]
    ours.people["agent"].agent = None
    ours.people["agent"].save()
    member.agent = agent
    member.save()
    with pytest.raises(Refused) as refusal:
        open_by_hand(ours, "reviewer")
    assert refusal.value.code == "yourself"
    with pytest.raises(Refused) as refusal:
        open_by_hand(ours, "reviewer", kind="self")
    assert refusal.value.code == "self_reviews_off"
    set_rule(ours, self_reviews=True)
    review = open_by_hand(ours, "reviewer", kind="self")
    assert review.kind == "self"


def test_an_agent_reviews_himself_from_draft_to_submission(ours: Place) -> None:
    set_rule(ours, self_reviews=True)
    actor = ours.actor("agent")
    review = open_by_hand(ours, "agent", kind="self")
    assert drafts.submit(actor=actor, review_id=review.pk).score == Decimal("77.7778")
    assert not Review.objects.counted().filter(pk=review.pk).exists()
    with pytest.raises(Refused):
        open_by_hand(ours, "agent")


# --- the queue ------------------------------------------------------------------------------------------


def test_an_item_gives_its_conversation_agent_scorecard_and_selection(ours: Place) -> None:
    item, actor = ours.rows["queue_item"], ours.actor("reviewer")
    QueueItem.objects.filter(pk=item.pk).update(band="risk")
    review = opening.open_item(actor=actor, item_id=item.pk)
    assert (review.conversation_id, review.selection) == (ours.rows["unreviewed"].pk, "targeted")
    assert review.stratum_id == item.stratum_id
    item.refresh_from_db()
    assert (item.state, item.reviewer) == ("claimed", ours.people["reviewer"])
    assert opening.open_item(actor=actor, item_id=item.pk).pk == review.pk
    drafts.submit(actor=actor, review_id=review.pk, judgement=GOOD)
    item.refresh_from_db()
    assert item.state == "done"


def test_a_draft_begun_by_hand_becomes_the_items(ours: Place) -> None:
    draft = open_by_hand(ours, "reviewer")
    review = opening.open_item(actor=ours.actor("reviewer"), item_id=ours.rows["queue_item"].pk)
    assert (review.pk, review.selection, review.queue_item) == (draft.pk, "random", ours.rows["queue_item"])
    assert review.draft["comment"] == "Good pace"


def test_a_lapsed_draft_gives_the_item_up(ours: Place) -> None:
    item = ours.rows["queue_item"]
    lapsed = opening.open_item(actor=ours.actor("reviewer"), item_id=item.pk)
    drafts.save_draft(actor=ours.actor("reviewer"), review_id=lapsed.pk, changes={"comment": "So far"})
    QueueItem.objects.filter(pk=item.pk).update(state="open", reviewer=ours.people["manager"])
    taken = opening.open_item(actor=ours.actor("manager"), item_id=item.pk)
    lapsed.refresh_from_db()
    assert taken.queue_item == item
    assert (lapsed.queue_item, lapsed.stratum, lapsed.selection) == (None, None, "manual")


def test_another_ones_item_is_refused(ours: Place) -> None:
    with pytest.raises(Refused):
        opening.open_item(actor=ours.actor("manager"), item_id=ours.rows["queue_item"].pk)
    with pytest.raises(Missing):
        opening.open_item(actor=ours.actor("second_reviewer"), item_id=ours.rows["queue_item"].pk)


def test_what_contradicts_the_item_is_refused(ours: Place) -> None:
    new = NewReview(queue_item=ours.rows["queue_item"].pk, agent=Ref(id=ours.rows["other_agent"].pk))
    with pytest.raises(Invalid) as refusal:
        opening.create_review(actor=ours.actor("reviewer"), new=new, judgement=Judgement())
    assert (refusal.value.errors[0].pointer, refusal.value.errors[0].code) == ("/agent", "not_of_item")


# --- the draft ------------------------------------------------------------------------------------------


def test_a_draft_is_saved_under_rising_numbers_and_a_late_tab_is_told(ours: Place) -> None:
    actor, review = ours.actor("manager"), open_by_hand(ours, judgement=Judgement())
    changes = {"ratings": [{"category": "tone", "comment": "Hm"}]}
    saved = drafts.save_draft(actor=actor, review_id=review.pk, changes=changes, draft_number=0)
    assert (saved.draft_number, saved.draft["ratings"][0]["comment"]) == (1, "Hm")
    with pytest.raises(Stale):
        drafts.save_draft(actor=actor, review_id=review.pk, changes={"comment": "Late"}, draft_number=0)
    with pytest.raises(Stale):
        drafts.submit(actor=actor, review_id=review.pk, draft_number=0)
    kept = drafts.save_draft(actor=actor, review_id=review.pk, changes={"comment": "More"})
    assert (kept.draft["comment"], kept.draft["ratings"][0]["comment"]) == ("More", "Hm")
    assert not AuditEvent.objects.filter(subject_type="review", subject_id=review.pk).exists()


@pytest.mark.parametrize(
    ("rating", "pointer", "code"),
    [
        ({"category": "speed", "option": "1"}, "/ratings/0/category", "unknown_category"),
        ({"category": "tone", "option": "9"}, "/ratings/0/option", "unknown_option"),
        ({"category": "tone", "option": "ok", "na": True}, "/ratings/0/option", "option_or_na"),
        (
            {"category": "tone", "option": "ok", "root_causes": ["Luck"]},
            "/ratings/0/root_causes",
            "unknown_root_cause",
        ),
    ],
)
def test_a_draft_takes_only_what_can_become_a_rating(
    ours: Place, rating: dict[str, Any], pointer: str, code: str
) -> None:
    review = open_by_hand(ours)
    with pytest.raises(Invalid) as refusal:
        drafts.save_draft(actor=ours.actor("manager"), review_id=review.pk, changes={"ratings": [rating]})
    assert (refusal.value.errors[0].pointer, refusal.value.errors[0].code) == (pointer, code)
    review.refresh_from_db()
    assert review.draft_number == 0


def test_drafts_are_their_reviewers_alone(ours: Place) -> None:
    review = open_by_hand(ours, "reviewer")
    for person in ("manager", "lead", "second_reviewer", "agent"):
        with pytest.raises(Missing):
            drafts.save_draft(actor=ours.actor(person), review_id=review.pk, changes={"comment": "x"})


def test_a_deleted_draft_frees_the_conversation(ours: Place) -> None:
    review = open_by_hand(ours)
    drafts.delete_draft(actor=ours.actor("manager"), review_id=review.pk)
    assert open_by_hand(ours).pk != review.pk
    done = ours.rows["review"]
    with pytest.raises(Conflict):
        drafts.delete_draft(actor=ours.actor("reviewer"), review_id=done.pk)


# --- submitting -----------------------------------------------------------------------------------------


@time_machine.travel("2026-03-10T23:30:00+00:00", tick=False)
def test_submission_scores_once_and_writes_everything(ours: Place) -> None:
    message = ours.rows["message"]
    judgement = Judgement(
        (
            Choice("solution", "1", root_causes=("Did not ask",), evidence=(Passage(message.pk, 0, 5),)),
            Choice("tone", na=True),
        ),
        "Ask first",
    )
    draft = opening.create_review(
        actor=ours.actor("manager"),
        new=by_hand(ours, conversation=Ref(external_id="1001")),
        judgement=judgement,
    )
    review = drafts.submit(actor=ours.actor("manager"), review_id=draft.pk)
    assert (review.state, review.score, review.failed_by, review.draft) == ("submitted", Decimal(0), [], {})
    assert review.submitted_on == date(2026, 3, 11)  # 00:30 in Berlin
    grading = Grading.objects.get(review=review)
    assert (grading.number, grading.grader, grading.comment) == (1, ours.people["manager"], "Ask first")
    assert grading.groups == [{"key": "customer", "score": "0.0000"}]
    solution, tone = Rating.objects.filter(grading=grading).order_by("pk")
    assert (solution.state, solution.score, solution.applied_weight) == ("rated", Decimal(0), Decimal(100))
    assert solution.root_causes == ["Did not ask"]
    assert (tone.state, tone.score, tone.option) == ("na", None, "")
    evidence = Evidence.objects.get(rating=solution)
    assert (evidence.quote, evidence.start, evidence.end) == ("Hello", 0, 5)
    assert AuditEvent.objects.get(action="review.submitted").changes == {"score": "0.0000"}


def test_a_critical_failure_keeps_the_unfailed_score(ours: Place) -> None:
    review = submitted(ours, judgement=Judgement((Choice("solution", "4"), Choice("tone", "poor"))))
    assert (review.score, review.unfailed_score, review.failed_by) == (
        Decimal(0),
        Decimal("66.6667"),
        ["tone"],
    )


def test_nothing_rated_is_no_score(ours: Place) -> None:
    review = submitted(ours, judgement=Judgement((Choice("solution", na=True), Choice("tone", na=True))))
    assert (review.state, review.score) == ("submitted", None)


def test_every_visible_category_is_needed(ours: Place) -> None:
    draft = open_by_hand(ours, judgement=Judgement((Choice("tone", "ok"),)))
    with pytest.raises(Invalid) as refusal:
        drafts.submit(actor=ours.actor("manager"), review_id=draft.pk)
    assert [(e.pointer, e.code) for e in refusal.value.errors] == [("/ratings", "required")]
    draft.refresh_from_db()
    assert (draft.state, Grading.objects.filter(review=draft).count()) == ("draft", 0)


@pytest.mark.parametrize(
    ("start", "end", "pointer"), [(0, 20, "end"), (5, 5, "end"), (7, 3, "end"), (0, 1, "message")]
)
def test_evidence_must_lie_in_a_message_of_the_conversation(
    ours: Place, world: World, start: int, end: int, pointer: str
) -> None:
    message = world["theirs"].rows["message"] if pointer == "message" else ours.rows["message"]
    tone = Choice("tone", "ok", evidence=(Passage(message.pk, start, end),))
    draft = opening.create_review(
        actor=ours.actor("manager"),
        new=by_hand(ours, conversation=Ref(external_id="1001")),
        judgement=Judgement((Choice("solution", "4"), tone)),
    )
    with pytest.raises(Invalid) as refusal:
        drafts.submit(actor=ours.actor("manager"), review_id=draft.pk)
    assert refusal.value.errors[0].pointer == f"/ratings/1/evidence/0/{pointer}"


def test_evidence_counts_code_points(ours: Place) -> None:
    message = ours.rows["message"]
    message.text = "👍🏽 שלום, danke"
    message.save()
    tone = Choice("tone", "ok", evidence=(Passage(message.pk, 3, 7),))
    draft = opening.create_review(
        actor=ours.actor("manager"),
        new=by_hand(ours, conversation=Ref(external_id="1001")),
        judgement=Judgement((Choice("solution", "4"), tone)),
    )
    drafts.submit(actor=ours.actor("manager"), review_id=draft.pk)
    assert Evidence.objects.get().quote == "שלום"


def test_submitting_twice_is_refused(ours: Place) -> None:
    review = submitted(ours)
    with pytest.raises(Conflict) as refusal:
        drafts.submit(actor=ours.actor("manager"), review_id=review.pk)
    assert refusal.value.code == "already_submitted"
    assert Grading.objects.filter(review=review).count() == 1


# --- afterwards -----------------------------------------------------------------------------------------


def test_a_revision_adds_a_grading_and_moves_no_date(ours: Place) -> None:
    review, actor = ours.rows["review"], ours.actor("lead")
    services.acknowledge(actor=ours.actor("agent"), review_id=review.pk)
    submitted_at: datetime = review.submitted_at
    better = Judgement((Choice("solution", "4"), Choice("tone", "great")), "On second thought")
    revised = services.revise(actor=actor, review_id=review.pk, reason="Missed a step", judgement=better)
    assert (revised.score, revised.gradings_count, revised.submitted_at) == (Decimal(100), 2, submitted_at)
    assert (revised.seen_at, revised.acknowledged_at) == (None, None)
    first, second = Grading.objects.filter(review=review).order_by("number")
    assert (first.score, second.score) == (Decimal("77.7778"), Decimal(100))
    assert (second.grader, second.reason) == (ours.people["lead"], "Missed a step")
    event = AuditEvent.objects.get(action="review.revised")
    assert event.changes == {"reason": "Missed a step", "score": ["77.7778", "100.0000"]}


@pytest.mark.parametrize(
    ("person", "setting", "allowed"),
    [
        ("admin", True, True),
        ("manager", False, True),
        ("lead", False, True),
        ("reviewer", True, True),
        ("reviewer", False, False),
        ("agent", True, False),
    ],
)
def test_who_revises_and_retracts(ours: Place, person: str, setting: bool, allowed: bool) -> None:
    set_rule(ours, reviewers_revise=setting)
    actor, pk = ours.actor(person), ours.rows["review"].pk
    if allowed:
        services.revise(actor=actor, review_id=pk, reason="Why", judgement=GOOD)
        assert services.retract(actor=actor, review_id=pk, reason="Why").state == "retracted"
        return
    with pytest.raises(Refused):
        services.revise(actor=actor, review_id=pk, reason="Why", judgement=GOOD)
    with pytest.raises(Refused):
        services.retract(actor=actor, review_id=pk, reason="Why")


def test_a_lead_does_not_change_the_review_of_his_own_work(ours: Place) -> None:
    agent = ours.rows["agent"]
    ours.people["agent"].agent = None
    ours.people["agent"].save()
    boss = add_person(ours, "boss", Role.LEAD, team=ours.rows["team"], agent=agent)
    assert boss.agent == agent
    with pytest.raises(Refused) as refusal:
        services.retract(actor=ours.actor("boss"), review_id=ours.rows["review"].pk, reason="Mine")
    assert refusal.value.code == "yourself"


def test_a_retracted_review_counts_nowhere(ours: Place) -> None:
    review = services.retract(
        actor=ours.actor("manager"), review_id=ours.rows["review"].pk, reason="Wrong agent"
    )
    assert review.retracted_at is not None
    assert not Review.objects.counted().filter(pk=review.pk).exists()
    with pytest.raises(Conflict):
        services.retract(actor=ours.actor("manager"), review_id=review.pk, reason="Again")


def test_only_the_agent_acknowledges_and_once(ours: Place) -> None:
    pk = ours.rows["review"].pk
    with pytest.raises(Refused):
        services.acknowledge(actor=ours.actor("manager"), review_id=pk)
    with pytest.raises(Missing):
        services.acknowledge(actor=ours.actor("other_agent"), review_id=pk)
    first = services.acknowledge(actor=ours.actor("agent"), review_id=pk)
    assert first.seen_at == first.acknowledged_at
    again = services.acknowledge(actor=ours.actor("agent"), review_id=pk)
    assert again.acknowledged_at == first.acknowledged_at
    assert AuditEvent.objects.filter(action="review.acknowledged").count() == 1


def test_seen_is_noted_for_the_agent_only(ours: Place) -> None:
    review = ours.rows["review"]
    unseen = Review.objects.filter(pk=review.pk, seen_at=None)
    services.mark_seen(actor=ours.actor("lead"), review_id=review.pk)
    assert unseen.exists()
    services.mark_seen(actor=ours.actor("agent"), review_id=review.pk)
    assert not unseen.exists()
    review.refresh_from_db()
    services.mark_seen(actor=ours.actor("agent"), review_id=review.pk)
    assert Review.objects.filter(pk=review.pk, seen_at=review.seen_at).exists()


def test_if_match_is_asked_on_the_locked_row(ours: Place) -> None:
    review, actor = ours.rows["review"], ours.actor("manager")
    review.refresh_from_db()
    tag = etag(review)
    services.revise(actor=actor, review_id=review.pk, reason="Why", judgement=GOOD, if_match=tag)
    with pytest.raises(Stale):
        services.retract(actor=actor, review_id=review.pk, reason="Why", if_match=tag)


def test_a_condition_hides_a_category_for_this_conversation(ours: Place) -> None:
    definition = {"groups": [dict(DEFINITION["groups"][0])]}
    categories = [dict(c) for c in definition["groups"][0]["categories"]]
    categories[1]["show_when"] = {"channel": ["phone"]}
    definition["groups"][0]["categories"] = categories
    ScorecardVersion.objects.create(
        workspace=ours.workspace,
        scorecard=ours.rows["scorecard"],
        number=2,
        state="published",
        published_at=datetime(2026, 3, 4, tzinfo=UTC),
        definition=definition,
    )
    review = submitted(ours, judgement=Judgement((Choice("solution", "4"),)))
    assert review.score == Decimal(100)
    states = dict(Rating.objects.filter(grading__review=review).values_list("category", "state"))
    assert states == {"solution": "rated", "tone": "hidden"}
