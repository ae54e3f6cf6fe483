"""Values over time: the line chart and the sparkline."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from common.charts.model import ENGLISH, Mark, Series, Words, known
from common.charts.scales import Limits, Plane, bounds, runs, ticks
from common.charts.svg import (
    ACCENT,
    CHAR,
    FAINT,
    GREY,
    INK,
    PAPER,
    SOFT,
    WIDE,
    clip,
    figure,
    inline,
    table,
    tag,
    text,
)


def line(
    title: str,
    series: Sequence[Series],
    *,
    ident: str,
    note: str = "",
    target: float | None = None,
    here: tuple[int, str] | None = None,
    limits: Limits = (0.0, 100.0),
    words: Words = ENGLISH,
) -> str:
    """A figure of values over periods with their ranges as bands; gaps where a number is missing or refused.

    `title` states the finding's subject, `note` describes it to screen readers (default: the newest numbers),
    `ident` is unique on the page, `limits` bound the value axis (None: free), `here` marks one of the periods
    by its position, in words.
    Raises ValueError when the series do not have the same periods.
    """
    labels = [mark.label for mark in series[0].marks] if series else []
    if any([mark.label for mark in s.marks] != labels for s in series):
        raise ValueError("all series of a line chart need the same periods")
    goal = known(target)
    ends = bounds([goal, *(number for s in series for mark in s.marks for number in mark.extent)], limits)

    def draw(width: int) -> tuple[float, str]:
        plane = _plane(series, labels, goal, ends, width, words)
        return plane.height, _body(plane, series, labels, goal, words) + (_here(plane, *here) if here else "")

    return figure(
        ident, title, note or _newest(series, words), draw, _numbers(title, series, labels, words), words
    )


def sparkline(
    title: str, values: Sequence[float | None], *, width: int = 96, height: int = 24, words: Words = ENGLISH
) -> str:
    """A line the height of text, for a table cell. Its name lists the values in place of a table."""
    numbers = [known(value) for value in values]
    plane = Plane(width, height, 3, 4, 4, 4, *bounds(numbers, None), len(numbers))
    stretches = list(runs(numbers))
    marks = [_stroke(plane, run, "c-line", ACCENT, 1.5) for run in stretches if len(run) > 1]
    marks += [_spot(plane, *stretches[-1][-1], 2.5)] if stretches else []
    spoken = ", ".join(words.unknown if number is None else words.number(number) for number in numbers)
    return inline(f"{title}: {spoken or words.empty}", width, height, "".join(marks))


def _plane(
    series: Sequence[Series],
    labels: Sequence[str],
    goal: float | None,
    ends: tuple[float, float],
    width: int,
    words: Words,
) -> Plane:
    """Names stand right of the plot where it is wide, in lines above it where it is narrow."""
    half = max(
        12.0, CHAR * max(map(len, labels), default=0) / 2 + 2
    )  # the newest label ends with the drawing
    if width == WIDE:
        names = [s.name for s in series if len(series) > 1] + [_goal_words(goal, words)]
        right = max(half, min(176.0, CHAR * max(map(len, names)) + 20))
        return Plane(width, 264, 40, right, 16, 32, *ends, len(labels))
    above = 24 * len(series) if len(series) > 1 else 0
    return Plane(width, 208 + above, 40, half, 16 + above, 32, *ends, len(labels))


def _body(
    plane: Plane, series: Sequence[Series], labels: Sequence[str], goal: float | None, words: Words
) -> str:
    parts = [_grid(plane, words), _period_labels(plane, labels)]
    parts += [_one_line(plane, s, rank, words) for rank, s in enumerate(series)]
    if goal is not None:
        y = plane.y(goal)
        parts.append(
            tag(
                "line",
                x1=plane.left,
                x2=plane.edge,
                y1=y,
                y2=y,
                class_="c-target",
                stroke=INK,
                stroke_dasharray="2 4",
            )
        )
    if all(mark.drawn is None for s in series for mark in s.marks):
        parts.append(text(words.empty, (plane.left + plane.edge) / 2, plane.height / 2, anchor="middle"))
    parts.append(
        _end_labels(plane, series, goal, words)
        if plane.width == WIDE
        else _legend(plane, series, goal, words)
    )
    return "".join(parts)


def _grid(plane: Plane, words: Words) -> str:
    parts = []
    for tick in ticks(plane.low, plane.high, 5):
        y = plane.y(tick)
        parts.append(tag("line", x1=plane.left, x2=plane.edge, y1=y, y2=y, class_="c-grid", stroke=FAINT))
        parts.append(text(words.short(tick), plane.left - 8, y + 5, anchor="end"))
    return "".join(parts)


def _here(plane: Plane, position: int, words: str) -> str:
    """An upright line through a period, with its words at the top, on the side where there is more room."""
    x = plane.x(position)
    ahead = x < (plane.left + plane.edge) / 2
    upright = tag(
        "line",
        x1=x,
        x2=x,
        y1=plane.top,
        y2=plane.floor,
        class_="c-target",
        stroke=INK,
        stroke_dasharray="2 4",
    )
    room = (plane.edge - x if ahead else x - plane.left) - 16
    said = text(
        clip(words, room),
        x + (8 if ahead else -8),
        plane.top + 12,
        strong=True,
        anchor=None if ahead else "end",
    )
    return upright + said


def _period_labels(plane: Plane, labels: Sequence[str]) -> str:
    """As many period labels as fit, counted back from the newest, which is always named."""
    room = CHAR * max(map(len, labels), default=1) + 16
    fit = max(1, int((plane.edge - plane.left) / room))
    step = max(1, math.ceil(len(labels) / fit))
    places = ((index, plane.x(index)) for index in range(len(labels) - 1, -1, -step))
    return "".join(text(labels[index], x, plane.height - 8, anchor="middle") for index, x in places)


def _one_line(plane: Plane, series: Series, rank: int, words: Words) -> str:
    """Ranges below, lines over them, points on top; what is only roughly known is grey and has no band."""
    marks = series.marks
    colour, css, dash = (GREY, "c-line c-second", "6 5") if series.dashed else (ACCENT, "c-line", None)
    sure = list(runs([None if mark.wide else mark.drawn for mark in marks]))
    parts = [_band(plane, marks, run) for run in sure]
    parts += [_rough_link(plane, index, *marks[index : index + 2]) for index in range(len(marks) - 1)]
    parts += [_stroke(plane, run, css, colour, 2, dash) for run in sure if len(run) > 1]
    parts += [_point(plane, series, rank, index, words) for index in range(len(marks))]
    return "".join(parts)


def _places(plane: Plane, run: Iterable[tuple[int, float]]) -> str:
    return " ".join(f"{plane.x(index):.1f},{plane.y(value):.1f}" for index, value in run)


def _stroke(
    plane: Plane,
    run: Iterable[tuple[int, float]],
    css: str,
    colour: str,
    width: float,
    dash: str | None = None,
) -> str:
    return tag(
        "polyline",
        points=_places(plane, run),
        class_=css,
        fill="none",
        stroke=colour,
        stroke_width=width,
        stroke_linejoin="round",
        stroke_linecap="round",
        stroke_dasharray=dash,
    )


def _spot(plane: Plane, index: int, value: float, radius: float) -> str:
    return tag("circle", cx=plane.x(index), cy=plane.y(value), r=radius, class_="c-dot", fill=ACCENT)


def _band(plane: Plane, marks: Sequence[Mark], run: Sequence[tuple[int, float]]) -> str:
    """The ranges behind a stretch of values; one that stands alone becomes a whisker."""
    parts = []
    for stretch in runs(
        [mark.range[1] if mark.range else None for mark in (marks[index] for index, _ in run)]
    ):
        first = run[0][0]
        ranges = [(first + place, marks[first + place].range or (top, top)) for place, top in stretch]
        if len(ranges) == 1:
            parts.append(_whisker(plane, *ranges[0], "c-whisker", SOFT))
            continue
        upper = _places(plane, [(index, ends[1]) for index, ends in ranges])
        lower = _places(plane, [(index, ends[0]) for index, ends in reversed(ranges)])
        parts.append(tag("polygon", points=f"{upper} {lower}", class_="c-band", fill=SOFT))
    return "".join(parts)


def _whisker(plane: Plane, index: int, ends: tuple[float, float], css: str, colour: str) -> str:
    x = plane.x(index)
    return tag(
        "line",
        x1=x,
        x2=x,
        y1=plane.y(ends[0]),
        y2=plane.y(ends[1]),
        class_=css,
        stroke=colour,
        stroke_width=8,
        stroke_linecap="round",
    )


def _rough_link(plane: Plane, index: int, left: Mark, right: Mark) -> str:
    """The connection between neighbours of which at least one is only roughly known."""
    if left.drawn is None or right.drawn is None or not (left.wide or right.wide):
        return ""
    return _stroke(plane, [(index, left.drawn), (index + 1, right.drawn)], "c-rough", GREY, 1.5, "1 5")


def _point(plane: Plane, series: Series, rank: int, index: int, words: Words) -> str:
    """A dot with its exact words; hollow and grey when wide, a small cross on the floor when refused."""
    mark, x = series.marks[index], plane.x(index)
    exact = tag("title", escape(mark.exact(words, series.name)))
    if mark.drawn is None:
        y = plane.floor - 8 - 12 * rank
        cross = f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6"
        return (
            tag("path", exact, d=cross, class_="c-point c-gap", fill="none", stroke=GREY, stroke_width=1.5)
            if mark.refused
            else ""
        )
    y = plane.y(mark.drawn)
    if mark.wide:
        whisker = _whisker(plane, index, mark.range, "c-whisker-rough", FAINT) if mark.range else ""
        return whisker + tag(
            "circle",
            exact,
            cx=x,
            cy=y,
            r=3.5,
            class_="c-point c-hollow",
            fill=PAPER,
            stroke=GREY,
            stroke_width=1.5,
        )
    colour, css = (GREY, "c-point c-dot c-second") if series.dashed else (ACCENT, "c-point c-dot")
    return tag("circle", exact, cx=x, cy=y, r=3.5, class_=css, fill=colour)


def _goal_words(goal: float | None, words: Words) -> str:
    return "" if goal is None else words.target.format(value=words.short(goal))


def _end_labels(plane: Plane, series: Sequence[Series], goal: float | None, words: Words) -> str:
    """Names beside the ends of the lines, moved apart where they touch; the title names a lone series."""
    wanted = [
        (plane.y(stretches[-1][-1][1]), s.name)
        for s in series
        if len(series) > 1 and (stretches := list(runs([mark.drawn for mark in s.marks])))
    ]
    wanted += [(plane.y(goal), _goal_words(goal, words))] if goal is not None else []
    parts, free = [], plane.top
    for place, (y, name) in enumerate(sorted(wanted)):
        lowest = plane.floor - 18 * (len(wanted) - 1 - place)
        free = min(max(y + 5, free), lowest)
        parts.append(text(clip(name, plane.right - 12), plane.edge + 12, free, strong=True))
        free += 18
    return "".join(parts)


def _legend(plane: Plane, series: Sequence[Series], goal: float | None, words: Words) -> str:
    """Names above the plot, and the target's on its line."""
    parts = []
    for rank, s in enumerate(series if len(series) > 1 else ()):
        y = 16.0 + 24 * rank
        colour, css, dash = (GREY, "c-line c-second", "6 5") if s.dashed else (ACCENT, "c-line", None)
        parts.append(
            tag(
                "line",
                x1=8,
                x2=32,
                y1=y - 5,
                y2=y - 5,
                class_=css,
                stroke=colour,
                stroke_width=2,
                stroke_dasharray=dash,
            )
        )
        parts.append(text(clip(s.name, plane.width - 48), 40, y, strong=True))
    if goal is not None:
        parts.append(text(_goal_words(goal, words), plane.left + 4, plane.y(goal) - 6, strong=True))
    return "".join(parts)


def _newest(series: Sequence[Series], words: Words) -> str:
    """For screen readers: the newest number of each series."""
    newest = ((s.name, [mark for mark in s.marks if mark.drawn is not None][-1:]) for s in series)
    return "; ".join(mark.exact(words, name) for name, last in newest for mark in last) or words.empty


def _numbers(title: str, series: Sequence[Series], labels: Sequence[str], words: Words) -> str:
    """Ranges and counts have columns where any are known."""
    head = [words.period]
    columns: list[Sequence[str]] = [labels]
    for s in series:
        values = [mark.value_words(words) for mark in s.marks]
        ranges = [mark.range_words(words) for mark in s.marks]
        counts = [mark.count_words(words) for mark in s.marks]
        head.append(s.name)
        columns.append(values)
        for name, column in ((words.range, ranges), (words.count, counts)):
            if any(column):
                head.append(name)
                columns.append(column)
    rows = [[escape(cell) for cell in row] for row in zip(*columns, strict=True)]
    return table(title, head, rows)
