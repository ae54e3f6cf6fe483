"""The talk under a review: who says what to whom, private notes, mentions, hashtags, edits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.access import Role
from accounts.models import MemberRole
from common.errors import Conflict, Invalid, Missing, Refused, Stale
from common.etags import etag
from qa_reviews.judgement import Choice, Judgement
from qa_reviews.models import Review, ReviewComment
from qa_reviews.selectors.comments import thread
from qa_reviews.services import comments as services
from qa_reviews.services import reviews
from tests.qa_reviews.life import GOOD, audited, set_rule, submitted, told
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
NOTE = "reviewers"


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def review(ours: Place) -> Review:
    found: Review = ours.rows["review"]  # by the reviewer, about the agent
    return found


def say(place: Place, review: Review, body: str, person: str = "agent", **fields: str) -> ReviewComment:
    return services.add_comment(actor=place.actor(person), review_id=review.pk, body=body, **fields)


def mend(
    place: Place, comment: ReviewComment, body: str, person: str = "agent", if_match: str | None = None
) -> ReviewComment:
    return services.edit_comment(
        actor=place.actor(person),
        review_id=comment.review_id,
        comment_id=comment.pk,
        body=body,
        if_match=if_match,
    )


def fresh(row: Review) -> Review:
    return Review.objects.get(pk=row.pk)


def test_a_comment_tells_the_other_side(ours: Place, review: Review) -> None:
    comment = say(ours, review, "Thank you", category="tone")
    assert (comment.author, comment.category, comment.visibility) == (
        ours.people["agent"], "tone", "everyone",
    )  # fmt: skip
    assert told(ours, "review_commented") == {"reviewer"}
    assert audited(ours, "review.commented") == [{"comment": comment.pk, "visibility": "everyone"}]


def test_an_answer_tells_the_agent_and_who_talked_before(ours: Place, review: Review) -> None:
    say(ours, review, "Well done", "lead")
    say(ours, review, "I agree", "reviewer")
    assert told(ours, "review_commented") == {"agent", "lead", "reviewer"}


def test_who_sees_the_review_comments_it(ours: Place, review: Review) -> None:
    for person in ("admin", "manager", "lead", "reviewer", "agent"):
        assert say(ours, review, "Hello", person).body == "Hello"
    for person in ("other_lead", "second_reviewer", "other_agent"):
        with pytest.raises(Missing):
            say(ours, review, "Hello", person)


def test_an_agent_never_sees_private_notes(ours: Place, review: Review, api: Api) -> None:
    note = say(ours, review, "Third time this month #pattern", "lead", visibility=NOTE)
    assert told(ours, "review_commented") == {"reviewer"}
    say(ours, review, "Good", "lead")
    assert [c.body for c in thread(ours.actor("agent"), review)] == ["Good"]
    assert len(thread(ours.actor("reviewer"), review)) == 2
    path = f"reviews/{review.pk}/"
    for answer in (
        api("agent").get(f"{path}comments/"),
        api("agent").get(path),
        api("agent").get("reviews/"),
    ):
        assert "month" not in answer.content.decode()
        assert "pattern" not in answer.content.decode()
    assert api("agent").patch(f"{path}comments/{note.pk}/", {"body": "x"}).status_code == 404


def test_an_agent_who_leads_sees_no_notes_about_himself(ours: Place, review: Review) -> None:
    MemberRole.objects.create(workspace=ours.workspace, member=ours.people["agent"], role=Role.MANAGER)
    say(ours, review, "Between us", "lead", visibility=NOTE)
    assert thread(ours.actor("agent"), review) == []
    with pytest.raises(Refused):
        say(ours, review, "Between us", "agent", visibility=NOTE)
    MemberRole.objects.filter(member=ours.people["agent"], role=Role.AGENT).delete()
    assert thread(ours.actor("agent"), review) == []


def test_an_agent_writes_no_private_notes(ours: Place, review: Review) -> None:
    with pytest.raises(Refused) as refusal:
        say(ours, review, "Between us", visibility=NOTE)
    assert refusal.value.code == "role"


def test_private_notes_tell_reviewers_only(ours: Place, review: Review) -> None:
    say(ours, review, "Thanks")
    say(ours, review, "Between us, @Agent and @Manager", "lead", visibility=NOTE)
    assert told(ours, "review_commented") == {"reviewer"}
    assert told(ours, "mentioned") == {"manager"}


def test_mentions_tell_only_those_who_see_the_review(ours: Place, review: Review) -> None:
    say(ours, review, "@Manager @Second_Reviewer @Other_Agent @Agent @Nobody", "lead")
    assert told(ours, "mentioned") == {"manager", "agent"}
    assert told(ours, "review_commented") == {"reviewer"}  # the agent was mentioned: told once


def test_mentions_in_a_grading_are_told_when_it_is_given(ours: Place) -> None:
    choices = (Choice("solution", "3", comment="Like @Lead said"), Choice("tone", "great"))
    review = submitted(ours, judgement=Judgement(choices, "@Agent @Other_Agent @Manager look"))
    assert told(ours, "mentioned") == {"lead"}  # the agent hears of the review, its author knows
    again = Judgement(choices, "@Admin look")
    reviews.revise(actor=ours.actor("manager"), review_id=review.pk, reason="Why", judgement=again)
    assert told(ours, "mentioned") == {"lead", "admin"}


def test_before_release_the_agent_hears_nothing(ours: Place, review: Review, api: Api) -> None:
    Review.objects.filter(pk=review.pk).update(held=True)
    say(ours, review, "Hello @Agent", "lead")
    assert told(ours, "review_commented") == {"reviewer"}
    assert told(ours, "mentioned") == set()
    assert thread(ours.actor("agent"), review) == []
    assert api("agent").get(f"reviews/{review.pk}/comments/").status_code == 404
    assert ReviewComment.objects.visible_to(ours.actor("agent")).count() == 0


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"body": " \n "}, "/body"), ({"body": "x", "category": "speed"}, "/category")],
)
def test_comments_that_do_not_fit(ours: Place, review: Review, fields: dict[str, str], pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        say(ours, review, **fields)
    assert refusal.value.errors[0].pointer == pointer


@pytest.mark.parametrize("state", ["draft", "retracted"])
def test_drafts_and_retracted_reviews_are_not_talked_about(ours: Place, review: Review, state: str) -> None:
    Review.objects.filter(pk=review.pk).update(state=state)
    with pytest.raises(Conflict):
        say(ours, review, "Hello", "reviewer")


def test_hashtags_are_those_of_all_that_is_said_openly(ours: Place) -> None:
    judgement = Judgement((Choice("solution", "3", comment="#Refund"), Choice("tone", "great")), "#praise")
    review = submitted(ours, judgement=judgement)
    assert review.hashtags == ["praise", "refund"]
    comment = say(ours, review, "#Thanks #praise")
    assert fresh(review).hashtags == ["praise", "refund", "thanks"]
    mend(ours, comment, "no more")
    assert fresh(review).hashtags == ["praise", "refund"]
    say(ours, review, "#open")
    revised = reviews.revise(actor=ours.actor("manager"), review_id=review.pk, reason="Why", judgement=GOOD)
    assert fresh(revised).hashtags == ["open"]
    reviews.amend(actor=ours.actor("manager"), review_id=review.pk, comment="Good #pace")
    assert fresh(review).hashtags == ["pace", "open"]


def test_the_author_mends_his_comment_for_a_day(ours: Place, review: Review) -> None:
    comment = say(ours, review, "Helo @Manager")
    edited = mend(ours, comment, "Hello @Lead")
    assert (edited.body, edited.edited_at is None) == ("Hello @Lead", False)
    assert told(ours, "mentioned") == {"manager", "lead"}
    with pytest.raises(Refused) as refusal:
        mend(ours, comment, "Mine", "lead")
    assert refusal.value.code == "not_yours"
    late = timezone.now() + timedelta(hours=24, seconds=1)
    with time_machine.travel(late), pytest.raises(Conflict) as conflict:
        mend(ours, comment, "Later")
    assert conflict.value.code == "too_late"


def test_what_a_comment_said_before_is_kept(ours: Place, review: Review) -> None:
    comment = say(ours, review, "First")
    mend(ours, comment, "Second")
    history = ReviewComment.pgh_event_model.objects.filter(pgh_obj_id=comment.pk)  # type: ignore[attr-defined]
    assert list(history.order_by("pgh_id").values_list("body", flat=True)) == ["First", "Second"]


def test_an_edit_of_what_was_edited_since_is_stale(ours: Place, review: Review) -> None:
    comment = say(ours, review, "First")
    read = etag(comment)
    mend(ours, comment, "Second", if_match=read)
    with pytest.raises(Stale):
        mend(ours, comment, "Third", if_match=read)


def test_the_thread_over_the_api(ours: Place, review: Review, api: Api) -> None:
    path = f"reviews/{review.pk}/comments/"
    made = api("agent").post(path, {"body": "**Thanks** @Lead", "category": "tone"})
    comment = made.json()
    assert (made.status_code, made["ETag"]) == (201, comment["etag"])
    assert comment["html"] == '<p><strong>Thanks</strong> <span class="mention">@Lead</span></p>\n'
    assert (comment["author"]["name"], comment["side"]) == ("Agent", "agent")
    assert comment["authorized_actions"] == ["update"]
    changed = api("agent").patch(f"{path}{comment['id']}/", {"body": "Thanks"}).json()
    assert (changed["body"], changed["edited_at"] is None) == ("Thanks", False)
    listed = api("lead").get(path).json()
    assert [(c["body"], c["authorized_actions"]) for c in listed["results"]] == [("Thanks", [])]
    assert api("agent").post(path, {"body": "x", "visibility": "everybody"}).status_code == 422
    assert api("agent").get(f"{path}?mood=1").status_code == 422


def test_a_hidden_reviewer_stays_unnamed_under_his_comments(ours: Place, review: Review, api: Api) -> None:
    set_rule(ours, hide_reviewer=True)
    say(ours, review, "Well done", "reviewer")
    say(ours, review, "Indeed", "lead")
    path = f"reviews/{review.pk}/comments/"
    by_agent = [(c["author"], c["side"]) for c in api("agent").get(path).json()["results"]]
    assert by_agent[0] == (None, "reviewer")
    assert by_agent[1][0]["name"] == "Lead"
    by_lead = [c["author"]["name"] for c in api("lead").get(path).json()["results"]]
    assert by_lead == ["Reviewer", "Lead"]


def test_the_etag_of_a_review_changes_only_with_its_hashtags(ours: Place, review: Review) -> None:
    """A lead who revises is not stopped by somebody saying thank you."""
    before = etag(fresh(review))
    say(ours, review, "Thank you")
    assert etag(fresh(review)) == before
    say(ours, review, "#thanks")
    assert etag(fresh(review)) != before
