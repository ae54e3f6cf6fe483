"""Two numbers against each other, cut into four parts: the quadrant chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from common.charts.model import ENGLISH, Mark, Words, known
from common.charts.scales import Limits, Plane, bounds, ticks
from common.charts.svg import ACCENT, FAINT, GREY, INK, PAPER, SOFT, WIDE, clip, figure, table, tag, text

LEAST_ROOM = 64
"""The pixels without which a part has no name."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing with two numbers; `clear` ones lie wholly in one part, `reading` says which in words."""

    across: Mark
    up: Mark
    reading: str
    clear: bool = True

    def exact(self, axes: tuple[str, str], words: Words) -> str:
        """Name, both numbers with their ranges, and what that says."""
        return f"{self.across.exact(words, axes[0])}; {self.up.exact(words, axes[1])}; {self.reading}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the spots stand in: names of the axes, the cuts that part them (None: no part), names of the parts
    (left and right above, left and right below), and lines to compare with, each a value and words."""

    axes: tuple[str, str]
    cuts: tuple[float | None, float | None]
    parts: tuple[str, str, str, str]
    across_lines: Sequence[tuple[float, str]] = ()
    up_lines: Sequence[tuple[float, str]] = ()


def quadrants(
    title: str,
    spots: Sequence[Spot],
    frame: Frame,
    *,
    ident: str,
    note: str = "",
    reading: str = "Reading",
    limits: Limits = (0.0, 100.0),
    words: Words = ENGLISH,
) -> str:
    """A figure of spots by two numbers, their ranges as crosses; who lacks either is in the table only.

    `ident` is unique on the page, `limits` bound both axes, `reading` names that column. `note` describes the
    chart to screen readers (default: every spot in words).
    """
    drawn = [spot for spot in spots if spot.across.drawn is not None and spot.up.drawn is not None]
    flat = _ends([spot.across for spot in drawn], frame.cuts[0], frame.across_lines, limits)
    tall = _ends([spot.up for spot in drawn], frame.cuts[1], frame.up_lines, limits)

    def draw(width: int) -> tuple[float, str]:
        wide = width == WIDE
        height = 440 if wide else 360
        place = _Place(
            Plane(width, height, 40, 16, 28, 52, *flat), Plane(width, height, 40, 16, 28, 52, *tall)
        )
        return height, _body(place, drawn, frame, words)

    spoken = note or "; ".join(spot.exact(frame.axes, words) for spot in drawn) or words.empty
    return figure(ident, title, spoken, draw, _numbers(title, spots, frame, reading, words), words)


@dataclass(frozen=True, slots=True)
class _Place:
    """One plane for each axis, over the same drawing."""

    flat: Plane
    tall: Plane

    def of(self, across: float, up: float) -> tuple[float, float]:
        return self.flat.across(across), self.tall.y(up)


def _ends(
    marks: Sequence[Mark], cut: float | None, lines: Sequence[tuple[float, str]], limits: Limits
) -> tuple[float, float]:
    others = [known(cut), *(value for value, _ in lines)]
    return bounds([*others, *(number for mark in marks for number in mark.extent)], limits)


def _body(place: _Place, spots: Sequence[Spot], frame: Frame, words: Words) -> str:
    parts = [_grid(place, frame, words), _part_names(place, frame), _lines(place, frame)]
    if not spots:
        middle = (place.flat.left + place.flat.edge) / 2
        parts.append(text(words.empty, middle, place.flat.height / 2, anchor="middle"))
    parts += [_cross(place, spot) for spot in spots]
    parts += [_point(place, spot, frame, words) for spot in spots]
    return "".join(parts) + _names(place, spots)


def _grid(place: _Place, frame: Frame, words: Words) -> str:
    flat, tall = place.flat, place.tall
    parts = []
    for tick in ticks(flat.low, flat.high, 5):
        x = flat.across(tick)
        parts.append(_upright(flat, x, "c-grid", FAINT, None))
        parts.append(text(words.short(tick), x, flat.floor + 20, anchor="middle"))
    for tick in ticks(tall.low, tall.high, 5):
        y = tall.y(tick)
        parts.append(_level(flat, y, "c-grid", FAINT, None))
        parts.append(text(words.short(tick), flat.left - 8, y + 5, anchor="end"))
    parts.append(text(frame.axes[0], flat.edge, flat.height - 8, strong=True, anchor="end"))
    parts.append(text(frame.axes[1], 0, 16, strong=True))
    return "".join(parts)


def _upright(plane: Plane, x: float, css: str, colour: str, dash: str | None) -> str:
    return tag(
        "line", x1=x, x2=x, y1=plane.top, y2=plane.floor, class_=css, stroke=colour, stroke_dasharray=dash
    )


def _level(plane: Plane, y: float, css: str, colour: str, dash: str | None) -> str:
    return tag(
        "line", x1=plane.left, x2=plane.edge, y1=y, y2=y, class_=css, stroke=colour, stroke_dasharray=dash
    )


def _lines(place: _Place, frame: Frame) -> str:
    """The cuts, and thinner the lines to compare with."""
    flat, tall = place.flat, place.tall
    parts = []
    for step, (value, said) in enumerate(frame.across_lines):
        x = flat.across(value)
        parts.append(_upright(flat, x, "c-reference", GREY, "1 5"))
        parts.append(text(said, x - 4, flat.floor - 6 - 16 * (step % 3), anchor="end"))
    for value, said in frame.up_lines:
        y = tall.y(value)
        parts.append(_level(flat, y, "c-reference", GREY, "1 5"))
        parts.append(text(said, flat.edge, y - 4, anchor="end"))
    across, up = known(frame.cuts[0]), known(frame.cuts[1])
    if across is not None:
        parts.append(_upright(flat, flat.across(across), "c-target", INK, "2 4"))
    if up is not None:
        parts.append(_level(flat, tall.y(up), "c-target", INK, "2 4"))
    return "".join(parts)


def _part_names(place: _Place, frame: Frame) -> str:
    """Each beside the level cut, where no clear spot lies, if the upright one leaves it room."""
    if None in frame.cuts:
        return ""
    flat = place.flat
    x, y = place.of(frame.cuts[0] or 0.0, frame.cuts[1] or 0.0)
    found = []
    for number, said in enumerate(frame.parts):
        left, above = number % 2 == 0, number < 2
        room = x - flat.left if left else flat.edge - x
        if room >= LEAST_ROOM:
            edge = flat.left + 6 if left else flat.edge - 6
            anchor = None if left else "end"
            found.append(text(clip(said, room - 12), edge, y - 8 if above else y + 18, anchor=anchor))
    return "".join(found)


def _cross(place: _Place, spot: Spot) -> str:
    """Both ranges, as thin bars; a missing one is not drawn."""
    x, y = place.of(spot.across.drawn or 0.0, spot.up.drawn or 0.0)
    css, colour = ("c-arm", SOFT) if spot.clear else ("c-arm c-arm-rough", FAINT)
    parts = []
    if spot.across.range:
        low, high = (place.flat.across(end) for end in spot.across.range)
        parts.append(_arm(low, high, y, y, css, colour))
    if spot.up.range:
        low, high = (place.tall.y(end) for end in spot.up.range)
        parts.append(_arm(x, x, low, high, css, colour))
    return "".join(parts)


def _arm(x1: float, x2: float, y1: float, y2: float, css: str, colour: str) -> str:
    return tag(
        "line",
        x1=x1,
        x2=x2,
        y1=y1,
        y2=y2,
        class_=css,
        stroke=colour,
        stroke_width=3,
        stroke_linecap="round",
    )


def _point(place: _Place, spot: Spot, frame: Frame, words: Words) -> str:
    """A dot with its exact words; hollow and grey where the reading is not clear."""
    x, y = place.of(spot.across.drawn or 0.0, spot.up.drawn or 0.0)
    css, fill, stroke = ("c-point c-dot", ACCENT, None) if spot.clear else ("c-point c-hollow", PAPER, GREY)
    return tag(
        "circle",
        tag("title", escape(spot.exact(frame.axes, words))),
        cx=x,
        cy=y,
        r=5,
        class_=css,
        fill=fill,
        stroke=stroke,
        stroke_width=1.5 if stroke else None,
    )


def _names(place: _Place, spots: Sequence[Spot]) -> str:
    """Names beside the clear spots, the others' where there is room: none over another."""
    taken: list[tuple[float, float, float]] = []
    parts = []
    for spot in sorted(spots, key=lambda each: not each.clear):
        x, y = place.of(spot.across.drawn or 0.0, spot.up.drawn or 0.0)
        name = clip(spot.across.label, 130)
        width = len(name) * 7.6
        ahead = x + 9 + width <= place.flat.edge
        start = x + 9 if ahead else x - 9 - width
        if start < place.flat.left or any(_touch((start, width, y), other) for other in taken):
            continue
        taken.append((start, width, y))
        parts.append(
            text(name, x + 9 if ahead else x - 9, y + 5, strong=spot.clear, anchor=None if ahead else "end")
        )
    return "".join(parts)


def _touch(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    return abs(one[2] - other[2]) < 16 and one[0] < other[0] + other[1] and other[0] < one[0] + one[1]


def _numbers(title: str, spots: Sequence[Spot], frame: Frame, reading: str, words: Words) -> str:
    """Both numbers with their ranges, and the reading."""
    head = [words.name, frame.axes[0], words.range, frame.axes[1], words.range, reading]
    return table(title, head, [[_name(spot.across), *map(escape, _cells(spot, words))] for spot in spots])


def _cells(spot: Spot, words: Words) -> list[str]:
    numbers = [
        said for mark in (spot.across, spot.up) for said in (mark.value_words(words), mark.range_words(words))
    ]
    return [*numbers, spot.reading]


def _name(mark: Mark) -> str:
    return tag("a", escape(mark.label), href=mark.url) if mark.url else escape(mark.label)
