"""What comes of a calibration session."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from insights.stats.calibration import difference, middle_of_others
from tests.qa_reviews.samples import conversations
from tests.qa_reviews.sessions import graded, session
from tests.world import ApiClient, World

NAN = float("nan")


def test_a_mean_difference_with_its_range() -> None:
    found = difference(np.array([70, 75, 80, 85, 65.0]), np.array([80, 90, 90, 90, 75.0]))
    assert (found.n, found.verdict) == (5, "strict")
    assert (found.mean, found.low, found.high) == pytest.approx((-10, -14.39, -5.61), abs=0.01)


@pytest.mark.parametrize(
    ("given", "with_", "verdict", "code"),
    [
        ([90, 91, 92, 95, 94], [80, 80, 80, 80, 80], "lenient", None),
        ([70, 90, 75, 85, 80], [80, 80, 80, 80, 80], "unclear", None),
        ([70, 70, 70, 70], [80, 80, 80, 80], "unclear", "too_few"),
        ([70, 70, 70, 70, NAN, 70], [80, 80, 80, 80, 80, NAN], "unclear", "too_few"),
        ([70, 70, 70, 70, 70], [80, 80, 80, 80, 80], "unclear", "no_spread"),
        ([NAN], [80], "unclear", "too_few"),
    ],
)
def test_words_only_where_the_range_leaves_no_doubt(
    given: list[float], with_: list[float], verdict: str, code: str | None
) -> None:
    found = difference(np.array(given, float), np.array(with_, float))
    assert (found.verdict, found.refused and found.refused.code) == (verdict, code)


def test_the_middle_of_the_others() -> None:
    table = np.array([[10, 20, 30, 90], [10, NAN, NAN, NAN]], float)
    assert middle_of_others(table, 0) == pytest.approx([30, NAN], nan_ok=True)


def test_results_on_page_and_api_once_talked_over(
    world: World, api: Callable[..., ApiClient], browse: Callable[..., Client]
) -> None:
    ours = world["ours"]
    found = session(ours, "open", baseline=ours.people["second_reviewer"])
    found.conversations.all().delete()
    for rank, row in enumerate(conversations(ours, ours.rows["agent"], 5)):
        one = found.conversations.create(
            workspace=ours.workspace, conversation=row, agent=ours.rows["agent"], rank=rank
        )
        graded(ours, one, "reviewer", 60 + rank, solution="2", tone="great")
        graded(ours, one, "second_reviewer", 80, solution="4", tone="great")
    path, page = f"calibration/{found.pk}/results/", reverse("calibration-results", args=["ours", found.pk])
    assert api("manager").get(path).json()["graders"] == []
    assert "Not yet" in browse("reviewer").get(page).content.decode()
    type(found).objects.filter(pk=found.pk).update(state="discussing")
    shown = api("manager").get(path).json()
    [line] = shown["graders"]
    assert (line["mean"], line["verdict"], line["member"]["id"]) == (
        -18,
        "strict",
        ours.people["reviewer"].pk,
    )
    assert [(each["category"], each["exact"]) for each in shown["categories"]] == [
        ("solution", 0),
        ("tone", 1),
    ]
    text = browse("reviewer").get(page).content.decode()
    assert "stricter than" in text
    assert "100 %" in text
    assert "−18" in text
