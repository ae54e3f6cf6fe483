"""Amending, revealing, moving to another agent, retracting what is disputed, and self-reviews."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.access import Role
from accounts.models import MemberRole
from common.errors import Conflict, Invalid, Refused, Stale
from common.etags import etag
from common.periods import Period
from common.refs import Ref
from conversations.models import Message
from insights.facts.reviews import review_sums
from insights.query import Slice
from qa_reviews.judgement import Choice, Judgement, Passage
from qa_reviews.models import Dispute, Evidence, Grading, QueueItem, Rating, Review
from qa_reviews.services import drafts, opening, reviews
from qa_reviews.services.opening import NewReview
from tests.qa_reviews.life import GOOD, audited, raised, resolved, set_rule, submitted, told
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def fresh(row: Review) -> Review:
    return Review.objects.get(pk=row.pk)


# --- amending -------------------------------------------------------------------------------------------


def test_amending_mends_words_and_nothing_else(ours: Place) -> None:
    message = Message.objects.create(
        workspace=ours.workspace, conversation=ours.rows["unreviewed"], key="x", position=0, text="Hello"
    )
    choices = (
        Choice("solution", "3", comment="Askd well", root_causes=(), evidence=(Passage(message.pk, 0, 5),)),
        Choice("tone", "great"),
    )
    review = submitted(ours, judgement=Judgement(choices, "Good pcae"))
    reviews.acknowledge(actor=ours.actor("agent"), review_id=review.pk)
    before = fresh(review)
    ours.rows["unreviewed"].messages.all().delete()  # whatever became of the conversation
    after = reviews.amend(
        actor=ours.actor("manager"),
        review_id=review.pk,
        comment="Good pace",
        comments={"solution": "Asked well"},
    )
    old, new = Grading.objects.filter(review=review).order_by("number")
    assert (new.amends, new.comment, old.comment) == (True, "Good pace", "Good pcae")
    assert (new.score, new.groups, new.tags, new.failed_by) == (
        old.score,
        old.groups,
        old.tags,
        old.failed_by,
    )
    for name in ("score", "state", "submitted_at", "seen_at", "acknowledged_at"):
        assert getattr(after, name) == getattr(before, name), name
    words = dict(Rating.objects.filter(grading=new).values_list("category", "comment"))
    assert words == {"solution": "Asked well", "tone": ""}
    assert Evidence.objects.get(rating__grading=new).quote == "Hello"
    assert told(ours, "review_revised") == set()
    assert audited(ours, "review.amended") == [{"grading": 2, "comments": ["solution"]}]


def test_the_same_words_make_no_grading(ours: Place) -> None:
    review = submitted(ours)
    reviews.amend(actor=ours.actor("manager"), review_id=review.pk, comment="Good pace")
    assert fresh(review).gradings_count == 1


def test_words_are_mended_for_a_day_from_the_last_judgement(ours: Place) -> None:
    review, manager = submitted(ours), ours.actor("manager")
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        reviews.amend(actor=manager, review_id=review.pk, comment="Once")
    late = timezone.now() + timedelta(hours=25)
    with time_machine.travel(late), pytest.raises(Conflict) as refusal:
        reviews.amend(actor=manager, review_id=review.pk, comment="Twice")
    assert refusal.value.code == "too_late"


def test_only_who_wrote_them_mends_words(ours: Place) -> None:
    review = submitted(ours)
    for person in ("lead", "admin"):
        with pytest.raises(Refused) as refusal:
            reviews.amend(actor=ours.actor(person), review_id=review.pk, comment="Mine")
        assert refusal.value.code == "not_yours"
    reviews.revise(actor=ours.actor("lead"), review_id=review.pk, reason="Why", judgement=GOOD)
    reviews.amend(actor=ours.actor("lead"), review_id=review.pk, comment="Mine now")
    with pytest.raises(Refused):
        reviews.amend(actor=ours.actor("manager"), review_id=review.pk, comment="Mine no more")


def test_unknown_categories_and_missing_words_are_told(ours: Place) -> None:
    version = ours.rows["version"]
    definition = dict(version.definition)
    definition["groups"][0]["categories"][0]["comment_required"] = "always"
    type(version).objects.create(
        workspace=ours.workspace,
        scorecard=ours.rows["scorecard"],
        number=2,
        state="published",
        published_at=timezone.now(),
        definition=definition,
    )
    review = submitted(ours)
    with pytest.raises(Invalid) as refusal:
        reviews.amend(
            actor=ours.actor("manager"), review_id=review.pk, comments={"solution": " ", "speed": "Fast"}
        )
    found = [(e.pointer, e.code) for e in refusal.value.errors]
    assert found == [("/comments/solution", "comment_required"), ("/comments/speed", "unknown_category")]


def test_a_disputed_review_is_not_reworded(ours: Place) -> None:
    review = submitted(ours)
    raised(ours, review)
    with pytest.raises(Conflict, match="Resolve the dispute first"):
        reviews.amend(actor=ours.actor("manager"), review_id=review.pk, comment="Other")


# --- revising and retracting ----------------------------------------------------------------------------


def test_revising_tells_the_agent_and_closes_no_dispute(ours: Place) -> None:
    review = submitted(ours)
    dispute = resolved(ours, raised(ours, review), "manager")
    reviews.revise(actor=ours.actor("manager"), review_id=review.pk, reason="Better", judgement=GOOD)
    assert told(ours, "review_revised") == {"agent"}
    assert fresh(review).state == "resolved"
    assert Dispute.objects.get(pk=dispute.pk).state == "resolved"


def test_a_disputed_review_is_not_revised(ours: Place) -> None:
    review = submitted(ours)
    dispute = raised(ours, review)
    with pytest.raises(Conflict):
        reviews.revise(actor=ours.actor("manager"), review_id=review.pk, reason="x", judgement=GOOD)
    assert Dispute.objects.get(pk=dispute.pk).state == "open"


def test_retracting_closes_the_open_dispute_and_tells_the_agent(ours: Place) -> None:
    review = submitted(ours)
    dispute = raised(ours, review)
    reviews.retract(actor=ours.actor("manager"), review_id=review.pk, reason="Wrong form")
    assert Dispute.objects.get(pk=dispute.pk).state == "closed"
    assert told(ours, "review_retracted") == {"agent"}
    with pytest.raises(Conflict) as refusal:
        resolved(ours, dispute, "manager")
    assert refusal.value.code == "dispute_closed"


def test_retracting_leaves_answered_disputes_as_they_are(ours: Place) -> None:
    review = submitted(ours)
    dispute = resolved(ours, raised(ours, review), "manager")
    reviews.retract(actor=ours.actor("manager"), review_id=review.pk, reason="Wrong form")
    assert Dispute.objects.get(pk=dispute.pk).state == "resolved"


# --- revealing ------------------------------------------------------------------------------------------


def draft_of(place: Place, person: str = "manager", **fields: object) -> Review:
    scorecard = Ref(id=place.rows["scorecard"].pk)
    given = {"conversation": Ref(external_id="1002"), "scorecard": scorecard} | fields
    return opening.create_review(
        actor=place.actor(person),
        new=NewReview(**given),  # type: ignore[arg-type]
        judgement=GOOD,
    )


def test_revealing_is_recorded_once(ours: Place) -> None:
    draft = draft_of(ours)
    shown = reviews.reveal(actor=ours.actor("manager"), review_id=draft.pk)
    assert shown.revealed_at is not None
    assert len(audited(ours, "review.revealed")) == 1
    with pytest.raises(Conflict) as refusal:
        reviews.reveal(actor=ours.actor("manager"), review_id=draft.pk)
    assert refusal.value.code == "revealed"
    done = drafts.submit(actor=ours.actor("manager"), review_id=draft.pk)
    assert done.revealed_at == shown.revealed_at


def test_where_grading_is_open_nothing_is_revealed(ours: Place) -> None:
    draft = draft_of(ours)
    Review.objects.filter(pk=draft.pk).update(blind=False)
    with pytest.raises(Conflict) as refusal:
        reviews.reveal(actor=ours.actor("manager"), review_id=draft.pk)
    assert refusal.value.code == "not_blind"


# --- another agent --------------------------------------------------------------------------------------


def test_a_hand_made_draft_moves_with_its_team_and_keeps_what_was_typed(ours: Place) -> None:
    draft = draft_of(ours)
    moved = reviews.change_reviewee(
        actor=ours.actor("manager"), review_id=draft.pk, agent=Ref(external_id="a-8")
    )
    assert moved.pk == draft.pk
    after = fresh(draft)
    assert (after.agent, after.team_id) == (ours.rows["other_agent"], ours.rows["other_team"].pk)
    assert after.draft == draft.draft
    pair = [ours.rows["agent"].pk, ours.rows["other_agent"].pk]
    assert audited(ours, "review.reviewee_changed") == [{"agent": pair}]


def test_it_does_not_move_onto_a_review_that_stands(ours: Place) -> None:
    submitted(ours, agent=Ref(external_id="a-8"))
    draft = draft_of(ours)
    with pytest.raises(Conflict) as refusal:
        reviews.change_reviewee(actor=ours.actor("manager"), review_id=draft.pk, agent=Ref(external_id="a-8"))
    assert refusal.value.code == "already_reviewed"
    assert fresh(draft).agent == ours.rows["agent"]


def test_a_queue_item_is_set_aside_and_the_draft_goes_on_by_hand(ours: Place) -> None:
    item = ours.rows["queue_item"]
    draft = opening.open_item(actor=ours.actor("reviewer"), item_id=item.pk)
    drafts.save_draft(actor=ours.actor("reviewer"), review_id=draft.pk, changes=GOOD.as_json())
    moved = reviews.change_reviewee(
        actor=ours.actor("reviewer"), review_id=draft.pk, agent=Ref(external_id="a-8")
    )
    item = QueueItem.objects.get(pk=item.pk)
    assert (item.state, item.skip_reason) == ("skipped", "not_reviewable")
    assert (moved.queue_item_id, moved.stratum_id, moved.selection) == (None, None, "manual")
    assert fresh(moved).draft["comment"] == "Good pace"
    done = drafts.submit(actor=ours.actor("reviewer"), review_id=moved.pk)
    assert (done.agent, done.state) == (ours.rows["other_agent"], "submitted")
    assert QueueItem.objects.get(pk=item.pk).state == "skipped"


@pytest.mark.parametrize(
    ("person", "agent", "refusal"),
    [
        ("manager", "a-7", Invalid),  # the same
        ("manager", "a-99", Invalid),  # nobody
        ("lead", "a-8", Invalid),  # whom the lead does not see
    ],
)
def test_it_moves_only_to_others_whom_one_may_grade(
    ours: Place, person: str, agent: str, refusal: type[Exception]
) -> None:
    draft = draft_of(ours, person)
    with pytest.raises(refusal):
        reviews.change_reviewee(actor=ours.actor(person), review_id=draft.pk, agent=Ref(external_id=agent))


def test_it_does_not_move_to_oneself(ours: Place) -> None:
    draft = draft_of(ours)
    member = ours.people["other_agent"]
    member.agent = None
    member.save()
    manager = ours.people["manager"]
    manager.agent = ours.rows["other_agent"]
    manager.save()
    with pytest.raises(Refused) as refusal:
        reviews.change_reviewee(actor=ours.actor("manager"), review_id=draft.pk, agent=Ref(external_id="a-8"))
    assert refusal.value.code == "yourself"


def test_the_moves_over_the_api(ours: Place, api: Api) -> None:
    draft = draft_of(ours)
    path, client = f"reviews/{draft.pk}/", api("manager")
    read = client.get(path).json()["etag"]
    shown = client.post(f"{path}reveal/", **{"If-Match": read}).json()
    assert shown["revealed_at"] is not None
    assert client.post(f"{path}reviewee/", {"agent": 1}, **{"If-Match": read}).status_code == 412
    moved = client.post(f"{path}reviewee/", {"agent": {"external_id": "a-8"}}).json()
    assert moved["agent"]["external_id"] == "a-8"
    assert "reviewee" in moved["authorized_actions"]
    done = client.post(f"{path}submit/").json()
    assert "amend" in done["authorized_actions"]
    mended = client.post(f"{path}amend/", {"comments": {"tone": "Warm"}}, **{"If-Match": done["etag"]}).json()
    assert [(g["number"], g["amends"]) for g in mended["gradings"]] == [(1, False), (2, True)]
    assert mended["ratings"][1]["comment"] == "Warm"
    assert client.post(f"{path}reviewee/", {"agent": {"external_id": "a-7"}}).status_code == 409


def test_stale_moves_are_refused(ours: Place) -> None:
    review = submitted(ours)
    read = etag(fresh(review))
    reviews.amend(actor=ours.actor("manager"), review_id=review.pk, comment="New", if_match=read)
    with pytest.raises(Stale):
        reviews.amend(actor=ours.actor("manager"), review_id=review.pk, comment="Newer", if_match=read)


# --- self-reviews ---------------------------------------------------------------------------------------


def test_a_self_review_needs_the_setting(ours: Place) -> None:
    with pytest.raises(Refused) as refusal:
        submitted(ours, "agent", kind="self")
    assert refusal.value.code == "self_reviews_off"


def test_an_agent_reviews_himself_and_it_counts_nowhere(ours: Place) -> None:
    set_rule(ours, self_reviews=True)
    years = Period(date(2026, 1, 1), date(2027, 12, 31))
    asked = Slice(workspace_id=ours.workspace.pk, period=years, starts=(years.first,))
    before = review_sums(asked, ours.workspace.settings.pass_mark)
    review = submitted(ours, "agent", kind="self")
    assert (review.state, review.agent, review.reviewer) == (
        "submitted", ours.rows["agent"], ours.people["agent"],
    )  # fmt: skip
    assert review_sums(asked, ours.workspace.settings.pass_mark) == before
    assert not Review.objects.counted().filter(pk=review.pk).exists()


def test_an_agent_corrects_and_takes_back_his_self_review(ours: Place) -> None:
    set_rule(ours, self_reviews=True)
    review = submitted(ours, "agent", kind="self")
    agent = ours.actor("agent")
    assert reviews.revise(actor=agent, review_id=review.pk, reason="Looked again", judgement=GOOD)
    assert reviews.amend(actor=agent, review_id=review.pk, comment="Mine").gradings_count == 3
    assert reviews.retract(actor=agent, review_id=review.pk, reason="No").state == "retracted"
    assert told(ours, "review_revised") == told(ours, "review_retracted") == set()


def test_a_self_review_is_about_a_conversation_of_ones_own(ours: Place) -> None:
    """Also for who reads all conversations, and wherever the workspace looks for the reviewee."""
    set_rule(ours, self_reviews=True)
    MemberRole.objects.create(workspace=ours.workspace, member=ours.people["other_agent"], role=Role.MANAGER)
    with pytest.raises(Refused) as refusal:
        submitted(ours, "other_agent", kind="self")
    assert refusal.value.code == "not_your_conversation"
    Message.objects.create(
        workspace=ours.workspace,
        conversation=ours.rows["unreviewed"],
        key="x",
        position=0,
        author_type="agent",
        agent=ours.rows["other_agent"],
        text="I helped",
    )
    assert submitted(ours, "other_agent", kind="self").agent == ours.rows["other_agent"]


def test_nobody_acknowledges_his_self_review(ours: Place) -> None:
    set_rule(ours, self_reviews=True)
    review = submitted(ours, "agent", kind="self")
    with pytest.raises(Conflict) as refusal:
        reviews.acknowledge(actor=ours.actor("agent"), review_id=review.pk)
    assert refusal.value.code == "self_review"


def test_an_agent_reviews_nobody_else(ours: Place) -> None:
    set_rule(ours, self_reviews=True)
    with pytest.raises((Refused, Invalid)):
        submitted(ours, "other_agent", kind="self")
    with pytest.raises(Refused):
        submitted(ours, "agent")
