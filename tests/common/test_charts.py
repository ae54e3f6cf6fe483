"""Charts: exact words, gaps where nothing is known, no text that could become markup."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from common.charts import Mark, Series, Words, bar, intervals, line, sparkline
from common.charts.scales import Plane, bounds, round_step, runs, ticks

NAN, INFINITE = float("nan"), float("inf")
WEEKS = ["3 Feb", "10 Feb", "17 Feb", "24 Feb", "3 Mar"]


def series(values, name="IQS", **more):
    return Series(name, [Mark(week, value) for week, value in zip(WEEKS, values, strict=True)], **more)


def ranged(label, value, half=4.0, **more):
    return Mark(label, value, value - half, value + half, 12, 143, **more)


def drawings(markup):
    """The SVG elements of a figure, parsed: broken markup raises."""
    return list(ElementTree.fromstring(markup.replace(' xmlns="http://www.w3.org/2000/svg"', "")).iter("svg"))


def of_class(svg, name):
    return [element for element in svg.iter() if name in element.get("class", "").split()]


def test_line_has_a_wide_and_a_narrow_drawing_and_only_the_wide_one_shows_without_styles():
    wide, narrow = drawings(line("IQS rises", [series([80, 81, 82, 83, 84])], ident="iqs"))
    assert wide.get("display") is None
    assert narrow.get("display") == "none"
    assert float(wide.get("width")) > float(narrow.get("width"))
    assert {svg.get("role") for svg in (wide, narrow)} == {"img"}


def test_line_names_itself_and_its_newest_number():
    wide, _ = drawings(line("IQS rises", [Series("IQS", [ranged("3 Mar", 84.0)])], ident="iqs"))
    title, description = wide.findtext("title"), wide.findtext("desc")
    assert title == "IQS rises"
    assert description == "IQS, 3 Mar: 84.0 (80.0 to 88.0), 12 of 143 reviews"
    assert wide.get("aria-labelledby") == f"{wide.find('title').get('id')} {wide.find('desc').get('id')}"


@pytest.mark.parametrize("hole", [None, NAN, INFINITE])
def test_line_breaks_where_a_number_is_missing(hole):
    markup = line("IQS", [series([80, 81, hole, 83, 84])], ident="iqs")
    wide, _ = drawings(markup)
    assert len(of_class(wide, "c-line")) == 2
    assert len(of_class(wide, "c-point")) == 4
    assert "nan" not in markup.lower()
    assert ">inf" not in markup.lower()


def test_a_refused_point_is_a_cross_with_its_words_and_no_value():
    marks = [
        Mark("3 Feb", 80),
        Mark("10 Feb", 99.0, 98.0, 100.0, n=3, refused="3 of 5 reviews"),
        Mark("17 Feb", 81),
    ]
    markup = line("IQS", [Series("IQS", marks)], ident="iqs")
    wide, _ = drawings(markup)
    assert [cross.findtext("title") for cross in of_class(wide, "c-gap")] == ["IQS, 10 Feb: 3 of 5 reviews"]
    assert of_class(wide, "c-line") == []
    assert "99.0" not in markup


def test_a_wide_point_is_grey_and_outside_the_band():
    marks = [ranged("3 Feb", 80), ranged("10 Feb", 81), ranged("17 Feb", 90, 25, wide=True)]
    wide, _ = drawings(line("IQS", [Series("IQS", marks)], ident="iqs"))
    (band,) = of_class(wide, "c-band")
    assert len(band.get("points").split()) == 4
    assert len(of_class(wide, "c-hollow")) == 1
    assert len(of_class(wide, "c-rough")) == 1
    assert "only roughly known" in of_class(wide, "c-hollow")[0].findtext("title")


def test_a_lone_range_becomes_a_whisker():
    wide, _ = drawings(line("IQS", [Series("IQS", [Mark("3 Feb", None), ranged("10 Feb", 81)])], ident="iqs"))
    assert of_class(wide, "c-band") == []
    assert len(of_class(wide, "c-whisker")) == 1


def test_two_series_are_named_at_their_ends_without_touching():
    first, second = series([80, 81, 82, 83, 84]), series([79, 80, 81, 82, 84], "Average", dashed=True)
    wide, narrow = drawings(line("IQS", [first, second], ident="iqs", target=84))
    labels = {element.text: float(element.get("y")) for element in of_class(wide, "c-strong")}
    assert set(labels) == {"IQS", "Average", "Target 84"}
    places = sorted(labels.values())
    assert min(later - earlier for earlier, later in pairwise(places)) >= 18
    assert {element.text for element in of_class(narrow, "c-strong")} == {"IQS", "Average", "Target 84"}
    assert of_class(wide, "c-second")[0].get("stroke-dasharray")


def test_series_with_other_periods_are_refused():
    with pytest.raises(ValueError, match="same periods"):
        line("IQS", [series([1, 2, 3, 4, 5]), Series("Average", [Mark("3 Feb", 1)])], ident="iqs")


@pytest.mark.parametrize("all_of_them", [[], [series([None] * 5)]])
def test_an_empty_line_says_so(all_of_them):
    wide, narrow = drawings(line("IQS", all_of_them, ident="iqs"))
    for svg in (wide, narrow):
        assert "No numbers in this period yet" in [element.text for element in of_class(svg, "c-text")]


def test_the_newest_period_is_always_named_and_labels_fit():
    marks = [Mark(f"{day} January", 80 + day / 10) for day in range(1, 31)]
    for svg in drawings(line("IQS", [Series("IQS", marks)], ident="iqs")):
        floor = float(svg.get("height")) - 8
        labels = [element for element in of_class(svg, "c-text") if float(element.get("y")) == floor]
        places = sorted(float(label.get("x")) for label in labels)
        assert "30 January" in [label.text for label in labels]
        assert min(later - earlier for earlier, later in pairwise(places)) >= 76


def test_the_table_gives_every_number():
    markup = line("IQS", [Series("IQS", [ranged("3 Feb", 80.04), Mark("10 Feb", None)])], ident="iqs")
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", markup)
    assert cells == [
        *("Period", "IQS", "95% range", "Reviews"),
        *("3 Feb", "80.0", "76.0 to 84.0", "12 of 143"),
        *("10 Feb", "no number", "", ""),
    ]


def test_the_table_leaves_out_columns_of_which_nothing_is_known():
    markup = line("Effort", [series([5, 4, 3, 2, 1], "Known to")], ident="effort")
    heads = re.findall(r"<th[^>]*scope=.col.[^>]*>([^<]*)</th>", markup)
    assert heads == ["Period", "Known to"]


@pytest.mark.parametrize(("position", "anchor"), [(0, None), (4, "end")])
def test_a_period_can_be_marked(position, anchor):
    markup = line("Effort", [series([5, 4, 3, 2, 1])], ident="e", here=(position, "Today's quota"))
    for svg in drawings(markup):
        (upright,) = of_class(svg, "c-target")
        assert upright.get("x1") == upright.get("x2")
        (words,) = [each for each in of_class(svg, "c-strong") if each.text == "Today's quota"]
        assert words.get("text-anchor") == anchor
        assert 0 <= float(words.get("x")) <= float(svg.get("width"))


def test_texts_never_become_markup():
    evil = '<script>"&'
    first = Series(evil, [Mark(evil, 80), Mark("b", None, refused=evil)])
    second = Series("b", [Mark(evil, 1), Mark("b", 2)])
    rows = [Mark(evil, 80, url='/a?b="c'), Mark(evil, None, refused=evil)]
    for markup in (
        line(evil, [first, second], ident="a", note=evil, here=(0, evil)),
        intervals(evil, rows, ident="b"),
        sparkline(evil, [1, 2]),
        bar(evil, 3),
    ):
        assert "<script" not in markup
        assert "&lt;script&gt;" in markup
        drawings(markup)


def test_intervals_show_range_value_and_counts_in_the_order_given():
    rows = [ranged("Bola", 71.0), ranged("Ada", 91.0)]
    wide, narrow = drawings(intervals("Agents", rows, ident="agents", target=85))
    assert [span.findtext("title") for span in of_class(wide, "c-point")] == [
        "Bola: 71.0 (67.0 to 75.0), 12 of 143 reviews",
        "Ada: 91.0 (87.0 to 95.0), 12 of 143 reviews",
    ]
    bola, ada = of_class(wide, "c-span")
    assert float(bola.get("x")) + float(bola.get("width")) < float(ada.get("x"))
    assert float(bola.get("y")) < float(ada.get("y"))
    assert "91.0 (87 to 95), 12 of 143" in [element.text for element in of_class(narrow, "c-text")]


def test_a_refused_row_shows_its_words_and_no_mark():
    wide, _ = drawings(
        intervals("Agents", [Mark("Chidi", 55, 50, 60, n=3, refused="3 of 5 reviews")], ident="agents")
    )
    assert of_class(wide, "c-point") == []
    assert "3 of 5 reviews" in [element.text for element in of_class(wide, "c-text")]


def test_rows_link_from_the_table():
    assert '<a href="/w/acme/agents/7/">Ada</a>' in intervals(
        "Agents", [Mark("Ada", 80, url="/w/acme/agents/7/")], ident="a"
    )


def test_intervals_without_rows_say_so():
    wide, _ = drawings(intervals("Agents", [], ident="agents"))
    assert "No numbers in this period yet" in [element.text for element in of_class(wide, "c-text")]


def test_sparkline_lists_its_values_and_breaks_at_gaps():
    (svg,) = drawings(f"<p>{sparkline('Ada', [80, 81.5, None, 82, NAN])}</p>")
    assert svg.get("aria-label") == "Ada: 80.0, 81.5, no number, 82.0, no number"
    assert len(of_class(svg, "c-line")) == 1
    assert len(of_class(svg, "c-dot")) == 1


def test_sparkline_of_nothing_says_so():
    (svg,) = drawings(f"<p>{sparkline('Ada', [])}</p>")
    assert svg.get("aria-label") == "Ada: No numbers in this period yet"


def test_bar_fills_without_a_range_and_spans_with_one():
    (filled,) = drawings(f"<p>{bar('CSAT', 62)}</p>")
    (spanned,) = drawings(f"<p>{bar('IQS', 84, 79, 88)}</p>")
    (unknown,) = drawings(f"<p>{bar('IQS', None)}</p>")
    assert of_class(filled, "c-span") == []
    assert len(of_class(filled, "c-dot")) == 1
    assert float(of_class(spanned, "c-span")[0].get("width")) == pytest.approx(108 * 0.09, abs=0.1)
    assert of_class(unknown, "c-dot") == []
    assert unknown.get("aria-label") == "IQS: no number"


def test_words_are_the_callers():
    german = Words(span="{low} bis {high}", share="{n} von {frame}", counted="{share} Prüfungen", decimal=",")
    assert ranged("März", 84.25).exact(german) == "März: 84,2 (80,2 bis 88,2), 12 von 143 Prüfungen"


@pytest.mark.parametrize(
    ("values", "limits", "ends"),
    [
        ([], (0.0, 100.0), (0.0, 100.0)),
        ([None], None, (0.0, 1.0)),
        ([82.0, 91.0], (0.0, 100.0), (75.0, 100.0)),
        ([100.0], (0.0, 100.0), (94.0, 100.0)),
        ([0.0], (0.0, 100.0), (0.0, 6.0)),
        ([0.0], None, (-0.06, 0.06)),
        ([-5.0, 25.0], None, (-10.0, 30.0)),
        ([120.0], (0.0, 100.0), (0.0, 100.0)),
    ],
)
def test_axis_ends_are_round_and_inside_the_limits(values, limits, ends):
    assert bounds(values, limits) == pytest.approx(ends)


@pytest.mark.parametrize(("span", "step"), [(100, 20), (10, 2), (12, 2.5), (40, 10), (0.04, 0.01), (7, 2)])
def test_steps_are_round(span, step):
    assert round_step(span, 5) == pytest.approx(step)


def test_ticks_include_both_round_ends():
    assert list(ticks(0, 0.3, 5)) == [0, 0.1, 0.2, 0.3]


def test_runs_keep_positions():
    assert list(runs([None, 1.0, 2.0, None, 3.0])) == [[(1, 1.0), (2, 2.0)], [(4, 3.0)]]


def test_plane_keeps_values_off_the_axis_inside_the_plot():
    plane = Plane(100, 100, 10, 10, 10, 10, 0, 100, 3)
    assert (plane.y(0), plane.y(100), plane.y(150)) == (90, 10, 10)
    assert (plane.x(0), plane.x(1), plane.x(2)) == (10, 50, 90)
