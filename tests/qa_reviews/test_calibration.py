"""A calibration session from its set-up to its end, on its pages and by its services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.errors import Conflict, Invalid, Refused
from notices.models import Notice
from qa_reviews.models import CalibrationDecision, CalibrationParticipant, CalibrationSession, Review
from qa_reviews.selectors import calibration as selectors
from qa_reviews.services import calibration as services
from qa_reviews.services import drafts
from qa_reviews.services.calibration import SessionInput
from tests.qa_reviews.life import GOOD, submitted, told
from tests.qa_reviews.sessions import GRADERS, graded, session
from tests.world import Place, World

Browse = Callable[..., Client]
SOON = timezone.now().date() + timedelta(days=7)


@pytest.fixture
def ours(world: World) -> Place:
    CalibrationSession.objects.all().delete()
    return world["ours"]


def given(place: Place, **fields: Any) -> SessionInput:
    people = tuple(place.people[each].pk for each in GRADERS)
    usual = {"name": "May", "scorecard": place.rows["scorecard"].pk, "due_on": SOON, "participants": people}
    return SessionInput(**usual | fields)


def url(name: str, *args: int) -> str:
    return reverse(name, args=["ours", *args])


def post(browse: Browse, person: str, route: str, /, *args: int, **data: Any) -> str:
    """The page that it leads to."""
    answer = browse(person).post(url(route, *args), data, follow=True)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_from_set_up_to_decision_on_its_pages(ours: Place, browse: Browse) -> None:
    people = [ours.people[each].pk for each in GRADERS]
    terms = {"name": "May", "scorecard": ours.rows["scorecard"].pk, "due_on": SOON, "participants": people}
    assert "No conversation" not in post(browse, "manager", "calibration-new", **terms)
    found = CalibrationSession.objects.get()
    assert "Add a conversation first." in post(browse, "manager", "calibration-open", found.pk)
    post(browse, "manager", "calibration-conversation-add", found.pk, external_id="1002")
    assert "Open: everybody" in post(browse, "manager", "calibration-open", found.pk)
    assert told(ours, "calibration.opened") == set(GRADERS)
    row = found.conversations.get()
    page = post(browse, "reviewer", "calibration-grade", found.pk, row.pk)
    assert 'name="tone-option"' in page
    for person, option in (("reviewer", "3"), ("second_reviewer", "4")):
        draft = services.grade(actor=ours.actor(person), session_id=found.pk, row_id=row.pk)
        assert draft.blind
        data = {
            "action": "submit", "solution-option": option, "tone-option": "great", "solution-comment": "Yes",
        }  # fmt: skip
        assert "1 of 1 graded" in post(browse, person, "review-edit", draft.pk, **data)
    assert "Points apart" not in browse("manager").get(url("calibration", found.pk)).content.decode()
    page = post(browse, "manager", "calibration-discuss", found.pk)
    assert page.index('dir="auto">Solution</th>') < page.index('dir="auto">Tone</th>')
    said = {"category": "solution", "text": "He asked for the number"}
    assert said["text"] in post(browse, "reviewer", "calibration-note", found.pk, row.pk, **said)
    decided = {"category": "solution", "text": "Asking counts as complete"}
    assert decided["text"] in post(browse, "manager", "calibration-decision", found.pk, **decided)
    assert "Closed" in post(browse, "manager", "calibration-close", found.pk)
    assert told(ours, "calibration.discussed") == set(GRADERS)


def test_a_decision_stands_in_the_workbench_beside_its_category(ours: Place, browse: Browse) -> None:
    found = session(ours, "discussing")
    services.record_decision(
        actor=ours.actor("manager"), session_id=found.pk, category="tone", text="First names are fine"
    )
    draft = graded(ours, session(ours, "open", name="Next").conversations.get(), "reviewer", None)
    page = browse("reviewer").get(url("review-edit", draft.pk)).content.decode()
    assert "First names are fine" in page.split('data-category="tone"')[1].split("</fieldset>")[0]


class TestSettingUp:
    def test_only_for_who_plans_there(self, ours: Place) -> None:
        with pytest.raises(Refused):
            services.create_session(actor=ours.actor("reviewer"), given=given(ours))
        with pytest.raises(Refused, match="beyond your teams"):
            services.create_session(actor=ours.actor("lead"), given=given(ours))
        team = ours.rows["team"].pk
        made = services.create_session(actor=ours.actor("lead"), given=given(ours, team=team))
        assert made.facilitator == ours.people["lead"]

    @pytest.mark.parametrize(
        ("wrong", "pointer"),
        [
            ({"name": " "}, "/name"),
            ({"due_on": date(2020, 1, 1)}, "/due_on"),
            ({"scorecard": 0}, "/scorecard"),
            ({"team": 0}, "/team"),
            ({"participants": (0,)}, "/participants/0"),
            ({"baseline": 0}, "/baseline"),
        ],
    )
    def test_what_is_wrong_is_told_where(self, ours: Place, wrong: dict[str, Any], pointer: str) -> None:
        with pytest.raises(Invalid) as refused:
            services.create_session(actor=ours.actor("manager"), given=given(ours, **wrong))
        assert pointer in [each.pointer for each in refused.value.errors]

    def test_a_draft_is_its_facilitators(self, ours: Place) -> None:
        found = session(ours, "draft")
        seen = {name for name in ours.people if found in selectors.sessions(ours.actor(name))}
        assert seen == {"manager"}

    def test_it_opens_only_with_two_who_can_read_it(self, ours: Place) -> None:
        actor = ours.actor("manager")
        alone = session(ours, "draft", ["reviewer"])
        with pytest.raises(Invalid, match="two people"):
            services.open_session(actor=actor, session_id=alone.pk)
        far = session(ours, "draft", ["reviewer", "other_lead"])
        with pytest.raises(Invalid) as refused:
            services.open_session(actor=actor, session_id=far.pk)
        assert [each.code for each in refused.value.errors] == ["cannot_grade"]

    def test_what_was_reviewed_differently_is_proposed(self, ours: Place) -> None:
        found = session(ours, "draft")
        found.conversations.all().delete()
        assert selectors.proposed(ours.actor("manager"), found) == []
        for person, score in (("reviewer", 90), ("manager", 40)):
            review = submitted(ours, person)
            Review.objects.filter(pk=review.pk).update(score=score)
        assert selectors.proposed(ours.actor("manager"), found) == [ours.rows["unreviewed"]]


class TestGrading:
    def test_only_who_takes_part_and_each_once(self, ours: Place) -> None:
        found = session(ours)
        row = found.conversations.get()
        with pytest.raises(Refused):
            services.grade(actor=ours.actor("manager"), session_id=found.pk, row_id=row.pk)
        first, second = (
            services.grade(actor=ours.actor("reviewer"), session_id=found.pk, row_id=row.pk) for _ in "ab"
        )
        assert first == second
        drafts.submit(actor=ours.actor("reviewer"), review_id=first.pk, judgement=GOOD)
        assert selectors.missing(ours.actor("manager"), selectors.sessions(ours.actor("manager"))) == {
            found.pk: [str(ours.people["second_reviewer"])]
        }

    def test_talk_and_decisions_wait_until_it_is_talked_over(self, ours: Place) -> None:
        found = session(ours)
        row = found.conversations.get()
        with pytest.raises(Conflict):
            services.write_note(actor=ours.actor("reviewer"), session_id=found.pk, row_id=row.pk, text="x")
        with pytest.raises(Conflict):
            services.record_decision(
                actor=ours.actor("manager"), session_id=found.pk, category="tone", text="x"
            )
        assert selectors.compared(ours.actor("manager"), found) == []
        assert not CalibrationDecision.objects.exists()


def test_most_different_first(ours: Place) -> None:
    found = session(ours, "discussing")
    row = found.conversations.get()
    graded(ours, row, "reviewer", 90, solution="4", tone="great")
    graded(ours, row, "second_reviewer", 60, solution="2", tone="great")
    [shown] = selectors.compared(ours.actor("reviewer"), selectors.session(ours.actor("reviewer"), found.pk))
    assert shown.spread == 30
    assert [(line.key, float(line.spread or 0)) for line in shown.lines] == [("solution", 50), ("tone", 0)]


class TestReminders:
    @pytest.mark.parametrize(
        ("day", "times"), [("17", 0), ("18", 1), ("19", 1), ("20", 1)], ids=["before", "two", "one", "due"]
    )
    def test_two_days_before_and_on_the_day_once_each(self, ours: Place, day: str, times: int) -> None:
        found = session(ours)
        graded(ours, found.conversations.get(), "reviewer")
        with patch("django.utils.timezone.now", return_value=datetime(2026, 4, int(day), 9, tzinfo=UTC)):
            assert [services.remind_due() for _ in "ab"] == [times, 0]
        assert told(ours, "calibration.due") == ({"second_reviewer"} if times else set())

    def test_again_on_the_day(self, ours: Place) -> None:
        session(ours)
        for day in (18, 20):
            with patch("django.utils.timezone.now", return_value=datetime(2026, 4, day, 9, tzinfo=UTC)):
                services.remind_due()
        assert Notice.objects.filter(kind="calibration.due").count() == 4
        assert not CalibrationParticipant.objects.filter(reminded_at=None).exists()
