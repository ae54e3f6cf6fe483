"""Suggestions: from outside and from text rules, hidden while blind, recorded beside ratings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from common.refs import Ref
from qa_reviews.judgement import Choice, Judgement
from qa_reviews.models import Rating, Review, Suggestion, SuggestionRule
from qa_reviews.selectors.suggestions import is_hidden, proposals
from qa_reviews.services import drafts, opening
from qa_reviews.services.opening import NewReview
from scorecards.selectors import definition_of
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
GOOD = Judgement((Choice("solution", "3"), Choice("tone", "great")))


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def one(place: Place, **changes: Any) -> dict[str, Any]:
    """A suggestion for the waiting conversation, as the API takes it."""
    return {
        "conversation": {"source": "helpdesk", "external_id": "1001"},
        "scorecard": place.rows["scorecard"].pk,
        "category": "solution",
        "option": "2",
        "source": "checker",
        "version": "7",
        "passages": [{"message": place.rows["message"].pk, "start": 0, "end": 5}],
    } | changes


def rule(place: Place, **changes: Any) -> SuggestionRule:
    fields: dict[str, Any] = {
        "workspace": place.workspace,
        "name": "Greeting",
        "scorecard": place.rows["scorecard"],
        "category": "tone",
        "option": "great",
        "conditions": [{"op": "contains", "text": "hi sam"}],
    }
    return SuggestionRule.objects.create(**(fields | changes))


def draft(place: Place) -> Review:
    """A second reviewer's draft of conversation 1001."""
    new = NewReview(conversation=Ref(id=place.rows["conversation"].pk))
    return opening.create_review(actor=place.actor("manager"), new=new, judgement=Judgement())


def test_what_fits_is_kept_and_the_rest_is_told_by_place(ours: Place, api: Api) -> None:
    wrong = [
        (one(ours, category="nobody"), "/category", "unknown_category"),
        (one(ours, option="9"), "/option", "unknown_option"),
        (one(ours, conversation=999_999), "/conversation", "not_found"),
        (one(ours, scorecard=999_999), "/scorecard", "not_found"),
        (one(ours, na=True), "/option", "option_or_na"),
        (one(ours, passages=[{"message": ours.rows["message"].pk, "start": 0, "end": 99}]),
         "/passages/0/end", "out_of_range"),
        (one(ours, stars=5), "/stars", "unknown_field"),
    ]  # fmt: skip
    answer = api("reviewer").post("suggestions/", [one(ours), *(each for each, *_ in wrong)])
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert (body["created"], body["updated"]) == (1, 0)
    found = [(row["row"], row["errors"][0]["pointer"], row["errors"][0]["code"]) for row in body["rejected"]]
    assert found == [(place, pointer, code) for place, (_, pointer, code) in enumerate(wrong, 2)]


def test_the_newest_of_a_source_stands(ours: Place, api: Api) -> None:
    client = api("reviewer")
    client.post("suggestions/", [one(ours)])
    body = client.post("suggestions/", [one(ours, option=None, na=True), one(ours, source="other")]).json()
    assert (body["created"], body["updated"]) == (1, 1)
    assert Suggestion.objects.get(source="checker").option == ""


@pytest.mark.parametrize(("body", "status"), [({}, 400), ([{}] * 1001, 413)])
def test_only_an_array_of_up_to_a_thousand(api: Api, body: Any, status: int) -> None:
    assert api("reviewer").post("suggestions/", body).status_code == status


def test_of_another_workspace_is_not_found(ours: Place, world: World, api: Api) -> None:
    foreign = one(ours, conversation=world["theirs"].rows["conversation"].pk)
    body = api("reviewer").post("suggestions/", [foreign]).json()
    assert body["rejected"][0]["errors"][0]["code"] == "not_found"


def test_a_rule_suggests_with_its_passages_and_gives_way_to_one_from_outside(ours: Place, api: Api) -> None:
    rule(ours)
    review = draft(ours)
    definition = definition_of(review.version)
    found = proposals(ours.actor("manager"), review, definition)
    assert (found["tone"].option, found["tone"].source, found["tone"].version) == (
        "great", "text rule: Greeting", "1",
    )  # fmt: skip
    assert [(p.start, p.end) for p in found["tone"].passages] == [(0, 6)]
    api("reviewer").post("suggestions/", [one(ours, category="tone", option="ok", passages=[])])
    assert proposals(ours.actor("manager"), review, definition)["tone"].option == "ok"


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"category": "gone"},
        {"option": "gone"},
        {"author": "customer"},
        {"languages": ["fr"]},
        {"conditions": [{"op": "not_contains", "text": "HI  SAM"}]},
    ],
)
def test_a_rule_that_does_not_hold_or_fit_suggests_nothing(ours: Place, changes: dict[str, Any]) -> None:
    rule(ours, **changes)
    review = draft(ours)
    assert proposals(ours.actor("manager"), review, definition_of(review.version)) == {}


def test_what_another_agent_said_speaks_for_nobody_else(ours: Place) -> None:
    message = ours.rows["conversation"].messages.get(key="m2")
    message.agent = ours.rows["other_agent"]
    message.save()
    rule(ours)
    review = draft(ours)
    assert proposals(ours.actor("manager"), review, definition_of(review.version)) == {}


def test_it_is_recorded_beside_the_rating_whatever_was_chosen(ours: Place) -> None:
    rule(ours, option="poor")
    review = draft(ours)
    assert is_hidden(review)
    drafts.submit(actor=ours.actor("manager"), review_id=review.pk, judgement=GOOD)
    tone = Rating.objects.get(grading__review=review, category="tone")
    assert (tone.option, tone.suggested_option, tone.suggestion_source) == (
        "great", "poor", "text rule: Greeting",
    )  # fmt: skip
    assert tone.suggestion_passages[0]["end"] == 6
    solution = Rating.objects.get(grading__review=review, category="solution")
    assert solution.suggestion_source == ""


def test_a_change_of_a_rule_is_a_new_edition(ours: Place, api: Api) -> None:
    client = api("manager")
    body = {
        "name": "Sorry",
        "scorecard": ours.rows["scorecard"].pk,
        "category": "tone",
        "na": True,
        "conditions": [{"op": "is", "text": "ok"}],
        "match": "all",
        "languages": ["en"],
    }
    made = client.post("suggestion-rules/", body)
    assert made.status_code == 201, made.json()
    first = made.json()
    assert (first["edition"], first["na"], first["option"]) == (1, True, None)
    changed = client.patch(f"suggestion-rules/{first['id']}/", {"option": "poor"}).json()
    assert (changed["edition"], changed["option"], changed["match"]) == (2, "poor", "all")
    stale = client.patch(f"suggestion-rules/{first['id']}/", {"name": "x"}, **{"If-Match": first["etag"]})
    assert stale.status_code == 412
    assert client.delete(f"suggestion-rules/{first['id']}/").status_code == 204
    assert client.get(f"suggestion-rules/{first['id']}/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"category": "gone"}, "/category"),
        ({"option": "gone"}, "/option"),
        ({"conditions": []}, "/conditions"),
        ({"conditions": [{"op": "like", "text": "x"}]}, "/conditions/0/op"),
        ({"scorecard": 999_999}, "/scorecard"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    ours: Place, api: Api, changes: dict[str, Any], pointer: str
) -> None:
    body = {
        "name": "Sorry",
        "scorecard": ours.rows["scorecard"].pk,
        "category": "tone",
        "option": "poor",
        "conditions": [{"op": "is", "text": "ok"}],
    }
    answer = api("manager").post("suggestion-rules/", body | changes)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_the_pages_of_rules(ours: Place, browse: Callable[..., Any]) -> None:
    client, base = browse("manager"), "/w/ours/suggestion-rules/"
    form = {
        "name": "Apology", "proposes": f"{ours.rows['scorecard'].pk}:tone:poor", "author": "agent",
        "languages": "en, de", "match": "any", "active": "on", "form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 0,
        "form-0-op": "not_contains", "form-0-text": "sorry", "form-1-op": "contains", "form-1-text": "",
    }  # fmt: skip
    assert client.get(f"{base}new/").status_code == 200
    assert client.post(f"{base}new/", form).status_code == 302
    made = SuggestionRule.objects.get(name="Apology")
    assert (made.conditions, made.languages) == ([{"op": "not_contains", "text": "sorry"}], ["en", "de"])
    assert "Apology" in client.get(base).content.decode()
    assert "sorry" in client.get(f"{base}{made.pk}/").content.decode()
    refused = client.post(f"{base}{made.pk}/", form | {"form-0-text": ""})
    assert (refused.status_code, "Name at least one text" in refused.content.decode()) == (422, True)
    assert client.post(f"{base}{made.pk}/delete/").status_code == 302
    assert not SuggestionRule.objects.filter(pk=made.pk).exists()
