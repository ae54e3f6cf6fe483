"""Where items of the queue change hands: questions that stay open, drafts that are left behind, items that
cannot be opened, reviewers who no longer review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import Role
from accounts.models import Member
from common.errors import Conflict
from notices.models import Notice
from qa_reviews.models import PlanReviewer, QueueItem
from qa_reviews.selectors import queue as selectors
from qa_reviews.services import queue
from tests.qa_reviews.day import made_plan, waiting
from tests.world import ApiClient, Place, World, add_person

Api = Callable[..., ApiClient]
Browse = Callable[..., Client]


@pytest.fixture
def ours(world: World) -> Place:
    """Nothing waits."""
    QueueItem.objects.filter(review=None).delete()
    return world["ours"]


@pytest.fixture
def two(ours: Place) -> list[QueueItem]:
    """Two of the reviewer's own, of a plan that names both reviewers, with more to draw."""
    plan = made_plan(ours)
    for name in ("reviewer", "second_reviewer"):
        PlanReviewer.objects.create(workspace=ours.workspace, plan=plan, member=ours.people[name])
    return waiting(ours, plan, 2, ours.people["reviewer"], spare=2)


def fresh(item: QueueItem) -> QueueItem:
    return QueueItem.objects.get(pk=item.pk)


def page(browse: Browse, person: str, route: str = "queue", *args: Any) -> str:
    return str(browse(person).get(reverse(route, args=["ours", *args])).content.decode())


# --- questions ------------------------------------------------------------------------------------


def test_anothers_open_question_holds_nobody_up(ours: Place, two: list[QueueItem], browse: Browse) -> None:
    first, _ = two
    queue.ask_lead(actor=ours.actor("reviewer"), item_id=first.pk, text="Is this ours?")
    other = ours.people["second_reviewer"]
    queue.reassign(actor=ours.actor("lead"), item_id=first.pk, reviewer_id=other.pk)
    [later] = waiting(ours, first.draw.plan, 1, other)
    QueueItem.objects.filter(pk=later.pk).update(due_on=first.due_on.replace(day=28))
    him = ours.actor("second_reviewer")
    assert page(browse, "second_reviewer").count('class="row-link"') == 2
    assert queue.next_item(actor=him) == first
    with pytest.raises(Conflict) as refused:
        queue.ask_lead(actor=him, item_id=first.pk, text="And now?")
    assert refused.value.code == "question_open"
    [question] = selectors.open_questions(ours.actor("lead"))
    queue.answer_question(actor=ours.actor("lead"), question_id=question.pk, answer="It is.")
    told = Notice.objects.filter(kind="queue.answered").values_list("recipient", flat=True)
    assert set(told) == {other.pk, ours.people["reviewer"].pk}


def test_a_lead_who_asks_asks_somebody_else(ours: Place) -> None:
    [item] = waiting(ours, made_plan(ours), 1, ours.people["lead"])
    queue.ask_lead(actor=ours.actor("lead"), item_id=item.pk, text="Is this ours?")
    asked = Notice.objects.filter(kind="queue.asked").values_list("recipient__name", flat=True)
    assert list(asked) == ["Manager"]


def test_keys_are_asked_nothing(ours: Place, two: list[QueueItem]) -> None:
    Member.objects.filter(pk=ours.people["lead"].pk).update(kind=Member.Kind.SERVICE)
    queue.ask_lead(actor=ours.actor("reviewer"), item_id=two[0].pk, text="Is this ours?")
    asked = Notice.objects.filter(kind="queue.asked").values_list("recipient__name", flat=True)
    assert list(asked) == ["Manager"]


def test_peers_find_what_they_asked_on_their_home(ours: Place, browse: Browse) -> None:
    [item] = waiting(ours, made_plan(ours, kind="peer"), 1, ours.people["other_agent"])
    queue.ask_lead(actor=ours.actor("other_agent"), item_id=item.pk, text="Is this ours?")
    assert "You asked about 1 conversation" in page(browse, "other_agent", "workspace-home")


# --- one's own reviewing -----------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["agent", "reviewer"])
def test_the_queue_leads_to_ones_own_reviewing(ours: Place, browse: Browse, person: str) -> None:
    link = f'href="{reverse("settings-reviewing", args=["ours"])}"'
    main = page(browse, person).split("<main")[1]
    assert link in main
