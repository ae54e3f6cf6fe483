"""Calibration sessions, written straight to their tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import Agent
from qa_reviews.models import (
    CalibrationConversation,
    CalibrationParticipant,
    CalibrationSession,
    Grading,
    Rating,
    Review,
)
from tests.world import SUBMITTED_AT, Place

GRADERS = ("reviewer", "second_reviewer")
DUE = date(2026, 4, 20)


def session(
    place: Place, state: str = "open", people: Sequence[str] = GRADERS, by: str = "manager", **fields: Any
) -> CalibrationSession:
    """A session about conversation 1002 and its agent, with these participants, led by that person."""
    now = timezone.now()
    given = {
        "name": "March",
        "scorecard": place.rows["scorecard"],
        "version": place.rows["version"],
        "facilitator": place.people[by],
        "due_on": DUE,
        "opened_at": now if state != "draft" else None,
        "discussed_at": now if state in ("discussing", "closed") else None,
        "closed_at": now if state == "closed" else None,
    } | fields
    found = CalibrationSession.objects.create(workspace=place.workspace, state=state, **given)
    calibrated(found, place)
    for each in people:
        CalibrationParticipant.objects.create(
            workspace=place.workspace, session=found, member=place.people[each]
        )
    return found


def calibrated(
    found: CalibrationSession, place: Place, row: str = "unreviewed", agent: Agent | None = None
) -> CalibrationConversation:
    return CalibrationConversation.objects.create(
        workspace=place.workspace,
        session=found,
        conversation=place.rows[row],
        agent=agent or place.rows["agent"],
        rank=found.conversations.count(),
    )


def graded(
    place: Place, one: CalibrationConversation, person: str, score: float | None = 80, **ratings: str
) -> Review:
    """That person's calibration review of it: submitted, or without a score a draft. `ratings`: options by
    category, with 100 for "great" and "4", else 50."""
    review = Review.objects.create(
        workspace=place.workspace,
        conversation=one.conversation,
        agent=one.agent,
        team=place.rows["team"],
        reviewer=place.people[person],
        scorecard=place.rows["scorecard"],
        version=place.rows["version"],
        kind="calibration",
        calibrated=one,
        state="draft" if score is None else "submitted",
        score=score,
        gradings_count=0 if score is None else 1,
        submitted_at=None if score is None else SUBMITTED_AT,
        submitted_on=None if score is None else SUBMITTED_AT.date(),
    )
    if score is not None:
        _grading(review, ratings)
    return review


def _grading(review: Review, ratings: dict[str, str]) -> None:
    grading = Grading.objects.create(
        workspace=review.workspace,
        review=review,
        number=1,
        version=review.version,
        grader=review.reviewer,
        score=review.score,
    )
    for category, option in ratings.items():
        Rating.objects.create(
            workspace=review.workspace,
            grading=grading,
            category=category,
            state="rated" if option != "na" else "na",
            option=option if option != "na" else "",
            score=None if option == "na" else 100 if option in ("great", "4") else 50,
        )
