"""Who may see the grades of a calibration session, and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import Actor, Role
from accounts.models import MemberRole
from notices.models import Notice
from qa_reviews.models import CalibrationSession, Grading, Rating, Review
from qa_reviews.services import drafts
from tests.qa_reviews.life import GOOD, audited, set_rule
from tests.qa_reviews.sessions import graded, session
from tests.world import ApiClient, Place, World, add_person

Api = Callable[..., ApiClient]
LEADERS = ("admin", "manager", "lead")


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def seen_by(place: Place, review: Review) -> set[str]:
    return {name for name in place.people if review in Review.objects.visible_to(place.actor(name))}


def test_before_it_is_talked_over_grades_are_seen_by_who_gave_them(ours: Place) -> None:
    review = graded(ours, session(ours).conversations.get(), "reviewer", solution="4")
    assert seen_by(ours, review) == {"reviewer"}
    for model, path in ((Grading, "review"), (Rating, "grading__review")):
        rows = {
            name: model.objects.visible_to(ours.actor(name)).filter(**{path: review}) for name in ours.people
        }
        assert {name for name, found in rows.items() if found.exists()} == {"reviewer"}


def test_not_even_after_submitting_ones_own(ours: Place) -> None:
    one = session(ours).conversations.get()
    review, his = graded(ours, one, "reviewer"), graded(ours, one, "second_reviewer")
    assert (seen_by(ours, review), seen_by(ours, his)) == ({"reviewer"}, {"second_reviewer"})


@pytest.mark.parametrize("state", ["discussing", "closed"])
def test_once_talked_over_who_takes_part_or_leads_sees_them(ours: Place, state: str) -> None:
    one = session(ours, state, by="lead").conversations.get()
    review, draft = graded(ours, one, "reviewer"), graded(ours, one, "second_reviewer", None)
    assert seen_by(ours, review) == {"admin", "manager", "lead", "reviewer", "second_reviewer"}
    assert seen_by(ours, draft) == {"second_reviewer"}


def test_a_session_of_a_team_is_for_who_leads_it(ours: Place) -> None:
    one = session(ours, "closed", ["reviewer"], team=ours.rows["team"]).conversations.get()
    assert seen_by(ours, graded(ours, one, "reviewer")) == {*LEADERS, "reviewer"}


def test_whom_it_is_about_never_sees_it_whatever_else_he_is(ours: Place) -> None:
    found = session(ours, "closed")
    review = graded(ours, found.conversations.get(), "reviewer")
    member = ours.people["agent"]
    MemberRole.objects.create(workspace=ours.workspace, member=member, role=Role.MANAGER)
    found.participants.create(workspace=ours.workspace, member=member)
    assert found in CalibrationSession.objects.visible_to(ours.actor("agent"))
    assert review not in Review.objects.visible_to(ours.actor("agent"))


def test_the_grade_of_a_calibration_opens_no_other_review_of_the_conversation(ours: Place) -> None:
    one = session(ours).conversations.get()
    standard = graded(ours, one, "manager")
    Review.objects.filter(pk=standard.pk).update(kind="standard", calibrated=None)
    graded(ours, one, "reviewer")
    assert standard not in Review.objects.visible_to(ours.actor("reviewer"))


def test_the_service_itself_sees_all(ours: Place) -> None:
    review = graded(ours, session(ours).conversations.get(), "reviewer")
    assert review in Review.objects.visible_to(Actor.system(ours.workspace))


def test_lists_pages_exports_and_the_conversation_keep_quiet(
    ours: Place, api: Api, browse: Callable[..., Client]
) -> None:
    one = session(ours).conversations.get()
    review = graded(ours, one, "reviewer", score=61.25)
    for person in LEADERS:
        listed = api(person).get("reviews/?kind=calibration").json()["results"]
        assert listed == []
        assert api(person).get(f"reviews/{review.pk}/").status_code == 404
        assert browse(person).get(reverse("review", args=["ours", review.pk])).status_code == 404
        page = browse(person).get(reverse("conversation", args=["ours", one.conversation_id]))
        assert "61" not in page.content.decode().split("<main")[1].split("Reviews")[-1]
    text = b"".join(api("manager").get("reviews/export.csv").streaming_content).decode()
    assert "calibration" not in text
    CalibrationSession.objects.update(state="discussing")
    text = b"".join(api("manager").get("reviews/export.csv").streaming_content).decode()
    assert "calibration" in text


class TestGrading:
    def draft(self, place: Place, state: str = "open") -> Review:
        return graded(place, session(place, state).conversations.get(), "reviewer", None)

    def test_submitting_tells_no_agent_and_the_audit_no_score(self, ours: Place) -> None:
        set_rule(ours, release="by_lead")
        draft = self.draft(ours)
        Notice.objects.all().delete()
        found = drafts.submit(actor=ours.actor("reviewer"), review_id=draft.pk, judgement=GOOD)
        assert (found.state, found.held, found.release_at) == ("submitted", False, None)
        assert found.score is not None
        assert not Notice.objects.exists()
        assert audited(ours, "review.submitted")[-1] == {}

    @pytest.mark.parametrize("state", ["discussing", "closed"])
    def test_nothing_more_is_graded_once_it_is_talked_over(self, ours: Place, api: Api, state: str) -> None:
        draft = self.draft(ours, state)
        for answer in (
            api("reviewer").patch(f"reviews/{draft.pk}/", {"comment": "Late"}),
            api("reviewer").post(f"reviews/{draft.pk}/submit/", {}),
        ):
            assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "not_open")

    def test_what_was_graded_stays(self, ours: Place, api: Api) -> None:
        one = session(ours, "closed").conversations.get()
        review = graded(ours, one, "reviewer", solution="4", tone="great")
        for person in ("reviewer", "manager"):
            answer = api(person).post(f"reviews/{review.pk}/retract/", {"reason": "No"})
            assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "calibration")
        assert "retract" not in api("manager").get(f"reviews/{review.pk}/").json()["authorized_actions"]

    def test_a_draft_of_it_is_not_revealed(self, ours: Place, api: Api) -> None:
        answer = api("reviewer").post(f"reviews/{self.draft(ours).pk}/reveal/", {})
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "calibration")


def test_a_key_with_an_agents_role_sees_no_others(ours: Place) -> None:
    """Also where its member facilitates."""
    found = session(ours, "closed")
    review = graded(ours, found.conversations.get(), "reviewer")
    gil = add_person(ours, "gil", Role.AGENT)
    found.participants.create(workspace=ours.workspace, member=gil)
    assert review not in Review.objects.visible_to(ours.actor("gil"))
