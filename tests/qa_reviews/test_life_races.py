"""Two people at once: real threads, real transactions, one of them wins and the other is told why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from common.errors import Problem
from notices.models import Notice
from qa_reviews.models import Dispute, Grading, Review
from qa_reviews.services import disputes, reviews
from qa_reviews.services.release import announce_released, release_reviews
from tests.qa_reviews.life import GOOD, raised, set_rule, submitted
from tests.world import Place, build_place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ours(transactional_db: None) -> Place:
    return build_place("ours")


def at_once(moves: Sequence[Callable[[], object]]) -> Counter[str]:
    """All moves at the same moment: how many were "done", and the code of each refusal."""
    gate = Barrier(len(moves))

    def run(move: Callable[[], object]) -> str:
        gate.wait()
        try:
            move()
            return "done"
        except Problem as problem:
            return problem.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(moves)) as pool:
        return Counter(pool.map(run, moves))


def test_two_disputes_at_once_make_one(ours: Place) -> None:
    review: Review = ours.rows["review"]
    found = at_once([lambda: raised(ours, review)] * 4)
    assert found == {"done": 1, "state": 3}
    assert Dispute.objects.filter(review=review).count() == 1


def test_two_answers_at_once_make_one(ours: Place) -> None:
    review: Review = ours.rows["review"]
    dispute = raised(ours, review)

    def answer(person: str) -> Callable[[], object]:
        return lambda: disputes.resolve_dispute(
            actor=ours.actor(person),
            review_id=review.pk,
            dispute_id=dispute.pk,
            outcome="accepted",
            comment="Right",
        )

    found = at_once([answer(person) for person in ("reviewer", "lead", "manager", "admin")])
    assert found == {"done": 1, "dispute_resolved": 3}
    assert Grading.objects.filter(review=review).count() == 2
    assert Review.objects.get(pk=review.pk).gradings_count == 2


def test_an_answer_and_a_retraction_at_once_leave_one_truth(ours: Place) -> None:
    review: Review = ours.rows["review"]
    dispute = raised(ours, review)
    at_once(
        [
            lambda: disputes.resolve_dispute(
                actor=ours.actor("lead"),
                review_id=review.pk,
                dispute_id=dispute.pk,
                outcome="rejected",
                comment="No",
            ),
            lambda: reviews.retract(actor=ours.actor("manager"), review_id=review.pk, reason="Wrong form"),
        ]
    )
    assert Review.objects.get(pk=review.pk).state == "retracted"
    assert Dispute.objects.get(pk=dispute.pk).state in {"resolved", "closed"}


def test_a_dispute_and_a_revision_at_once_never_mix(ours: Place) -> None:
    review = submitted(ours)
    found = at_once(
        [
            lambda: raised(ours, review),
            lambda: reviews.revise(
                actor=ours.actor("manager"), review_id=review.pk, reason="Why", judgement=GOOD
            ),
        ]
    )
    assert found["done"] >= 1
    dispute, after = Dispute.objects.get(review=review), Review.objects.get(pk=review.pk)
    assert (after.state, dispute.grading_number) == ("disputed", after.gradings_count)


def test_two_leads_release_each_review_once(ours: Place) -> None:
    set_rule(ours, release="by_lead")
    review = submitted(ours)
    released: list[int] = []
    people = ("lead", "manager", "admin")

    def release(who: str) -> Callable[[], object]:
        return lambda: released.append(release_reviews(actor=ours.actor(who)))

    at_once([release(who) for who in people])
    assert sorted(released) == [0, 0, 1]
    at_once([announce_released] * 3)
    assert Notice.objects.filter(kind="review_submitted", subject_id=review.pk).count() == 1
