"""The page of published figures, and the lines that charts draw."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import ReferenceFigure
from accounts.services.references import give_published
from insights.selectors.references import ReferenceLine, reference_lines
from tests.world import Place, World

Browse = Callable[..., Client]
URL = "/w/ours/insights/benchmarks/"


@pytest.fixture
def ours(world: World) -> Place:
    ReferenceFigure.objects.all().delete()
    give_published(actor=world["ours"].system)
    return world["ours"]


def test_lines_are_those_of_the_metric_that_are_shown(ours: Place) -> None:
    ReferenceFigure.objects.filter(metric="csat", year=2021).update(shown=False)
    lead = ours.actor("lead")
    assert [(line.value, line.year) for line in reference_lines(lead, "iqs")] == [(81, 2021), (89, 2022)]
    assert reference_lines(lead, "csat") == [
        ReferenceLine(89, 2022, "Customer Service Quality Benchmark Report 2022, Klaus")
    ]


def test_who_leads_reads_them_with_their_sources(ours: Place, browse: Browse) -> None:
    page = browse("lead").get(URL).content.decode()
    assert "Support Quality Benchmark Report 2021, Klaus and Intercom" in page
    assert "Companies that track IQS, %" in page
    assert "Add a figure" not in page
    assert 'aria-current="page">Benchmarks' in page


def test_they_come_as_a_file(ours: Place, browse: Browse) -> None:
    answer = browse("lead").get(f"{URL}?format=csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Of what,")
    assert len(lines) == 6


def test_who_administers_adds_changes_and_removes(ours: Place, browse: Browse) -> None:
    admin = browse("admin")
    assert "Add a figure" in admin.get(URL).content.decode()
    said = {"metric": "csat", "value": "85", "year": "2024", "source": "Our trade body", "shown": "on"}
    assert admin.post(f"{URL}add/", said)["Location"] == URL
    row = ReferenceFigure.objects.get(source="Our trade body")
    assert admin.post(f"{URL}{row.pk}/", said | {"value": "86", "shown": ""})["Location"] == URL
    row.refresh_from_db()
    assert row.value == 86
    assert not row.shown
    assert admin.post(f"{URL}{row.pk}/remove/")["Location"] == URL
    assert not ReferenceFigure.objects.filter(pk=row.pk).exists()


def test_a_second_figure_of_the_same_source_and_year_is_refused_in_words(ours: Place, browse: Browse) -> None:
    row = ReferenceFigure.objects.get(metric="iqs", year=2021)
    said = {"metric": "iqs", "value": "85", "year": "2021", "source": row.source}
    answer = browse("admin").post(f"{URL}add/", said)
    assert answer.status_code == 422
    assert "There is a figure of this year from this source already." in answer.content.decode()
