"""Releasing reviews: at once, at a set time, by a lead; who sees what before, and who is told when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.access import Role
from accounts.models import MemberRole
from common.errors import Conflict, Invalid, Missing, Refused
from jobs.models import Job
from jobs.names import JobName
from jobs.registry import Work, handlers
from jobs.services import work
from qa_reviews.lifecycle import Move
from qa_reviews.models import Review
from qa_reviews.policies.basics import released_at
from qa_reviews.policies.reviews import decide
from qa_reviews.services import reviews as services
from qa_reviews.services.release import release_reviews
from tests.qa_reviews.life import GOOD, audited, raised, set_rule, submitted, told
from tests.world import ApiClient, Place, World

Api = Callable[..., ApiClient]
TUESDAY = datetime(2026, 3, 24, 12, tzinfo=UTC)
ANNOUNCE = JobName.ANNOUNCE_RELEASED


@pytest.fixture
def ours(world: World) -> Place:
    return world["ours"]


def fresh(row: Review) -> Review:
    return Review.objects.get(pk=row.pk)


def announce() -> None:
    handlers[ANNOUNCE](Work(1, {}, {}))


def sees(place: Place, review: Review, person: str = "agent") -> bool:
    return Review.objects.visible_to(place.actor(person)).filter(pk=review.pk).exists()


def test_at_once_is_at_once(ours: Place) -> None:
    review = submitted(ours)
    assert (review.held, review.release_at) == (False, None)
    assert review.announced_at is not None
    assert released_at(review) == review.submitted_at
    assert sees(ours, review)
    assert told(ours, "review_submitted") == {"agent"}


def test_scheduled_waits_for_its_local_time(ours: Place) -> None:
    """From Tuesday noon to Monday at nine in Berlin, across the start of summer time."""
    set_rule(ours, release="scheduled", release_time=time(9), release_weekday=1)
    with time_machine.travel(TUESDAY, tick=False):
        review = submitted(ours)
    assert review.release_at == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert review.announced_at is None
    with time_machine.travel(review.release_at - timedelta(seconds=1), tick=False):
        announce()
        assert not sees(ours, review)
        assert sees(ours, review, "lead")
        assert told(ours, "review_submitted") == set()
        with pytest.raises(Missing):
            services.acknowledge(actor=ours.actor("agent"), review_id=review.pk)
    with time_machine.travel(review.release_at, tick=False):
        announce()
        announce()
        assert sees(ours, review)
        assert told(ours, "review_submitted") == {"agent"}
        assert fresh(review).announced_at == review.release_at


def test_the_window_of_disputes_starts_at_release(ours: Place) -> None:
    set_rule(ours, release="scheduled", release_time=time(9), release_weekday=1)
    with time_machine.travel(TUESDAY, tick=False):
        review = submitted(ours)
    assert review.release_at is not None
    with time_machine.travel(review.release_at + timedelta(days=14), tick=False):
        assert decide(ours.actor("agent"), fresh(review), Move.DISPUTE).allowed
    with time_machine.travel(review.release_at + timedelta(days=14, seconds=1), tick=False):
        assert not decide(ours.actor("agent"), fresh(review), Move.DISPUTE).allowed


def test_held_reviews_wait_for_a_lead(ours: Place) -> None:
    set_rule(ours, release="by_lead")
    review = submitted(ours)
    assert (review.held, released_at(review)) == (True, None)
    announce()
    assert told(ours, "review_submitted") == set()
    assert not sees(ours, review)
    moment = timezone.now() + timedelta(days=3)
    with time_machine.travel(moment, tick=False):
        assert release_reviews(actor=ours.actor("lead")) == 1
        assert (fresh(review).held, fresh(review).release_at) == (False, moment)
        assert sees(ours, review)
        work(job_id=Job.objects.get(name=ANNOUNCE).pk)
    assert told(ours, "review_submitted") == {"agent"}
    assert audited(ours, "review.released") == [{"reviews": [review.pk]}]


def test_a_lead_releases_all_of_his_teams_in_one_go(ours: Place) -> None:
    set_rule(ours, release="by_lead")
    first, second = submitted(ours), submitted(ours, "lead")
    assert release_reviews(actor=ours.actor("other_lead")) == 0
    assert release_reviews(actor=ours.actor("lead")) == 2
    assert release_reviews(actor=ours.actor("lead")) == 0
    assert not fresh(first).held
    assert not fresh(second).held


def test_named_reviews_are_released_before_their_time_too(ours: Place) -> None:
    set_rule(ours, release="scheduled", release_time=time(9))
    review = submitted(ours)
    assert release_reviews(actor=ours.actor("lead")) == 0  # nothing is held
    assert release_reviews(actor=ours.actor("lead"), review_ids=[review.pk]) == 1
    assert sees(ours, review)
    assert release_reviews(actor=ours.actor("lead"), review_ids=[review.pk]) == 0  # once is enough


def test_what_one_cannot_release_is_named_and_nothing_happens(ours: Place) -> None:
    set_rule(ours, release="by_lead")
    review, draft = submitted(ours), ours.rows["draft"]
    with pytest.raises(Invalid) as refusal:
        release_reviews(actor=ours.actor("lead"), review_ids=[review.pk, draft.pk, 10**9])
    assert [e.pointer for e in refusal.value.errors] == ["/reviews/1", "/reviews/2"]
    assert fresh(review).held
    with pytest.raises(Refused):
        release_reviews(actor=ours.actor("reviewer"), review_ids=[review.pk])


def test_who_is_an_agent_too_neither_sees_nor_releases_reviews_of_himself(ours: Place) -> None:
    set_rule(ours, release="by_lead")
    review = submitted(ours)
    MemberRole.objects.create(workspace=ours.workspace, member=ours.people["agent"], role=Role.MANAGER)
    assert not sees(ours, review)
    assert release_reviews(actor=ours.actor("agent")) == 0
    with pytest.raises(Invalid):
        release_reviews(actor=ours.actor("agent"), review_ids=[review.pk])
    assert release_reviews(actor=ours.actor("lead")) == 1
    assert sees(ours, review)


def test_an_unreleased_review_that_is_retracted_is_never_told_of(ours: Place) -> None:
    set_rule(ours, release="scheduled", release_time=time(9))
    review = submitted(ours)
    assert review.release_at is not None
    services.retract(actor=ours.actor("manager"), review_id=review.pk, reason="Wrong form")
    with time_machine.travel(review.release_at + timedelta(hours=1), tick=False):
        announce()
    assert told(ours, "review_submitted") == told(ours, "review_retracted") == set()


def test_an_unreleased_review_that_is_revised_is_told_of_once_released(ours: Place) -> None:
    set_rule(ours, release="by_lead")
    review = submitted(ours)
    services.revise(actor=ours.actor("manager"), review_id=review.pk, reason="Why", judgement=GOOD)
    assert told(ours, "review_revised") == set()
    release_reviews(actor=ours.actor("lead"))
    announce()
    assert told(ours, "review_submitted") == {"agent"}


def test_a_self_review_is_never_held(ours: Place) -> None:
    set_rule(ours, release="by_lead", self_reviews=True)
    review = submitted(ours, "agent", kind="self")
    assert (review.held, review.release_at) == (False, None)
    assert told(ours, "review_submitted") == set()


def test_the_setting_of_the_moment_of_submission_counts(ours: Place) -> None:
    set_rule(ours, release="by_lead")
    review = submitted(ours)
    set_rule(ours, release="at_once")
    announce()
    assert fresh(review).held


def test_a_released_review_is_not_released_again(ours: Place) -> None:
    review = submitted(ours)
    decision = decide(ours.actor("lead"), review, Move.RELEASE)
    assert isinstance(decision.refusal, Conflict)
    assert "released already" in decision.reason


def test_releasing_over_the_api(ours: Place, api: Api) -> None:
    set_rule(ours, release="by_lead")
    review = submitted(ours)
    path = f"reviews/{review.pk}/"
    held = api("lead").get(path).json()
    assert (held["released"], held["release_at"]) == (False, None)
    assert "release" in held["authorized_actions"]
    assert api("agent").get(path).status_code == 404
    assert api("agent").get("reviews/").json()["results"][0]["id"] == ours.rows["review"].pk
    assert api("lead").post("reviews/release/", {"reviews": [review.pk]}).json() == {"released": 1}
    shown = api("agent").get(path).json()
    assert shown["released"]
    assert "dispute" in shown["authorized_actions"]
    assert raised(ours, review).state == "open"


def test_a_release_goes_on_in_batches(ours: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa_reviews.services.release.BATCH", 1)
    set_rule(ours, release="by_lead")
    submitted(ours), submitted(ours, "lead")
    release_reviews(actor=ours.actor("lead"))
    job = Job.objects.get(name=ANNOUNCE)
    work(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.rows_done) == ("done", 2)
    assert not Review.objects.filter(announced_at=None, release_at__isnull=False).exists()
