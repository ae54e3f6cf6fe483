"""The quality map in words, tables and its chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.access import Actor
from common.charts import Frame, Spot, quadrants
from insights import figures
from insights.figures import Figure
from insights.how import how_url
from insights.selectors import Place
from insights.selectors.quality_map import Driver, MapLine, QualityMap
from insights.selectors.references import ReferenceLine
from insights.stats.association import Adjusted, Association, Quadrant
from insights.tables import Cell, Column, Row, Table

READINGS: dict[Quadrant, str | Promise] = {
    "doing_well": lazy("doing well"),
    "liked_not_by_the_book": lazy("liked, but not by the book"),
    "by_the_book_not_liked": lazy("by the book, but not liked: look at product, policy or scorecard"),
    "needs_coaching": lazy("needs coaching"),
    "unclear": lazy("unclear so far"),
}


def association_figure(found: Association, few: str) -> Figure:
    """A correlation, or why there is none; `few` are the short words where there are too few."""
    if found.refused:
        short = few if found.refused.code == "too_few" else _("no number")
        return Figure(n=found.pairs, refused=short, reason=found.refused.message)
    return Figure(found.value, found.low, found.high, found.pairs)


def direction(found: Association) -> str:
    """What a correlation says: "together", "apart", "none" where its range holds 0; "" if refused."""
    if found.low is None or found.high is None:
        return ""
    if found.low > 0:
        return "together"
    return "apart" if found.high < 0 else "none"


def map_table(actor: Actor, found: QualityMap, sort: str) -> Table:
    """Each agent's two numbers and what they say together."""
    columns = [
        Column("name", _("Agent"), "text"),
        Column("iqs", _("IQS, all work"), "figure"),
        Column("csat", _("CSAT, % satisfied"), "figure", counts=False),
        Column("reading", _("What the two say"), "text"),
    ]
    rows = [_map_row(actor, found, line) for line in found.lines]
    empty = _("No agent has a review or an answer in this period.")
    return Table("map", _("Agents"), columns, rows, empty, sort)


def _map_row(actor: Actor, found: QualityMap, line: MapLine) -> Row:
    query = found.asked.query.by("agent")
    iqs, csat = _numbers(actor, line)
    return {
        "name": _name(actor, line),
        "iqs": Cell(figure=iqs, url=how_url(actor.workspace.slug, Place(query, (line.agent.pk,)))),
        "csat": Cell(figure=csat),
        "reading": Cell(str(READINGS[line.reading])),
    }


def _name(actor: Actor, line: MapLine) -> Cell:
    page = reverse("agent-page", kwargs={"slug": actor.workspace.slug, "pk": line.agent.pk})
    return Cell(str(line.agent), url=page if line.has_page else "")


def _numbers(actor: Actor, line: MapLine) -> tuple[Figure, Figure]:
    settings = actor.workspace.settings
    iqs = figures.iqs_figure(line.iqs, settings.min_reviews) if line.iqs else Figure()
    csat = figures.csat_figure(line.csat, settings.min_answers) if line.csat else Figure()
    return iqs, csat


def mix_table(actor: Actor, found: QualityMap) -> Table:
    """What the mix of work moves."""
    columns = [
        Column("name", _("Agent"), "text"),
        Column("iqs", _("Average of drawn"), "score"),
        Column("iqs_adjusted", _("Adjusted"), "figure"),
        Column("iqs_moved", _("Moved by")),
        Column("csat", _("CSAT, %"), "score"),
        Column("csat_adjusted", _("CSAT adjusted"), "figure"),
        Column("csat_moved", _("CSAT moved by")),
    ]
    rows = [
        {"name": _name(actor, line)}
        | _adjusted("iqs", line.adjusted_iqs)
        | _adjusted("csat", line.adjusted_csat)
        for line in found.lines
    ]
    empty = _("No agent has a review or an answer in this period.")
    columns = [replace(column, decimals=1) if column.kind == "number" else column for column in columns]
    return Table("mix", _("What the mix of work moves"), columns, rows, empty, sortable=False)


def _adjusted(name: str, found: Adjusted | None) -> dict[str, Cell]:
    if found is None:
        return {}
    if found.refused:
        figure = Figure(refused=_("other work"), reason=found.refused.message)
    else:
        figure = Figure(found.value, found.low, found.high)
    moved = None if found.moved is None else round(found.moved, 1) + 0.0
    return {
        name: Cell(round(found.raw, 4)),
        f"{name}_adjusted": Cell(figure=figure),
        f"{name}_moved": Cell(moved),
    }


def drivers_table(drivers: Sequence[Driver]) -> Table:
    """Which categories go together with what customers say."""
    columns = [
        Column("name", _("Category"), "text"),
        Column("scorecard", _("Scorecard"), "text"),
        Column("together", _("Goes together with CSAT"), "figure", counts=False, decimals=2),
        Column("pairs", _("Conversations")),
        Column("says", _("In words"), "text"),
    ]
    empty = _("No reviewed conversation of this period has an answer of its customer.")
    return Table(
        "drivers",
        _("Which categories go together with CSAT"),
        columns,
        list(map(_driver_row, drivers)),
        empty,
        sortable=False,
    )


def _driver_row(driver: Driver) -> Row:
    words = {
        "together": _("higher with satisfied customers"),
        "apart": _("lower with satisfied customers"),
        "none": _("no clear connection"),
        "": "",
    }
    few = _("too few conversations")
    return {
        "name": Cell(driver.name),
        "scorecard": Cell(str(driver.scorecard["name"]) if driver.scorecard else None),
        "together": Cell(figure=association_figure(driver.association, few)),
        "pairs": Cell(driver.association.pairs),
        "says": Cell(words[direction(driver.association)]),
    }


def map_chart(
    actor: Actor, found: QualityMap, iqs_lines: Sequence[ReferenceLine], csat_lines: Sequence[ReferenceLine]
) -> str:
    """Every agent with both numbers, IQS across and CSAT up."""
    frame = Frame(
        (_("IQS, all work"), _("CSAT, % satisfied")),
        (found.cuts.iqs, found.cuts.csat),
        (
            _("Liked, but not by the book"),
            _("Doing well"),
            _("Needs coaching"),
            _("By the book, but not liked"),
        ),
        _compared(iqs_lines),
        _compared(csat_lines),
    )
    return quadrants(
        _("IQS and CSAT of each agent"),
        [_spot(actor, line) for line in found.lines],
        frame,
        ident="quality-map",
        reading=_("What the two say"),
        words=figures.chart_words(),
    )


def _compared(lines: Sequence[ReferenceLine]) -> list[tuple[float, str]]:
    return [(line.value, str(line.year)) for line in lines]


def _spot(actor: Actor, line: MapLine) -> Spot:
    iqs, csat = _numbers(actor, line)
    url: Any = _name(actor, line).url
    name = str(line.agent)
    return Spot(
        replace(iqs.mark(name), url=url),
        csat.mark(name),
        str(READINGS[line.reading]),
        line.reading != "unclear",
    )
