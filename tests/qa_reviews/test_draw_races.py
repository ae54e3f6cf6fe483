"""Draws, raises, redraws and skips at the same moment: real threads, real transactions, one ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest

from qa_reviews.models import Draw, QueueItem, SamplePlan
from qa_reviews.selectors.ledgers import verify
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import QuotaInput
from qa_reviews.services.queue import claim, skip
from qa_reviews.services.raises import raise_quota
from qa_reviews.services.redraws import redraw
from tests.qa_reviews.samples import WEEK, conversations, plan
from tests.qa_reviews.test_life_races import at_once
from tests.world import Place, build_place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ours(transactional_db: None) -> Place:
    return build_place("ours")


@pytest.fixture
def sample(ours: Place) -> SamplePlan:
    conversations(ours, ours.rows["agent"], 60)
    members = (ours.people["reviewer"].pk, ours.people["second_reviewer"].pk)
    return plan(ours, per_agent=6, reviewers=members, second_review_share=Decimal("0.5"))


def drawing(place: Place, sample: SamplePlan) -> Draw:
    return draw_plan(actor=place.actor("manager"), plan_id=sample.pk, period_start=WEEK)[0]


def raising(place: Place, draw: Draw, value: int) -> Callable[[], object]:
    quota = QuotaInput(value=Decimal(value))
    return lambda: raise_quota(actor=place.actor("manager"), draw_id=draw.pk, quota=quota)


def skipping(place: Place, item: QueueItem) -> Callable[[], object]:
    return lambda: skip(actor=place.actor("lead"), item_id=item.pk, reason="not_reviewable")


def is_proved(place: Place, draw: Draw) -> bool:
    return verify(place.system, draw.pk).differences == []


def test_many_draw_one_period(ours: Place, sample: SamplePlan) -> None:
    assert at_once([lambda: drawing(ours, sample)] * 4) == {"done": 4}
    [draw] = Draw.objects.filter(plan=sample)
    assert draw.items.filter(second_of=None).count() == 6
    assert is_proved(ours, draw)


def test_raises_come_one_after_another(ours: Place, sample: SamplePlan) -> None:
    draw = drawing(ours, sample)
    found = at_once([raising(ours, draw, value) for value in (8, 12, 12, 20)])
    draw.refresh_from_db()
    assert found["done"] + found["invalid"] == 4
    assert draw.items.filter(second_of=None).count() == 20
    assert is_proved(ours, draw)


def test_a_raise_while_others_are_set_aside(ours: Place, sample: SamplePlan) -> None:
    draw = drawing(ours, sample)
    items = list(draw.items.filter(second_of=None)[:4])
    moves = [raising(ours, draw, 15), *(skipping(ours, item) for item in items)]
    found = at_once(moves)
    assert found["done"] + found["draw_busy"] == 5
    assert found["done"] >= 4
    raising(ours, draw, 15)()
    assert draw.items.filter(second_of=None).count() == 19
    assert is_proved(ours, draw)


def test_redraws_at_once_make_one(ours: Place, sample: SamplePlan) -> None:
    draw = drawing(ours, sample)
    again = [lambda: redraw(actor=ours.actor("manager"), draw_id=draw.pk, reason="Late file")] * 3
    assert at_once(again) == {"done": 1, "draw_superseded": 2}
    assert Draw.objects.filter(plan=sample).count() == 2


def test_a_redraw_while_others_take_and_set_aside(ours: Place, sample: SamplePlan) -> None:
    """Whoever comes first: what is taken stays with its reviewer, what is set aside stays aside."""
    draw = drawing(ours, sample)
    mine = draw.items.filter(reviewer=ours.people["reviewer"], second_of=None).first()
    aside = draw.items.filter(reviewer=ours.people["second_reviewer"], second_of=None).first()
    assert mine is not None
    assert aside is not None
    found: Counter[str] = at_once(
        [
            lambda: redraw(actor=ours.actor("manager"), draw_id=draw.pk, reason="Late file"),
            lambda: claim(actor=ours.actor("reviewer"), item_id=mine.pk),
            skipping(ours, aside),
        ]
    )
    assert set(found) <= {"done", "item_expired", "draw_busy"}
    for each in Draw.objects.filter(plan=sample):
        assert is_proved(ours, each)
    newest = Draw.objects.get(plan=sample, superseded_at=None)
    here = newest.items.get(conversation=mine.conversation_id, second_of=None)
    old = QueueItem.objects.get(pk=mine.pk)
    if newest != draw and "item_expired" not in found:
        assert (here.state, here.reviewer) == ("claimed", old.reviewer)
