"""The page of a replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Capability
from accounts.views_base import WorkspaceTemplatePage
from common import params
from common.charts import Mark, bar, intervals
from common.errors import Invalid
from common.periods import Period
from insights import replay_words
from insights.figures import chart_words
from insights.forms import ReplayForm
from insights.query import AXES, Axis
from insights.replay import Move, Mover
from insights.selectors.replay import Replayed, replayed
from qa_reviews.models import Review
from scorecards.scoring import passed

PARAMETERS = frozenset({"from", "to", "date_axis", "sort"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: a team or an agent. `pk` is None without a page."""

    name: str
    pk: int | None
    move: Move

    @property
    def bar(self) -> str:
        """The mean now as a bar, with a tick where it stood."""
        before, after = self.move.before.mean, self.move.after.mean
        if after is None:
            return ""
        was = None if before is None else float(before)
        return bar(self.name, float(after), target=was, words=chart_words())


@dataclass(frozen=True, slots=True)
class MoverRow:
    """One of the reviews that move most; `review` is None where the actor does not see it."""

    mover: Mover
    agent: str
    review: Review | None
    passed_before: bool | None
    passed_after: bool | None


SORTS: dict[str, Callable[[Move], Any]] = {
    "reviews": lambda move: move.reviews,
    "before": lambda move: move.before.mean,
    "after": lambda move: move.after.mean,
    "change": lambda move: move.change,
    "pass": lambda move: move.pass_change,
}
LABELS = {
    "name": gettext_lazy("Name"),
    "after": gettext_lazy("Mean"),
    "change": gettext_lazy("Change"),
    "pass": gettext_lazy("Pass rate"),
    "reviews": gettext_lazy("Reviews"),
}


def ordered(rows: list[Row], sort: str) -> list[Row]:
    """By one column ("-" turns it round), unknown last in either direction, else by name."""
    rows = sorted(rows, key=lambda row: row.name.casefold(), reverse=sort == "-name")
    value = SORTS.get(sort.lstrip("-"))
    if value is None:
        return rows
    known = [row for row in rows if value(row.move) is not None]
    known.sort(key=lambda row: value(row.move), reverse=sort.startswith("-"))
    return known + [row for row in rows if value(row.move) is None]


def columns(query: QueryDict, sort: str) -> list[dict[str, Any]]:
    """The heads of the tables, each with the address that sorts by it."""
    states = {"": "ascending", "-": "descending"}
    found = []
    for key, label in LABELS.items():
        changed = query.copy()
        changed["sort"] = f"-{key}" if sort == key else key
        state = next((states[sign] for sign in states if sort == f"{sign}{key}"), None)
        found.append({"key": key, "label": label, "url": f"?{changed.urlencode()}", "state": state})
    return found


class ReplayPage(WorkspaceTemplatePage):
    """What a draft would do to past scores, before it is published."""

    capability = Capability.NUMBERS_READ_ALL
    template_name = "insights/replay.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period, axis, problem = self.asked()
        found = replayed(self.actor, kwargs["pk"], kwargs["number"], period=period, axis=axis)
        sort = self.request.GET.get("sort", "name")
        lines = replay_words.reason_lines(found.found)
        context = {
            "replayed": found,
            "found": found.found,
            "problem": problem,
            "form": ReplayForm(found.period, found.axis),
            "headline": replay_words.headline(found.found.whole),
            "lines": lines,
            "chart": self.chart(lines),
            "agents": ordered(self.rows(found.found.agents, found.agents, found.known), sort),
            "teams": ordered(self.rows(found.found.teams, found.teams, frozenset()), sort),
            "columns": columns(self.request.GET, sort),
            "movers": [self.mover(found, mover) for mover in found.found.movers],
        }
        return super().get_context_data(**kwargs) | context

    def asked(self) -> tuple[Period | None, Axis, str]:
        """The period and the axis of the address, and what is wrong with it in words."""
        query = self.request.GET
        try:
            params.check_known(query, PARAMETERS)
            axis = params.one_of(query, "date_axis", AXES, "submitted")
            return params.period(query), cast(Axis, axis), ""
        except Invalid as problem:
            return None, "submitted", problem.detail

    def rows(self, moves: Mapping[int, Move], names: Mapping[int, Any], known: frozenset[int]) -> list[Row]:
        return [
            Row(str(names[pk]) if pk in names else _("No team"), pk if pk in known else None, move)
            for pk, move in moves.items()
        ]

    def chart(self, lines: list[replay_words.Line]) -> str:
        """What each reason moves, in points."""
        words = replace(chart_words(), value=_("Points of the mean"))
        marks = [Mark(line.name, line.points) for line in lines]
        return intervals(_("What moves the mean, in points"), marks, ident="why", limits=None, words=words)

    def mover(self, found: Replayed, mover: Mover) -> MoverRow:
        def passes(score: Decimal) -> bool | None:
            return passed(score, found.pass_mark)

        return MoverRow(
            mover,
            str(found.agents.get(mover.agent, "")),
            found.reviews.get(mover.review),
            passes(mover.before),
            passes(mover.after),
        )
