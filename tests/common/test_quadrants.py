"""The quadrant chart: spots with their ranges, the parts, lines to compare with, and its table."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from common.charts import Frame, Mark, Spot, quadrants

FRAME = Frame(
    ("IQS", "CSAT"),
    (80.0, 70.0),
    ("Liked", "Doing well", "Needs coaching", "By the book"),
    [(81.0, "2021")],
    [(89.0, "2022")],
)


def spot(name: str, across: float | None, up: float | None, clear: bool = True, half: float = 3.0) -> Spot:
    marks = [
        Mark(name, each, None if each is None else each - half, None if each is None else each + half)
        for each in (across, up)
    ]
    return Spot(marks[0], marks[1], "doing well" if clear else "unclear so far", clear)


SPOTS = [spot("Gill", 92, 88), spot("Nils", 60, 40), spot("Una", 81, 71, clear=False)]


def tree(spots: list[Spot], frame: Frame = FRAME) -> ElementTree.Element:
    """The figure, parsed: broken markup raises."""
    markup = quadrants("IQS and CSAT", spots, frame, ident="map")
    assert "style=" not in markup
    assert "<script" not in markup
    return ElementTree.fromstring(markup.replace(' xmlns="http://www.w3.org/2000/svg"', ""))


def of_class(svg: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [each for each in svg.iter() if name in each.get("class", "").split()]


def said(svg: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in svg.iter("text")]


def test_each_spot_says_both_numbers_and_what_they_say() -> None:
    wide, narrow = tree(SPOTS).iter("svg")
    for svg in (wide, narrow):
        assert [point.findtext("title") for point in of_class(svg, "c-point")] == [
            "IQS, Gill: 92.0 (89.0 to 95.0); CSAT, Gill: 88.0 (85.0 to 91.0); doing well",
            "IQS, Nils: 60.0 (57.0 to 63.0); CSAT, Nils: 40.0 (37.0 to 43.0); doing well",
            "IQS, Una: 81.0 (78.0 to 84.0); CSAT, Una: 71.0 (68.0 to 74.0); unclear so far",
        ]
        assert len(of_class(svg, "c-arm")) == 6
        assert len(of_class(svg, "c-hollow")) == 1
        assert {"Doing well", "Needs coaching", "2021", "2022", "IQS", "CSAT"} <= set(said(svg))
    assert narrow.get("display") == "none"


def test_high_is_right_and_up() -> None:
    wide = next(tree(SPOTS).iter("svg"))
    gill, nils, _ = of_class(wide, "c-point")
    assert float(gill.get("cx") or 0) > float(nils.get("cx") or 0)
    assert float(gill.get("cy") or 0) < float(nils.get("cy") or 0)


def test_everything_drawn_lies_inside() -> None:
    """Names at the edges, too, by the width that is reckoned with."""
    spots = [spot("A rather long name of an agent", at, at, half=0.0) for at in (0, 50, 100)]
    for svg in tree(spots).iter("svg"):
        width, height = float(svg.get("width") or 0), float(svg.get("height") or 0)
        for point in of_class(svg, "c-point"):
            assert 0 <= float(point.get("cx") or 0) <= width
            assert 0 <= float(point.get("cy") or 0) <= height


def test_who_lacks_a_number_stands_in_the_table_alone() -> None:
    figure = tree([*SPOTS, spot("Otto", None, 80)])
    assert len(of_class(next(figure.iter("svg")), "c-point")) == 3
    rows = ["".join(row.itertext()) for row in figure.iter("tr")]
    assert len(rows) == 5
    assert "Otto" in rows[4]
    assert "no number" in rows[4]


def test_without_cuts_there_are_no_parts() -> None:
    wide = next(tree(SPOTS, replace(FRAME, cuts=(None, 70.0))).iter("svg"))
    assert "Doing well" not in said(wide)
    assert len(of_class(wide, "c-target")) == 1


def test_names_do_not_lie_over_each_other_and_the_clear_ones_come_first() -> None:
    spots = [spot("Unclear", 85, 80, clear=False), spot("Clear", 85.2, 80.2)]
    wide = next(tree(spots).iter("svg"))
    assert "Clear" in said(wide)
    assert "Unclear" not in said(wide)


def test_nothing_known_is_said_in_words() -> None:
    wide = next(tree([], Frame(("IQS", "CSAT"), (None, None), ("", "", "", ""))).iter("svg"))
    assert "No numbers in this period yet" in said(wide)


@pytest.mark.parametrize("name", ["<b>Ann</b>", 'Ann" onload="x'])
def test_names_never_become_markup(name: str) -> None:
    figure = tree([spot(name, 90, 90)])
    assert name in ["".join(each.itertext()) for each in figure.iter("th")]
