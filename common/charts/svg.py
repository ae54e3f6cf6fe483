"""SVG and HTML text: elements, the figure around a drawing, and its table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

from common.charts.model import Words

WIDE, NARROW = 640, 344
CHAR = 7.6  # rough width of a character at 14 px, to reserve room and to shorten names
# The light theme's values of tokens.css, for renderers without style sheets.
INK, MUTED, FAINT, GREY, ACCENT, SOFT, PAPER = (
    "#1c1d22",
    "#595d68",
    "#e3e3e0",
    "#777b86",
    "#4048b5",
    "#c9ccf1",
    "#ffffff",
)

Draw = Callable[[int], tuple[float, str]]


def tag(name: str, content: str = "", **attributes: str | float | None) -> str:
    """One element: `content` is markup already escaped, attributes are escaped here, None leaves one out."""
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{pairs}>{content}</{name}>" if content else f"<{name}{pairs}/>"


def _attribute(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def text(words: str, x: float, y: float, *, strong: bool = False, anchor: str | None = None) -> str:
    """A line of text on its baseline; `strong` gives it the ink of names and values."""
    fill, css = (INK, "c-text c-strong") if strong else (MUTED, "c-text")
    return tag("text", escape(words), x=x, y=y, class_=css, fill=fill, text_anchor=anchor)


def clip(words: str, room: float) -> str:
    """The words, shortened to about that many pixels."""
    most = max(4, int(room / CHAR))
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def inline(spoken: str, width: int, height: int, body: str) -> str:
    """A drawing the height of text, whose name says all it shows."""
    return tag(
        "svg",
        tag("title", escape(spoken)) + body,
        class_="chart-inline",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=spoken,
        direction="ltr",
    )


def figure(ident: str, title: str, note: str, draw: Draw, table: str, words: Words) -> str:
    """A titled figure of two drawings and a table; `draw` gives height and marks for a width."""
    caption = tag("figcaption", escape(title), class_="chart-title")
    drawings = "".join(_drawing(ident, title, note, width, *draw(width)) for width in (WIDE, NARROW))
    plot = tag("div", drawings, class_="chart-plot")
    numbers = tag("details", tag("summary", escape(words.table)) + table, class_="chart-data")
    return tag("figure", caption + plot + numbers, class_="chart", id=ident, data_controller="chart")


def _drawing(ident: str, title: str, note: str, width: int, height: float, body: str) -> str:
    wide = width == WIDE
    name = f"{ident}-{'wide' if wide else 'narrow'}"
    head = tag("title", escape(title), id=f"{name}-title") + tag(
        "desc", escape(note or title), id=f"{name}-desc"
    )
    return tag(
        "svg",
        head + body,
        class_="chart-wide" if wide else "chart-narrow",
        display=None if wide else "none",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        direction="ltr",
        font_family="system-ui, sans-serif",
        font_size="14",
    )


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The numbers of a figure; cells are markup already escaped, the first of each row is its heading."""
    heads = "".join(tag("th", escape(name), scope="col") for name in head)
    body = "".join(
        tag("tr", tag("th", cells[0], scope="row") + "".join(f"<td>{cell}</td>" for cell in cells[1:]))
        for cells in rows
    )
    named = tag("caption", escape(caption), class_="visually-hidden")
    return tag(
        "div",
        tag("table", f"{named}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody>", class_="table"),
        class_="table-wrap",
        tabindex="0",  # it scrolls sideways where there is little room
    )
