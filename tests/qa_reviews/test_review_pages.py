"""The pages of reviews without script: the workbench as a plain form, the list, one review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import WorkspaceSettings
from qa_reviews.judgement import Judgement
from qa_reviews.models import QueueItem, Review
from scorecards.models import Scorecard, ScorecardVersion
from tests.world import Place, World

Browse = Callable[..., Client]
GOOD = {"solution-option": "3", "tone-option": "great", "comment": "Good pace"}


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def page(place: Place, path: str) -> str:
    return f"/w/{place.slug}/{path}"


def item_page(place: Place) -> str:
    return page(place, f"queue/{place.rows['queue_item'].pk}/")


def draft_of(place: Place, person: str) -> Review:
    return Review.objects.get(reviewer=place.people[person], state="draft")


# --- the workbench --------------------------------------------------------------------------------------


def test_opening_an_item_claims_it_and_shows_both_sides(ours: Place, browse: Browse) -> None:
    ours.rows["message"].pk, ours.rows["message"].conversation = None, ours.rows["unreviewed"]
    ours.rows["message"].save()
    response = browse("reviewer").get(item_page(ours))
    text = response.content.decode()
    assert response.status_code == 200
    assert "Hello, where is it?" in text
    assert 'name="solution-option" value="4"' in text
    assert QueueItem.objects.get(pk=ours.rows["queue_item"].pk).state == "claimed"


@pytest.mark.parametrize("secret", ["normal", "risk", "probability", "csat"])
def test_the_workbench_tells_a_blind_reviewer_nothing(ours: Place, browse: Browse, secret: str) -> None:
    survey = ours.rows["survey"]
    survey.conversation = ours.rows["unreviewed"]
    survey.save()
    QueueItem.objects.filter(pk=ours.rows["queue_item"].pk).update(band="risk")
    text = browse("reviewer").get(item_page(ours)).content.decode().lower()
    assert secret not in text


def test_save_and_submit_as_a_plain_form(ours: Place, browse: Browse) -> None:
    client = browse("reviewer")
    client.get(item_page(ours))
    saved = client.post(item_page(ours), {"solution-option": "2", "action": "save"})
    assert saved.status_code == 302
    draft = draft_of(ours, "reviewer")
    assert (draft.draft["ratings"][0]["option"], draft.draft_number) == ("2", 1)
    causes = {"solution-causes": ["Did not ask"], "tone-option": "na"}
    done = client.post(item_page(ours), GOOD | causes | {"action": "submit"})
    assert done.status_code == 302
    draft.refresh_from_db()
    assert (draft.state, str(draft.score)) == ("submitted", "66.6667")


def test_what_is_missing_is_named_and_what_was_chosen_stays(ours: Place, browse: Browse) -> None:
    client = browse("reviewer")
    answer = client.post(item_page(ours), {"tone-option": "great", "comment": "Hm", "action": "submit"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "&quot;Solution&quot; needs a rating or N/A." in text
    assert 'value="great" data-digit="3" checked' in text
    assert draft_of(ours, "reviewer").draft == Judgement().as_json()


def test_an_error_stands_at_its_category(ours: Place, browse: Browse) -> None:
    answer = browse("reviewer").post(item_page(ours), GOOD | {"tone-option": "nope", "action": "save"})
    text = answer.content.decode()
    assert 'href="#category-tone"' in text
    assert 'id="tone-error"' in text


def test_a_hand_made_draft_from_begin_to_submission(ours: Place, browse: Browse) -> None:
    client = browse("manager")
    start = {
        "conversation": ours.rows["unreviewed"].pk,
        "agent": ours.rows["agent"].pk,
        "scorecard": ours.rows["scorecard"].pk,
    }
    assert client.get(page(ours, "reviews/new/"), {"conversation": start["conversation"]}).status_code == 200
    begun = client.post(page(ours, "reviews/new/"), start)
    draft = draft_of(ours, "manager")
    assert begun["Location"] == page(ours, f"reviews/{draft.pk}/edit/")
    assert client.get(begun["Location"]).status_code == 200
    assert client.get(page(ours, f"reviews/{draft.pk}/"))["Location"] == begun["Location"]
    done = client.post(begun["Location"], GOOD | {"action": "submit"})
    assert done["Location"] == page(ours, f"reviews/{draft.pk}/")
    assert client.get(begun["Location"])["Location"] == page(ours, f"reviews/{draft.pk}/")


def test_a_revision_starts_with_the_newest_grading(ours: Place, browse: Browse) -> None:
    client, review = browse("lead"), ours.rows["review"]
    path = page(ours, f"reviews/{review.pk}/revise/")
    text = client.get(path).content.decode()
    assert 'value="great" data-digit="3" checked' in text
    assert "Well asked" in text
    assert client.post(path, GOOD | {"action": "submit"}).status_code == 422
    done = client.post(path, GOOD | {"solution-option": "4", "reason": "Missed a step", "action": "submit"})
    assert done.status_code == 302
    review.refresh_from_db()
    assert (str(review.score), review.gradings_count) == ("100.0000", 2)


# --- one review -----------------------------------------------------------------------------------------


def test_the_review_tells_the_whole_story(ours: Place, browse: Browse) -> None:
    text = browse("lead").get(page(ours, f"reviews/{ours.rows['review'].pk}/")).content.decode()
    for words in (
        "Where is my parcel?",
        "Ana Silva",
        "reviewed by Reviewer",
        "Good pace",
        "Well asked",
        "78",
    ):
        assert words in text


def test_the_agent_sees_and_acknowledges(ours: Place, browse: Browse) -> None:
    review, client = ours.rows["review"], browse("agent")
    path = page(ours, f"reviews/{review.pk}/")
    assert "I have read it" in client.get(path).content.decode()
    review.refresh_from_db()
    assert review.seen_at is not None
    client.post(path, {"action": "acknowledge"})
    assert "You have acknowledged this review." in client.get(path).content.decode()


def test_a_greyed_button_says_why(ours: Place, browse: Browse) -> None:
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(reviewers_revise=False)
    text = browse("reviewer").get(page(ours, f"reviews/{ours.rows['review'].pk}/")).content.decode()
    assert "Reviewers do not revise or retract here: ask a lead." in text


def test_retracting_asks_for_a_reason(ours: Place, browse: Browse) -> None:
    client, path = browse("manager"), page(ours, f"reviews/{ours.rows['review'].pk}/")
    assert client.post(path, {"action": "retract", "reason": " "}).status_code == 422
    assert client.post(path, {"action": "retract", "reason": "Wrong agent"}).status_code == 302
    assert "Retracted" in client.get(path).content.decode()


def test_a_draft_is_deleted_from_its_page(ours: Place, browse: Browse) -> None:
    client, draft = browse("second_reviewer"), ours.rows["draft"]
    done = client.post(page(ours, f"reviews/{draft.pk}/"), {"action": "delete"})
    assert done.status_code == 302
    assert not Review.objects.filter(pk=draft.pk).exists()


# --- beginning by hand ----------------------------------------------------------------------------------


def test_a_scorecard_meant_for_the_conversation_comes_first(ours: Place, browse: Browse) -> None:
    rows = ours.rows
    other = Scorecard.objects.create(
        workspace=ours.workspace, name="Mail", offer_when={"channel": ["email"]}, rank=2
    )
    ScorecardVersion.objects.create(
        workspace=ours.workspace,
        scorecard=other,
        number=1,
        state="published",
        published_at=rows["version"].published_at,
        definition=rows["version"].definition,
    )
    address = page(ours, "reviews/new/")
    mail = browse("manager").get(address, {"conversation": rows["unreviewed"].pk}).content.decode()
    assert mail.index(">Mail<") < mail.index(">Support<")
    chat = browse("manager").get(address, {"conversation": rows["conversation"].pk}).content.decode()
    assert chat.index(">Support<") < chat.index(">Mail (meant for other conversations)<")


def test_whose_work_it_is_can_be_chosen(ours: Place, browse: Browse) -> None:
    message = ours.rows["message"]
    message.pk, message.key, message.external_id, message.conversation = (
        None,
        "x",
        "x",
        ours.rows["unreviewed"],
    )
    message.agent, message.author_type = ours.rows["other_agent"], "agent"
    message.save()
    client, conversation = browse("manager"), ours.rows["unreviewed"].pk
    text = client.get(page(ours, "reviews/new/"), {"conversation": conversation}).content.decode()
    assert text.index(">Ana Silva<") < text.index(">Bo Lind<")
    given = {"conversation": conversation, "agent": ours.rows["other_agent"].pk}
    client.post(page(ours, "reviews/new/"), given | {"scorecard": ours.rows["scorecard"].pk})
    assert draft_of(ours, "manager").agent == ours.rows["other_agent"]
    again = client.post(page(ours, "reviews/new/"), given | {"scorecard": ours.rows["scorecard"].pk})
    assert again.status_code == 409
    assert "You have reviewed this agent in this conversation already." in again.content.decode()


def test_an_agent_reviews_himself_where_the_setting_is_on(ours: Place, browse: Browse) -> None:
    client, conversation = browse("agent"), ours.rows["conversation"].pk
    start = {"conversation": conversation, "kind": "self"}
    assert client.get(page(ours, "reviews/new/"), start).status_code == 403
    assert "kind=self" not in client.get(page(ours, f"conversations/{conversation}/")).content.decode()
    WorkspaceSettings.objects.filter(workspace=ours.workspace).update(self_reviews=True)
    assert "kind=self" in client.get(page(ours, f"conversations/{conversation}/")).content.decode()
    text = client.get(page(ours, "reviews/new/"), start).content.decode()
    assert "Review your own work" in text
    given = start | {"agent": ours.rows["agent"].pk, "scorecard": ours.rows["scorecard"].pk}
    assert client.post(page(ours, "reviews/new/"), given).status_code == 302
    assert draft_of(ours, "agent").kind == "self"
    assert client.get(page(ours, "reviews/new/"), {"conversation": conversation}).status_code == 403


# --- the list -------------------------------------------------------------------------------------------


def listed(client: Client, place: Place, query: dict[str, Any] | None = None) -> str:
    response = client.get(page(place, "reviews/"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_filters_and_names_its_filters(ours: Place, browse: Browse) -> None:
    client = browse("manager")
    assert "Where is my parcel?" in listed(client, ours)
    chosen = listed(
        client, ours, {"agent": ours.rows["agent"].pk, "state": "submitted", "from": "2026-03-01"}
    )
    assert "Where is my parcel?" in chosen
    assert "Remove filter Agent: Ana Silva" in chosen
    assert "Nothing matches" in listed(client, ours, {"score_max": "10"})
    assert client.get(page(ours, "reviews/"), {"colour": "red"}).status_code == 422


def test_ones_own_drafts_are_pointed_out(ours: Place, browse: Browse) -> None:
    client = browse("second_reviewer")
    assert "You have 1 draft that is not submitted." in listed(client, ours)
    assert "Refund please" in listed(client, ours, {"state": "draft"})
    assert "Refund please" not in listed(browse("manager"), ours, {"state": "draft"})
