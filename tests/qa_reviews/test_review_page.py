"""The page of one review: what it says to whom, its moves, the talk under it, its history, and who stays
unnamed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import WorkspaceSettings
from qa_reviews.judgement import Choice, Judgement, Note, Passage
from qa_reviews.models import Dispute, Grading, Rating, Review
from qa_reviews.services.comments import add_comment, edit_comment
from qa_reviews.services.disputes import raise_dispute, resolve_dispute
from qa_reviews.services.reviews import amend, revise
from scorecards.models import Scorecard
from tests.world import Place, World

Browse = Callable[..., Client]
BETTER = {"kind": "ratings", "comment": "He asked **first**", "rating-solution": "4", "action": "dispute"}


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


@pytest.fixture
def review(ours: Place) -> Review:
    """The world's review, seen by its agent in time to dispute it."""
    found: Review = ours.rows["review"]
    Review.objects.filter(pk=found.pk).update(submitted_at=timezone.now(), release_at=timezone.now())
    found.refresh_from_db()
    return found


@pytest.fixture
def disputed(ours: Place, review: Review) -> Dispute:
    return raise_dispute(
        actor=ours.actor("agent"),
        review_id=review.pk,
        kind="ratings",
        comment="He asked **first**",
        proposed=(Choice("solution", "4"),),
    )


def url(review: Review, query: str = "") -> str:
    return f"/w/ours/reviews/{review.pk}/{query}"


def read(browse: Browse, person: str, review: Review, query: str = "") -> str:
    response = browse(person).get(url(review, query))
    assert response.status_code == 200
    return response.content.decode()


def settings(place: Place, **fields: Any) -> None:
    WorkspaceSettings.objects.filter(workspace=place.workspace).update(**fields)


def regrade(ours: Place, review: Review, **given: Any) -> Review:
    """Another grading with evidence, a remark and causes."""
    message = ours.rows["message"].pk
    choices = (
        Choice(
            "solution",
            "2",
            comment="Which *parcel*?",
            root_causes=("Did not ask",),
            evidence=(Passage(message, 0, 5),),
        ),
        Choice("tone", "great"),
    )
    judgement = Judgement(choices, "Ask first #tone", {}, (Note(message, "Warm start", "praise"),))
    return revise(
        actor=ours.actor("reviewer"),
        review_id=review.pk,
        reason="Missed a step",
        judgement=judgement,
        **given,
    )


# --- what it says ---------------------------------------------------------------------------------------


def test_it_says_what_went_well_and_where_to_grow(ours: Place, review: Review, browse: Browse) -> None:
    text = read(browse, "agent", review)
    well, grow = text.index("What went well"), text.index("Chances to grow")
    assert well < text.index('href="#judged-tone"') < grow < text.index('href="#judged-solution"')
    assert "of 100, pass mark 80" in text


def test_a_scorecard_has_its_own_mark_and_bands(ours: Place, review: Review, browse: Browse) -> None:
    bands = [{"from": "70", "label": "On track"}, {"from": "0", "label": "Needs help"}]
    Scorecard.objects.filter(pk=review.scorecard_id).update(pass_mark=75, bands=bands)
    text = read(browse, "agent", review)
    assert "of 100, pass mark 75" in text
    assert "On track" in text


def test_comments_are_markdown_and_evidence_is_marked(ours: Place, review: Review, browse: Browse) -> None:
    regrade(ours, review)
    text = read(browse, "agent", review)
    message = ours.rows["message"].pk
    assert "Which <em>parcel</em>?" in text
    assert f'<a href="#message-{message}" data-passage="passage-1">Hello</a>' in text
    assert '"target": "judged-solution"' in text
    assert "Hello, where is it?" in text
    assert "Warm start" in text
    assert 'class="hashtag"' in text
    assert "root_cause=Did%20not%20ask" in text


def test_only_reviewers_see_what_was_suggested(ours: Place, review: Review, browse: Browse) -> None:
    grading = Grading.objects.create(
        workspace=ours.workspace, review=review, number=2, version=review.version, score=50, comment="x"
    )
    Rating.objects.create(
        workspace=ours.workspace, grading=grading, category="tone", state="rated", option="ok", score=50,
        suggestion_source="scorer", suggestion_version="7", suggested_option="great",
    )  # fmt: skip
    Review.objects.filter(pk=review.pk).update(gradings_count=2)
    assert "Suggested by scorer 7:" in read(browse, "lead", review)
    assert "scorer" not in read(browse, "agent", review)


def test_answers_bonus_and_how_it_was_graded(ours: Place, review: Review, browse: Browse) -> None:
    Review.objects.filter(pk=review.pk).update(
        active_seconds=95, started_from="best", revealed_at=timezone.now()
    )
    grading = Grading.objects.create(
        workspace=ours.workspace, review=review, number=2, version=review.version,
        score=100, unfailed_score=100, uncapped_score=104,
    )  # fmt: skip
    Review.objects.filter(pk=review.pk).update(gradings_count=grading.number)
    text = read(browse, "lead", review)
    for words in ("bring it to 104", "worked on for 1 min 35 s", "began with the best", "not blind"):
        assert words in text
    assert "worked on" not in read(browse, "agent", review)


# --- dispute and answer ---------------------------------------------------------------------------------


def test_the_agent_disputes_with_days_and_rounds_told(ours: Place, review: Review, browse: Browse) -> None:
    client = browse("agent")
    text = client.get(url(review)).content.decode()
    assert "You have 13 days left" in text
    assert "You can dispute it 1 time." in text
    assert client.post(url(review), BETTER).status_code == 302
    dispute = Dispute.objects.get(review=review)
    assert dispute.proposed == [{"category": "solution", "comment": "", "option": "4"}]
    text = client.get(url(review)).content.decode()
    assert "He asked <strong>first</strong>" in text
    assert "You propose:" in text
    assert "Excellent" in text


def test_what_was_typed_survives_a_refusal(ours: Place, review: Review, browse: Browse) -> None:
    client = browse("agent")
    answer = client.post(url(review), BETTER | {"comment": ""})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert '<option value="4" selected>Excellent</option>' in text
    settings(ours, dispute_rounds=0)
    late = client.post(url(review), BETTER | {"comment": "My long story"})
    assert late.status_code == 409
    assert "Disputes are switched off in this workspace." in late.content.decode()
    assert "My long story" in late.content.decode()


def test_the_wrong_agent_is_named_and_the_review_taken_back(
    ours: Place, review: Review, browse: Browse
) -> None:
    message = ours.rows["message"]
    message.pk, message.key, message.external_id = None, "m3", "m3"
    message.agent, message.author_type = ours.rows["other_agent"], "agent"
    message.save()
    other = ours.rows["other_agent"].pk
    given = {"kind": "wrong_agent", "comment": "Bo wrote that", "agent": other, "action": "dispute"}
    assert browse("agent").post(url(review), given).status_code == 302
    client = browse("manager")
    assert "Bo Lind" in client.get(url(review)).content.decode()
    done = client.post(
        url(review), {"action": "resolve", "outcome": "accepted", "comment": "Right", "agent": other}
    )
    assert done.status_code == 302
    review.refresh_from_db()
    assert review.state == "retracted"


@pytest.mark.parametrize(
    ("answer", "outcome", "option"),
    [
        ({"outcome": "accepted"}, "accepted", "4"),
        ({"outcome": "partially_accepted", "rating-solution": "2"}, "partially_accepted", "2"),
        ({"outcome": "rejected", "rating-solution": "2"}, "rejected", "3"),
    ],
)
def test_a_lead_answers(
    review: Review, disputed: Dispute, browse: Browse, answer: dict[str, str], outcome: str, option: str
) -> None:
    client = browse("lead")
    assert "The agent proposes:" in client.get(url(review)).content.decode()
    done = client.post(url(review), answer | {"action": "resolve", "comment": "Looked again"})
    assert done.status_code == 302
    disputed.refresh_from_db()
    review.refresh_from_db()
    assert (disputed.outcome, review.state) == (outcome, "resolved")
    ratings = Rating.objects.filter(grading__review=review, grading__number=review.gradings_count)
    assert ratings.get(category="solution").option == option
    assert "Looked again" in read(browse, "agent", review)


def test_an_answer_without_its_reason_is_refused_in_place(
    review: Review, disputed: Dispute, browse: Browse
) -> None:
    given = {"action": "resolve", "outcome": "partially_accepted", "rating-solution": "2", "comment": " "}
    answer = browse("lead").post(url(review), given)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert '<option value="2" selected>' in text
    assert re.search(r'value="partially_accepted"[^>]* checked', text)
    partly = browse("lead").post(url(review), given | {"comment": "Why", "rating-solution": ""})
    assert partly.status_code == 422


def test_a_dispute_is_handed_on(ours: Place, review: Review, disputed: Dispute, browse: Browse) -> None:
    client, lead = browse("reviewer"), ours.people["lead"]
    assert f'<option value="{lead.pk}">Lead</option>' in client.get(url(review)).content.decode()
    assert client.post(url(review), {"action": "reroute", "to": lead.pk}).status_code == 302
    assert "This dispute was handed to a lead." in client.get(url(review)).content.decode()
    assert "Handed to Lead." in read(browse, "manager", review)


@pytest.mark.parametrize("person", ["agent", "second_reviewer", "other_lead"])
def test_who_may_not_answer_is_refused(
    review: Review, disputed: Dispute, browse: Browse, person: str
) -> None:
    given = {"action": "resolve", "outcome": "rejected", "comment": "No"}
    assert browse(person).post(url(review), given).status_code in (403, 404)
    disputed.refresh_from_db()
    assert disputed.state == "open"


# --- talk, mending, release -----------------------------------------------------------------------------


def test_talk_goes_to_everyone_and_notes_stay_among_reviewers(
    ours: Place, review: Review, browse: Browse
) -> None:
    agent, lead = browse("agent"), browse("lead")
    agent.post(url(review), {"action": "comment", "visibility": "everyone", "body": "Which macro?"})
    lead.post(
        url(review),
        {"action": "comment", "visibility": "reviewers", "body": "Coach him", "category": "tone"},
    )
    assert "Which macro?" in read(browse, "lead", review)
    assert "Coach him" in read(browse, "reviewer", review)
    text = agent.get(url(review)).content.decode()
    assert "Coach him" not in text
    assert "Private notes" not in text
    forbidden = agent.post(url(review), {"action": "comment", "visibility": "reviewers", "body": "Hm"})
    assert forbidden.status_code == 403
    assert (
        agent.post(url(review), {"action": "comment", "visibility": "everyone", "body": " "}).status_code
        == 422
    )


def test_a_comment_is_changed_by_its_author_with_both_texts_kept(
    ours: Place, review: Review, browse: Browse
) -> None:
    comment = add_comment(actor=ours.actor("agent"), review_id=review.pk, body="Wich macro?")
    given = {"action": "edit", "comment": comment.pk, "body": "Which macro?"}
    assert browse("lead").post(url(review), given).status_code == 403
    assert browse("agent").post(url(review), given).status_code == 302
    text = read(browse, "lead", review)
    assert "Comment changed" in text
    assert '<del dir="auto"><span class="visually-hidden">before: </span>Wich macro?</del>' in text
    assert browse("agent").post(url(review), given | {"comment": 10**6}).status_code == 422


def test_words_are_mended_without_a_new_score(ours: Place, review: Review, browse: Browse) -> None:
    client = browse("reviewer")
    Grading.objects.filter(review=review).delete()
    again = Grading.objects.create(
        workspace=ours.workspace, review=review, number=1, version=review.version,
        grader=ours.people["reviewer"], score=review.score, comment="Good pce",
    )  # fmt: skip
    Rating.objects.create(
        workspace=ours.workspace, grading=again, category="tone", state="rated", option="great", score=100,
        comment="Wel asked",
    )  # fmt: skip
    text = client.get(url(review)).content.decode()
    assert "Mend words" in text
    given = {"action": "amend", "comment": "Good pace", "words-tone": "Well asked"}
    assert client.post(url(review), given).status_code == 302
    text = client.get(url(review)).content.decode()
    assert "Words mended" in text
    assert "Wel asked" in text
    assert "Well asked" in text


def test_a_held_review_is_released_from_its_page(ours: Place, review: Review, browse: Browse) -> None:
    Review.objects.filter(pk=review.pk).update(held=True)
    assert browse("agent").get(url(review)).status_code == 404
    text = read(browse, "lead", review)
    assert "Held back from the agent" in text
    assert "Waits until a lead releases it" in text
    assert browse("lead").post(url(review), {"action": "release"}).status_code == 302
    assert browse("agent").get(url(review)).status_code == 200


def test_reviews_are_released_in_one_go_from_the_explorer(
    ours: Place, review: Review, browse: Browse
) -> None:
    Review.objects.filter(pk=review.pk).update(held=True)
    client = browse("lead")
    assert "1 review is held back until you release it." in client.get("/w/ours/reviews/").content.decode()
    assert 'name="review" value="' in client.get("/w/ours/reviews/?held=true").content.decode()
    done = client.post("/w/ours/reviews/release/", {"review": [review.pk]}, follow=True)
    assert "1 review was released" in done.content.decode()
    nothing = client.post("/w/ours/reviews/release/", {"all": "true"}, follow=True)
    assert "0 reviews were released" in nothing.content.decode()


def test_an_unknown_action_is_refused(review: Review, browse: Browse) -> None:
    assert browse("lead").post(url(review), {"action": "explode"}).status_code == 422


# --- history --------------------------------------------------------------------------------------------


def test_every_grading_stays_readable_with_what_changed(ours: Place, review: Review, browse: Browse) -> None:
    regrade(ours, review)
    text = read(browse, "agent", review)
    assert "Revised" in text
    assert "Missed a step" in text
    assert '<del dir="auto"><span class="visually-hidden">before: </span>Good</del>' in text
    assert '<ins dir="auto"><span class="visually-hidden">now: </span>Needs work</ins>' in text
    first = read(browse, "agent", review, "?grading=1")
    assert "This is grading 1 of 2, as it was then." in first
    assert "Good pace" in first
    assert browse("agent").get(url(review, "?grading=3")).status_code == 404
    assert browse("agent").get(url(review, "?grading=x")).status_code == 422


def test_the_history_tells_the_whole_life_in_order(
    ours: Place, review: Review, disputed: Dispute, browse: Browse
) -> None:
    resolve_dispute(
        actor=ours.actor("lead"), review_id=review.pk, dispute_id=disputed.pk, outcome="rejected",
        comment="It stays",
    )  # fmt: skip
    browse("agent").post(url(review), {"action": "acknowledge"})
    text = read(browse, "agent", review)
    story = text[text.index('id="history-title"') :]
    places = [
        story.index(words) for words in ("Submitted", "Disputed", "Dispute rejected", "Acknowledged by")
    ]
    assert places == sorted(places)


# --- who stays unnamed ----------------------------------------------------------------------------------


def test_the_reviewer_appears_nowhere(ours: Place, review: Review, browse: Browse) -> None:
    """All pages of this kind, read as the agent, after everything that can happen to a review."""
    settings(ours, hide_reviewer=True, dispute_rounds=3, self_reviews=True)
    member = ours.people["reviewer"]
    type(member).objects.filter(pk=member.pk).update(name="Quentin Zorn", email="q.zorn@ours.example")
    reviewer, lead = ours.actor("reviewer"), ours.actor("lead")
    regrade(ours, review)
    comment = add_comment(actor=reviewer, review_id=review.pk, body="Wel done")
    edit_comment(actor=reviewer, review_id=review.pk, comment_id=comment.pk, body="Well done")
    for who, outcome in ((reviewer, "accepted"), (lead, "rejected")):
        dispute = raise_dispute(
            actor=ours.actor("agent"), review_id=review.pk, kind="ratings", comment="No",
            proposed=(Choice("solution", "4"),),
        )  # fmt: skip
        resolve_dispute(
            actor=who, review_id=review.pk, dispute_id=dispute.pk, outcome=outcome, comment="Because"
        )
    amend(actor=reviewer, review_id=review.pk, comment="Ask sooner")
    raise_dispute(actor=ours.actor("agent"), review_id=review.pk, kind="ratings", comment="Still no",
                  proposed=(Choice("solution", "2"),))  # fmt: skip
    conversation = ours.rows["conversation"].pk
    client = browse("agent")
    for address in (
        "",
        "inbox/",
        "reviews/",
        "reviews/?dispute=open",
        f"reviews/{review.pk}/",
        f"reviews/{review.pk}/?grading=1",
        "conversations/",
        f"conversations/{conversation}/",
        f"reviews/new/?conversation={conversation}&kind=self",
        f"agents/{ours.rows['agent'].pk}/",
    ):
        response = client.get(f"/w/ours/{address}")
        assert response.status_code == 200, address
        text = response.content.decode()
        for secret in ("Quentin", "Zorn", "q.zorn@"):
            assert secret not in text, (address, secret)
    assert "Quentin Zorn" in read(browse, "lead", review)


# --- queries --------------------------------------------------------------------------------------------


def test_the_pages_queries_do_not_grow_with_what_was_said(
    ours: Place, review: Review, browse: Browse
) -> None:
    client = browse("agent")
    regrade(ours, review)
    add_comment(actor=ours.actor("reviewer"), review_id=review.pk, body="One")
    client.get(url(review))
    with CaptureQueriesContext(connection) as little:
        client.get(url(review))
    regrade(ours, review)
    for number in range(4):
        add_comment(actor=ours.actor("agent"), review_id=review.pk, body=f"More {number}")
    client.get(url(review))
    with CaptureQueriesContext(connection) as much:
        client.get(url(review))
    assert len(much) == len(little) <= 24
