"""Disputes: who may raise, answer and hand on one, when, and what an answer does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import Role
from accounts.models import Member, MemberRole
from common.errors import Conflict, Invalid, Missing, Refused, Stale
from common.etags import etag
from common.refs import Ref
from conversations.models import Message
from jobs.names import JobName
from jobs.registry import Work, handlers
from qa_reviews.judgement import Choice, Judgement, Note, Passage
from qa_reviews.models import Dispute, Evidence, Grading, QueueItem, Rating, Remark, Review, ReviewComment
from qa_reviews.policies.disputes import disputable_until
from qa_reviews.selectors.disputes import leads_for
from qa_reviews.services import disputes, drafts, opening
from qa_reviews.services import reviews as services
from qa_reviews.services.opening import NewReview
from tests.qa_reviews.life import BETTER, GOOD, audited, raised, resolved, set_rule, submitted, told
from tests.world import ApiClient, Place, World, add_person, copied

Api = Callable[..., ApiClient]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def review(ours: Place) -> Review:
    found: Review = ours.rows["review"]  # by the reviewer, about the agent, from the queue
    return found


def fresh(row: Review) -> Review:
    return Review.objects.get(pk=row.pk)


# --- raising --------------------------------------------------------------------------------------------


def test_raising_one_says_what_it_objects_to_and_asks_the_reviewer(ours: Place, review: Review) -> None:
    dispute = raised(ours, review)
    assert (dispute.number, dispute.grading_number, dispute.state) == (1, 1, "open")
    assert dispute.proposed == [{"category": "solution", "option": "4", "comment": ""}]
    assert dispute.raised_by == ours.people["agent"]
    assert dispute.due_at - dispute.raised_at == timedelta(days=7)
    assert fresh(review).state == "disputed"
    assert fresh(review).seen_at is not None
    assert told(ours, "dispute_raised") == {"reviewer"}
    assert audited(ours, "dispute.raised") == [{"review": review.pk, "kind": "ratings"}]


@pytest.mark.parametrize("person", ["admin", "manager", "lead", "reviewer"])
def test_only_the_agent_it_is_about_raises_one(ours: Place, review: Review, person: str) -> None:
    with pytest.raises(Refused) as refusal:
        disputes.raise_dispute(
            actor=ours.actor(person), review_id=review.pk, kind="ratings", comment="Unfair"
        )
    assert refusal.value.code == "not_yours"


def test_who_does_not_see_the_review_cannot_dispute_it(ours: Place, review: Review) -> None:
    with pytest.raises(Missing):
        disputes.raise_dispute(
            actor=ours.actor("other_agent"), review_id=review.pk, kind="ratings", comment="Unfair"
        )


def test_where_leads_answer_leads_are_asked(ours: Place, review: Review) -> None:
    set_rule(ours, dispute_resolver="lead")
    raised(ours, review)
    assert told(ours, "dispute_raised") == {"lead"}


def test_where_the_team_has_no_lead_managers_are_asked(ours: Place, review: Review) -> None:
    set_rule(ours, dispute_resolver="lead")
    MemberRole.objects.filter(member=ours.people["lead"]).delete()
    raised(ours, review)
    assert told(ours, "dispute_raised") == {"manager"}


def test_a_reviewer_who_left_is_not_asked(ours: Place, review: Review) -> None:
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(deactivated_at=timezone.now())
    raised(ours, review)
    assert told(ours, "dispute_raised") == {"lead"}


def test_the_window_ends(ours: Place) -> None:
    review = submitted(ours)
    until = disputable_until(ours.actor("agent"), review)
    assert until is not None
    assert review.submitted_at is not None
    assert until == review.submitted_at + timedelta(days=14)
    with time_machine.travel(until + timedelta(seconds=1)), pytest.raises(Conflict) as refusal:
        raised(ours, review)
    assert refusal.value.code == "window_over"
    assert "14 days" in refusal.value.detail
    with time_machine.travel(until - timedelta(seconds=1)):
        assert raised(ours, review).state == "open"


def test_the_window_begins_at_release(ours: Place, review: Review) -> None:
    long_ago = timezone.now() - timedelta(days=100)
    Review.objects.filter(pk=review.pk).update(submitted_at=long_ago)
    Grading.objects.filter(review=review).delete()
    copied(ours.rows["grading"], created_at=long_ago)
    with pytest.raises(Conflict):
        raised(ours, review)
    Review.objects.filter(pk=review.pk).update(release_at=timezone.now() - timedelta(days=13))
    assert raised(ours, review).state == "open"


def test_a_revision_opens_the_window_anew(ours: Place) -> None:
    review = submitted(ours)
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        services.revise(actor=ours.actor("manager"), review_id=review.pk, reason="Again", judgement=GOOD)
        assert raised(ours, review).grading_number == 2


def test_mending_words_does_not(ours: Place) -> None:
    review = submitted(ours)
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        services.amend(actor=ours.actor("manager"), review_id=review.pk, comment="Good pace!")
    with (
        time_machine.travel(timezone.now() + timedelta(days=14, hours=1)),
        pytest.raises(Conflict) as refusal,
    ):
        raised(ours, review)
    assert refusal.value.code == "window_over"


def test_rounds_are_those_of_the_setting(ours: Place, review: Review) -> None:
    resolved(ours, raised(ours, review))
    with pytest.raises(Conflict) as refusal:
        raised(ours, review)
    assert refusal.value.code == "no_rounds_left"
    assert "once" in refusal.value.detail
    set_rule(ours, dispute_rounds=2)
    with time_machine.travel(timezone.now() + timedelta(days=13)):
        second = raised(ours, review)
    assert second.number == 2
    resolved(ours, second)
    with pytest.raises(Conflict, match="2 times"):
        raised(ours, review)


def test_no_rounds_means_no_disputes(ours: Place, review: Review) -> None:
    set_rule(ours, dispute_rounds=0)
    with pytest.raises(Conflict, match="switched off"):
        raised(ours, review)


def test_one_dispute_is_open_at_a_time(ours: Place, review: Review) -> None:
    set_rule(ours, dispute_rounds=2)
    raised(ours, review)
    with pytest.raises(Conflict) as refusal:
        raised(ours, review)
    assert refusal.value.code == "state"


def test_an_unreleased_review_is_not_there_to_dispute(ours: Place, review: Review) -> None:
    Review.objects.filter(pk=review.pk).update(held=True)
    with pytest.raises(Missing):
        raised(ours, review)


def test_a_self_review_cannot_be_disputed(ours: Place) -> None:
    set_rule(ours, self_reviews=True)
    review = submitted(ours, "agent", kind="self")
    with pytest.raises(Refused) as refusal:
        raised(ours, review)
    assert refusal.value.code == "not_disputable"


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"proposed": (Choice("tone", "4"),)}, "/proposed/0/option", "unknown_option"),  # solution's option
        ({"proposed": (Choice("speed", "4"),)}, "/proposed/0/category", "unknown_category"),
        ({"proposed": (*BETTER, *BETTER)}, "/proposed/1/category", "duplicate_category"),
        ({"proposed": (Choice("solution"),)}, "/proposed/0/option", "option_or_na"),
        ({"proposed": (Choice("solution", "4", na=True),)}, "/proposed/0/option", "option_or_na"),
        ({"comment": " \n"}, "/comment", "required"),
        ({"kind": "wrong_agent"}, "/proposed", "not_of_kind"),
        ({"agent": Ref(id=1)}, "/agent", "not_of_kind"),
        ({"kind": "wrong_agent", "proposed": (), "agent": Ref(external_id="a-7")}, "/agent", "same_agent"),
        ({"kind": "wrong_agent", "proposed": (), "agent": Ref(external_id="a-8")}, "/agent", "not_found"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(
    ours: Place, review: Review, fields: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        raised(ours, review, **fields)
    assert [(e.pointer, e.code) for e in refusal.value.errors] == [(pointer, code)]
    assert fresh(review).state == "submitted"
    assert not Dispute.objects.exists()


def test_raising_one_on_what_has_changed_since_is_stale(ours: Place, review: Review) -> None:
    read = etag(fresh(review))
    services.acknowledge(actor=ours.actor("agent"), review_id=review.pk)
    with pytest.raises(Stale):
        raised(ours, review, if_match=read)
    assert raised(ours, review, if_match=etag(fresh(review))).state == "open"


# --- answering ------------------------------------------------------------------------------------------


def test_rejecting_changes_no_rating(ours: Place, review: Review) -> None:
    dispute = resolved(ours, raised(ours, review))
    assert (dispute.state, dispute.outcome, dispute.answer) == (
        "resolved", "rejected", "Message three says no.",
    )  # fmt: skip
    assert dispute.resolved_by == ours.people["reviewer"]
    after = fresh(review)
    assert (after.state, after.gradings_count, after.score) == ("resolved", 1, review.score)
    assert told(ours, "dispute_resolved") == {"agent"}


def test_accepting_takes_the_proposed_options_and_keeps_the_date(ours: Place, review: Review) -> None:
    services.acknowledge(actor=ours.actor("agent"), review_id=review.pk)
    resolved(ours, raised(ours, review), "lead", outcome="accepted", comment="You are right.")
    after = fresh(review)
    assert (after.state, after.score, after.gradings_count) == ("resolved", Decimal(100), 2)
    assert after.submitted_at == review.submitted_at
    assert after.submitted_on == review.submitted_on
    assert (after.seen_at, after.acknowledged_at) == (None, None)
    newest = Grading.objects.get(review=review, number=2)
    assert (newest.reason, newest.comment, newest.grader) == (
        "You are right.", "Good pace", ours.people["lead"],
    )  # fmt: skip
    ratings = {r.category: (r.option, r.comment) for r in Rating.objects.filter(grading=newest)}
    assert ratings == {"solution": ("4", ""), "tone": ("great", "Well asked")}
    assert told(ours, "dispute_resolved") == {"agent", "reviewer"}
    done = {"review": review.pk, "outcome": "accepted", "score": ["77.7778", "100.0000"]}
    assert audited(ours, "dispute.resolved") == [done]


def test_the_words_of_the_agent_do_not_become_the_reviewers(ours: Place, review: Review) -> None:
    proposed = (Choice("solution", "4", comment="I asked twice!"),)
    resolved(ours, raised(ours, review, proposed=proposed), outcome="accepted")
    newest = Rating.objects.get(grading__review=review, grading__number=2, category="solution")
    assert (newest.option, newest.comment) == ("4", "")


def test_partly_accepting_needs_ratings_and_takes_them(ours: Place, review: Review) -> None:
    dispute = raised(ours, review, proposed=(Choice("solution", "4"), Choice("tone", na=True)))
    given = Judgement((Choice("solution", "4", comment="True"),))
    resolved(ours, dispute, outcome="partially_accepted", judgement=given)
    newest = Grading.objects.get(review=review, number=2)
    assert {r.category: r.option for r in Rating.objects.filter(grading=newest)} == {
        "solution": "4",
        "tone": "great",
    }
    assert Rating.objects.get(grading=newest, category="solution").comment == "True"


@pytest.mark.parametrize("outcome", ["accepted", "partially_accepted"])
def test_accepting_without_any_ratings_is_refused(ours: Place, review: Review, outcome: str) -> None:
    dispute = raised(ours, review, proposed=())
    with pytest.raises(Invalid) as refusal:
        resolved(ours, dispute, outcome=outcome)
    assert refusal.value.errors[0].pointer == "/ratings"
    assert fresh(review).state == "disputed"


def test_partly_accepting_does_not_take_the_proposed_ones(ours: Place, review: Review) -> None:
    with pytest.raises(Invalid) as refusal:
        resolved(ours, raised(ours, review), outcome="partially_accepted")
    assert refusal.value.errors[0].pointer == "/ratings"


def test_evidence_causes_answers_and_remarks_outlive_an_answer(ours: Place) -> None:
    mine = Message.objects.create(
        workspace=ours.workspace, conversation=ours.rows["unreviewed"], key="x", position=0, text="Hello you"
    )
    choices = (
        Choice("solution", "2", root_causes=("Did not ask",), evidence=(Passage(mine.pk, 0, 5),)),
        Choice("tone", "ok", evidence=(Passage(mine.pk, 6, 9),)),
    )
    judgement = Judgement(choices, "Good pace", remarks=(Note(mine.pk, "Warm", "praise", 0, 5),))
    review = submitted(ours, judgement=judgement)
    dispute = raised(ours, review)
    mine.delete()  # the text is gone, the quoted words are not
    resolved(ours, dispute, "manager", outcome="accepted")
    kept = Evidence.objects.filter(rating__grading__review=review, rating__grading__number=2)
    found = {(each.rating.category, each.quote, each.message_id) for each in kept}
    assert found == {("solution", "Hello", None), ("tone", "you", None)}
    remark = Remark.objects.get(grading__review=review, grading__number=2)
    assert (remark.quote, remark.body, remark.kind) == ("Hello", "Warm", "praise")
    causes = dict(
        Rating.objects.filter(grading__review=review, grading__number=2).values_list(
            "category", "root_causes"
        )
    )
    assert causes == {"solution": [], "tone": []}  # the cause explained the old option


def test_nobody_answers_his_own_dispute_or_work(ours: Place, review: Review) -> None:
    dispute = raised(ours, review)
    with pytest.raises(Refused) as refusal:
        resolved(ours, dispute, "agent")
    assert refusal.value.code == "raised_by_you"
    MemberRole.objects.create(workspace=ours.workspace, member=ours.people["agent"], role=Role.MANAGER)
    Dispute.objects.filter(pk=dispute.pk).update(raised_by=ours.people["admin"])
    with pytest.raises(Refused) as refusal:
        resolved(ours, dispute, "agent")
    assert refusal.value.code == "yourself"
    with pytest.raises(Refused) as refusal:
        resolved(ours, dispute, "admin")
    assert refusal.value.code == "raised_by_you"


@pytest.mark.parametrize(
    ("resolver", "person", "code"),
    [
        ("reviewer", "reviewer", ""),
        ("reviewer", "lead", ""),
        ("reviewer", "manager", ""),
        ("lead", "reviewer", "dispute_resolver"),
        ("lead", "lead", ""),
        ("lead", "admin", ""),
    ],
)
def test_who_answers_is_the_settings(
    ours: Place, review: Review, resolver: str, person: str, code: str
) -> None:
    set_rule(ours, dispute_resolver=resolver)
    dispute = raised(ours, review)
    if not code:
        assert resolved(ours, dispute, person).state == "resolved"
        return
    with pytest.raises(Refused) as refusal:
        resolved(ours, dispute, person)
    assert refusal.value.code == code


def test_a_lead_elsewhere_does_not_see_it(ours: Place, review: Review) -> None:
    dispute = raised(ours, review)
    with pytest.raises(Missing):
        resolved(ours, dispute, "other_lead")


def test_an_answer_to_what_has_changed_since_is_stale(ours: Place, review: Review) -> None:
    dispute = raised(ours, review)
    read = etag(dispute)
    disputes.reroute_dispute(
        actor=ours.actor("reviewer"), review_id=review.pk, dispute_id=dispute.pk, to=None, comment=""
    )
    with pytest.raises(Stale):
        resolved(ours, dispute, "lead", if_match=read)
    now = etag(Dispute.objects.get(pk=dispute.pk))
    assert resolved(ours, dispute, "lead", if_match=now).state == "resolved"


def test_a_second_answer_is_refused(ours: Place, review: Review) -> None:
    dispute = resolved(ours, raised(ours, review))
    with pytest.raises(Conflict) as refusal:
        resolved(ours, dispute, "lead", outcome="accepted")
    assert refusal.value.code == "dispute_resolved"
    assert Grading.objects.filter(review=review).count() == 1


def test_a_dispute_is_found_under_its_own_review_only(ours: Place, review: Review) -> None:
    other = submitted(ours)
    dispute = raised(ours, review)
    with pytest.raises(Missing):
        disputes.resolve_dispute(
            actor=ours.actor("manager"),
            review_id=other.pk,
            dispute_id=dispute.pk,
            outcome="rejected",
            comment="No",
        )


@pytest.mark.parametrize(
    ("kind", "fields", "pointer"),
    [
        ("ratings", {"outcome": "rejected", "judgement": GOOD}, "/ratings"),
        ("ratings", {"outcome": "accepted", "agent": Ref(external_id="a-8")}, "/agent"),
        ("ratings", {"outcome": "rejected", "comment": " "}, "/comment"),
        ("wrong_agent", {"outcome": "partially_accepted"}, "/outcome"),
        ("wrong_agent", {"outcome": "accepted", "judgement": GOOD}, "/ratings"),
        ("wrong_agent", {"outcome": "rejected", "agent": Ref(external_id="a-8")}, "/agent"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(
    ours: Place, review: Review, kind: str, fields: dict[str, Any], pointer: str
) -> None:
    dispute = raised(ours, review, kind=kind, proposed=())
    with pytest.raises(Invalid) as refusal:
        resolved(ours, dispute, **fields)
    assert refusal.value.errors[0].pointer == pointer
    assert Dispute.objects.get(pk=dispute.pk).state == "open"


# --- the wrong agent ------------------------------------------------------------------------------------


def test_the_wrong_agent_takes_the_review_back_and_copies_it(ours: Place, review: Review) -> None:
    dispute = raised(ours, review, kind="wrong_agent", proposed=())
    resolved(ours, dispute, outcome="accepted", agent=Ref(external_id="a-8"))
    after = fresh(review)
    assert (after.state, after.score) == ("retracted", review.score)
    assert Dispute.objects.get(pk=dispute.pk).outcome == "accepted"
    item = QueueItem.objects.get(pk=ours.rows["done_item"].pk)
    assert (item.state, item.skip_reason) == ("skipped", "not_reviewable")
    draft = Review.objects.get(agent=ours.rows["other_agent"])
    assert (draft.state, draft.selection, draft.queue_item_id) == ("draft", "manual", None)
    assert (draft.reviewer, draft.team_id) == (ours.people["reviewer"], ours.rows["other_team"].pk)
    assert [r["option"] for r in draft.draft["ratings"]] == ["3", "great"]
    assert drafts.submit(actor=ours.actor("reviewer"), review_id=draft.pk).score == review.score


def test_the_agent_may_name_who_it_was(ours: Place, review: Review) -> None:
    conversation = ours.rows["conversation"]
    conversation.most_active_agent = ours.rows["other_agent"]
    conversation.save()
    dispute = raised(ours, review, kind="wrong_agent", proposed=(), agent=Ref(external_id="a-8"))
    assert dispute.proposed_agent == ours.rows["other_agent"]
    resolved(ours, dispute, outcome="accepted")
    assert Review.objects.filter(agent=ours.rows["other_agent"], state="draft").exists()


def test_the_wrong_agent_without_the_right_one_leaves_no_draft(ours: Place, review: Review) -> None:
    before = Review.objects.count()
    resolved(ours, raised(ours, review, kind="wrong_agent", proposed=()), outcome="accepted")
    assert fresh(review).state == "retracted"
    assert Review.objects.count() == before


def test_a_review_of_the_right_agent_that_stands_is_left_alone(ours: Place, review: Review) -> None:
    new = NewReview(
        conversation=Ref(external_id="1001"),
        scorecard=Ref(id=ours.rows["scorecard"].pk),
        agent=Ref(external_id="a-8"),
    )
    begun = opening.create_review(actor=ours.actor("reviewer"), new=new, judgement=Judgement())
    dispute = raised(ours, review, kind="wrong_agent", proposed=())
    resolved(ours, dispute, outcome="accepted", agent=Ref(external_id="a-8"))
    assert list(Review.objects.filter(agent=ours.rows["other_agent"])) == [begun]


def test_the_reviewer_gets_no_draft_about_himself(ours: Place, review: Review) -> None:
    Member.objects.filter(pk=ours.people["other_agent"].pk).update(agent=None)
    Member.objects.filter(pk=ours.people["reviewer"].pk).update(agent=ours.rows["other_agent"])
    dispute = raised(ours, review, kind="wrong_agent", proposed=())
    with pytest.raises(Invalid) as refusal:
        resolved(ours, dispute, "manager", outcome="accepted", agent=Ref(external_id="a-8"))
    assert refusal.value.errors[0].code == "not_allowed"
    assert fresh(review).state == "disputed"


def test_rejecting_the_wrong_agent_leaves_the_review(ours: Place, review: Review) -> None:
    resolved(ours, raised(ours, review, kind="wrong_agent", proposed=()))
    assert (fresh(review).state, fresh(review).agent) == ("resolved", ours.rows["agent"])


# --- handing on and waiting -----------------------------------------------------------------------------


def reroute(
    place: Place, dispute: Dispute, to: int | None, person: str = "reviewer", comment: str = ""
) -> Dispute:
    return disputes.reroute_dispute(
        actor=place.actor(person), review_id=dispute.review_id, dispute_id=dispute.pk, to=to, comment=comment
    )


def test_a_dispute_handed_to_a_lead_is_his(ours: Place, review: Review) -> None:
    dispute = raised(ours, review)
    handed = reroute(ours, dispute, ours.people["lead"].pk, comment="I know her too well.")
    assert handed.assigned_to == ours.people["lead"]
    assert told(ours, "dispute_rerouted") == {"lead"}
    note = ReviewComment.objects.get(review=review)
    assert (note.body, note.visibility) == ("I know her too well.", "reviewers")
    assert audited(ours, "dispute.rerouted")[0]["assigned_to"] == [None, ours.people["lead"].pk]
    with pytest.raises(Refused) as refusal:
        resolved(ours, dispute, "reviewer")
    assert refusal.value.code == "rerouted"
    assert resolved(ours, dispute, "lead").state == "resolved"


@pytest.mark.parametrize("to", ["other_lead", "second_reviewer", "agent"])
def test_it_is_handed_only_to_who_may_answer(ours: Place, review: Review, to: str) -> None:
    dispute = raised(ours, review)
    with pytest.raises(Invalid) as refusal:
        reroute(ours, dispute, ours.people[to].pk)
    assert refusal.value.errors[0].pointer == "/to"


def test_those_it_may_be_handed_to(ours: Place, review: Review) -> None:
    assert [m.name for m in leads_for(ours.actor("reviewer"), review)] == ["Admin", "Lead", "Manager"]
    assert [m.name for m in leads_for(ours.actor("lead"), review)] == ["Admin", "Manager"]


def test_handed_to_nobody_in_particular_it_goes_to_the_leads(ours: Place, review: Review) -> None:
    dispute = reroute(ours, raised(ours, review), None)
    assert (dispute.assigned_to, dispute.escalated_at is None) == (None, False)
    assert told(ours, "dispute_rerouted") == {"lead"}


def test_unanswered_disputes_go_to_the_leads_once(ours: Place, review: Review) -> None:
    dispute = raised(ours, review)
    escalate = handlers[JobName.ESCALATE_DISPUTES]
    escalate(Work(1, {}, {}))
    assert told(ours, "dispute_escalated") == set()
    with time_machine.travel(dispute.due_at + timedelta(seconds=1)):
        escalate(Work(1, {}, {}))
        first = Dispute.objects.get(pk=dispute.pk).escalated_at
        escalate(Work(2, {}, {}))
    assert first is not None
    assert Dispute.objects.get(pk=dispute.pk).escalated_at == first
    assert told(ours, "dispute_escalated") == {"lead"}
    assert len(audited(ours, "dispute.escalated")) == 1
    assert resolved(ours, dispute, "reviewer").state == "resolved"


def test_answered_disputes_are_left_alone(ours: Place, review: Review) -> None:
    dispute = resolved(ours, raised(ours, review))
    with time_machine.travel(dispute.due_at + timedelta(days=1)):
        handlers[JobName.ESCALATE_DISPUTES](Work(1, {}, {}))
    assert told(ours, "dispute_escalated") == set()


# --- over the wire --------------------------------------------------------------------------------------


def test_a_dispute_over_the_api(ours: Place, review: Review, api: Api) -> None:
    path = f"reviews/{review.pk}/"
    agent, lead = api("agent"), api("lead")
    before = agent.get(path).json()
    assert before["authorized_actions"] == ["acknowledge", "dispute", "comment"]
    body = {"kind": "ratings", "comment": "I did ask.", "proposed": [{"category": "solution", "option": "4"}]}
    made = agent.post(f"{path}disputes/", body, **{"If-Match": before["etag"]})
    dispute = made.json()
    assert (made.status_code, made["ETag"], dispute["authorized_actions"]) == (201, dispute["etag"], [])
    assert dispute["proposed"] == [{"category": "solution", "option": "4", "na": False, "comment": ""}]
    seen = lead.get(f"{path}disputes/{dispute['id']}/").json()
    assert seen["authorized_actions"] == ["resolve", "reroute"]
    assert "resolve" in lead.get(path).json()["authorized_actions"]
    answer = {"outcome": "accepted", "comment": "You are right."}
    stale = lead.post(f"{path}disputes/{dispute['id']}/resolve/", answer, **{"If-Match": before["etag"]})
    assert stale.status_code == 412
    done = lead.post(f"{path}disputes/{dispute['id']}/resolve/", answer, **{"If-Match": seen["etag"]})
    assert (done.status_code, done.json()["outcome"]) == (200, "accepted")
    assert done.json()["resolved_by"]["name"] == "Lead"
    after = agent.get(path).json()
    assert (after["score"], after["state"], len(after["gradings"])) == ("100.0000", "resolved", 2)
    assert after["submitted_at"] == before["submitted_at"]
    listed = agent.get(f"{path}disputes/").json()
    assert [each["id"] for each in listed["results"]] == [dispute["id"]]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"kind": "mood", "comment": "x"}, "/kind", "invalid_choice"),
        ({"kind": "ratings"}, "/comment", "required"),
        ({"kind": "ratings", "comment": "x", "mood": 1}, "/mood", "unknown_field"),
        ({"kind": "ratings", "comment": "x", "proposed": [{}]}, "/proposed/0/category", "required"),
    ],
)
def test_malformed_disputes_are_told_what_is_wrong(
    ours: Place, review: Review, api: Api, body: dict[str, object], pointer: str, code: str
) -> None:
    response = api("agent").post(f"reviews/{review.pk}/disputes/", body)
    assert response.status_code == 422
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in response.json()["errors"]]


def test_a_longer_list_asks_no_more_queries(
    ours: Place, review: Review, api: Api, django_assert_num_queries: Any
) -> None:
    """What is open to the reader depends on gradings and disputes; both are read for all rows at once."""
    api("agent").get("reviews/")  # notes that the key was used
    with CaptureQueriesContext(connection) as one:
        api("agent").get("reviews/")
    raised(ours, submitted(ours))
    raised(ours, submitted(ours, "lead"))
    resolved(ours, raised(ours, review), outcome="accepted")
    with django_assert_num_queries(len(one)):
        rows = api("agent").get("reviews/").json()["results"]
    assert len(rows) == 3


def test_a_hidden_reviewer_stays_unnamed_in_disputes(ours: Place, review: Review, api: Api) -> None:
    set_rule(ours, hide_reviewer=True, dispute_rounds=2)
    resolved(ours, raised(ours, review), "reviewer", outcome="accepted")
    for path in (f"reviews/{review.pk}/", f"reviews/{review.pk}/disputes/", "reviews/"):
        text = api("agent").get(path).content.decode()
        assert '"Reviewer"' not in text
        assert f'"id":{ours.people["reviewer"].pk},' not in text
    shown = api("agent").get(f"reviews/{review.pk}/disputes/").json()["results"][0]
    assert (shown["resolved_by"], shown["raised_by"]["name"]) == (None, "Agent")
    named = api("lead").get(f"reviews/{review.pk}/disputes/").json()["results"][0]
    assert named["resolved_by"]["name"] == "Reviewer"


def test_a_lead_who_answers_is_named(ours: Place, review: Review, api: Api) -> None:
    set_rule(ours, hide_reviewer=True)
    resolved(ours, raised(ours, review), "lead")
    shown = api("agent").get(f"reviews/{review.pk}/disputes/").json()["results"][0]
    assert shown["resolved_by"]["name"] == "Lead"


def test_it_is_the_reviewers_own_when_he_leads_too(ours: Place, review: Review) -> None:
    """A lead who graded answers as a lead, where leads answer."""
    set_rule(ours, dispute_resolver="lead")
    boss = add_person(ours, "boss", Role.LEAD, team=ours.rows["team"])
    Review.objects.filter(pk=review.pk).update(reviewer=boss)
    dispute = raised(ours, review)
    assert told(ours, "dispute_raised") == {"lead", "boss"}
    assert resolved(ours, dispute, "boss", judgement=None).state == "resolved"


def test_put_over_leaves_out_what_new_answers_hide(ours: Place) -> None:
    """A category that depends on another's answer goes with it when the answer changes."""
    version = ours.rows["version"]
    definition = dict(version.definition)
    tone = definition["groups"][0]["categories"][1] | {"critical": "none"}
    for option in tone["options"]:
        option.pop("fails", None)
    tone["show_when"] = {"answers": {"solution": ["3"]}}
    definition["groups"] = [
        definition["groups"][0] | {"categories": [definition["groups"][0]["categories"][0], tone]}
    ]
    newer = copied(version, number=2, definition=definition)
    review = submitted(ours, judgement=GOOD)
    assert review.version_id == newer.pk
    resolved(ours, raised(ours, review), "manager", outcome="accepted")
    states = dict(
        Rating.objects.filter(grading__review=review, grading__number=2).values_list("category", "state")
    )
    assert states == {"solution": "rated", "tone": "hidden"}
