"""Values side by side: the interval chart and the bar."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from common.charts.model import ENGLISH, Mark, Words, known
from common.charts.scales import Limits, Plane, bounds, ticks
from common.charts.svg import (
    ACCENT,
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

NAME, NUMBERS = 160, 192  # columns for names (left) and numbers (right) of the wide drawing


def intervals(
    title: str,
    rows: Sequence[Mark],
    *,
    ident: str,
    note: str = "",
    target: float | None = None,
    limits: Limits = (0.0, 100.0),
    words: Words = ENGLISH,
) -> str:
    """A figure with one row each for value, range and counts, in the order given; refused rows say why.

    `ident` is unique on the page, `limits` bound the value axis (None: free). A row's `url` becomes a link in
    the table. `note` describes the chart to screen readers (default: every row in words).
    """
    goal = known(target)
    ends = bounds([goal, *(number for row in rows for number in row.extent)], limits)

    def draw(width: int) -> tuple[float, str]:
        wide = width == WIDE
        pitch = 32 if wide else 52
        height = 24 + pitch * max(1, len(rows)) + 28
        plane = Plane(width, height, NAME if wide else 8, NUMBERS if wide else 8, 24, 28, *ends)
        return height, _body(plane, rows, pitch, goal, words)

    cells = [[_name(row), *map(escape, _cells(row, words))] for row in rows]
    numbers = table(title, [words.name, words.value, words.range, words.count], cells)
    spoken = note or "; ".join(row.exact(words) for row in rows) or words.empty
    return figure(ident, title, spoken, draw, numbers, words)


def bar(
    title: str,
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    target: float | None = None,
    limits: tuple[float, float] = (0.0, 100.0),
    wide: bool = False,
    width: int = 120,
    words: Words = ENGLISH,
) -> str:
    """A bar the height of text: the range on a track with a dot at the value; without a range, filled.

    Its name says the numbers, so it has no table of its own.
    """
    mark, goal = Mark(title, value, low, high, wide=wide), known(target)
    plane = Plane(width, 16, 6, 6, 0, 0, *limits)
    track = tag("rect", x=0, y=6, width=width, height=4, rx=2, class_="c-track", fill=FAINT)
    filled = "" if mark.range or mark.drawn is None else _fill(plane, mark.drawn)
    goal_tick = "" if goal is None else _goal(plane, goal, 1, 15)
    return inline(mark.exact(words), width, 16, track + goal_tick + (filled or _range(plane, mark, 8, "")))


def _name(row: Mark) -> str:
    return tag("a", escape(row.label), href=row.url) if row.url else escape(row.label)


def _cells(row: Mark, words: Words) -> tuple[str, str, str]:
    return row.value_words(words), row.range_words(words), row.count_words(words)


def _body(plane: Plane, rows: Sequence[Mark], pitch: int, goal: float | None, words: Words) -> str:
    parts = [_grid(plane, words)]
    if goal is not None:
        parts.append(_goal(plane, goal, plane.top, plane.floor))
        name = words.target.format(value=words.short(goal))
        half = len(name) * 4
        parts.append(
            text(
                name, min(max(plane.across(goal), half), plane.width - half), 14, strong=True, anchor="middle"
            )
        )
    if not rows:
        parts.append(text(words.empty, plane.width / 2, plane.top + 22, anchor="middle"))
    row_of = _wide_row if plane.width == WIDE else _narrow_row
    parts += [row_of(plane, row, plane.top + pitch * place, words) for place, row in enumerate(rows)]
    return "".join(parts)


def _grid(plane: Plane, words: Words) -> str:
    parts = []
    for tick in ticks(plane.low, plane.high, 5):
        x = plane.across(tick)
        parts.append(tag("line", x1=x, x2=x, y1=plane.top, y2=plane.floor, class_="c-grid", stroke=FAINT))
        anchor = "end" if x > plane.width - 16 else "start" if x < 16 else "middle"
        parts.append(text(words.short(tick), x, plane.height - 6, anchor=anchor))
    return "".join(parts)


def _goal(plane: Plane, goal: float, top: float, foot: float) -> str:
    x = plane.across(goal)
    return tag("line", x1=x, x2=x, y1=top, y2=foot, class_="c-target", stroke=INK, stroke_dasharray="2 4")


def _wide_row(plane: Plane, row: Mark, top: float, words: Words) -> str:
    """Name, range, numbers in one line."""
    middle, baseline = top + 16, top + 21
    name = text(clip(row.label, NAME - 16), 0, baseline, strong=True)
    if row.drawn is None:
        return name + text(clip(row.value_words(words), plane.width - NAME - 8), plane.left + 8, baseline)
    exact = tag("title", escape(row.exact(words)))
    span = row.range_words(words, 0)
    value = text(words.number(row.drawn), plane.edge + 44, baseline, strong=not row.wide, anchor="end")
    rest = text(span, plane.edge + 52, baseline) if span else ""
    count = text(row.count_words(words), plane.width, baseline, anchor="end")
    return name + _range(plane, row, middle, exact) + value + rest + count


def _narrow_row(plane: Plane, row: Mark, top: float, words: Words) -> str:
    """Name and numbers above, range below."""
    baseline = top + 20
    if row.drawn is None:
        said = row.value_words(words)
        return text(clip(row.label, plane.width), 0, baseline, strong=True) + text(
            clip(said, plane.width), 0, baseline + 20
        )
    span, count = row.range_words(words, 0), row.count_words(words)
    numbers = words.number(row.drawn) + (f" ({span})" if span else "") + (f", {count}" if count else "")
    name = text(clip(row.label, plane.width - len(numbers) * 7.6 - 12), 0, baseline, strong=True)
    exact = tag("title", escape(row.exact(words)))
    return name + text(numbers, plane.width, baseline, anchor="end") + _range(plane, row, top + 38, exact)


def _range(plane: Plane, row: Mark, middle: float, exact: str) -> str:
    """The range as a rounded bar with a dot at the value; grey and hollow when only roughly known."""
    if row.drawn is None:
        return ""
    parts = []
    if row.range:
        left, right = (plane.across(end) for end in row.range)
        css, fill = ("c-span-rough", FAINT) if row.wide else ("c-span", SOFT)
        width = max(right - left, 2.0)
        parts.append(tag("rect", x=left, y=middle - 4, width=width, height=8, rx=4, class_=css, fill=fill))
    css, fill, stroke = ("c-point c-hollow", PAPER, GREY) if row.wide else ("c-point c-dot", ACCENT, None)
    parts.append(
        tag(
            "circle",
            exact,
            cx=plane.across(row.drawn),
            cy=middle,
            r=3,
            class_=css,
            fill=fill,
            stroke=stroke,
            stroke_width=1.5 if stroke else None,
        )
    )
    return "".join(parts)


def _fill(plane: Plane, value: float) -> str:
    return tag(
        "rect", x=0, y=6, width=max(plane.across(value), 2.0), height=4, rx=2, class_="c-dot", fill=ACCENT
    )
