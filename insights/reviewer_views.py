"""The page of the reviewers: who grades how, and who is unlike the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor, Capability
from common.charts import intervals
from common.periods import Period
from insights import selectors
from insights.figures import Figure, chart_words
from insights.pages import PERIOD, TablesPage, asked
from insights.selectors.reviewers import ReviewerLine, Reviewers, reviewers
from insights.stats.graders import Finding
from insights.stats.severity import LEAST_PAIRS, Severity
from insights.tables import Cell, Column, Row, Table
from insights.templatetags.numbers import duration, percent


def severity_figure(found: Severity) -> Figure:
    """Points below the others, with its range; or how many conversations graded twice there are."""
    if found.refused is None:
        return Figure(found.value, found.low, found.high, found.pairs)
    words = _("%(found)d of %(needed)d graded twice") % {"found": found.pairs, "needed": LEAST_PAIRS}
    if found.refused.code != "too_few":
        words = _("not comparable")
    return Figure(n=found.pairs, refused=words, reason=found.refused.message)


def expected_figure(line: ReviewerLine) -> Figure:
    """Points above (below zero: below) what others give the same agents."""
    if line.against is None:
        reason = _("Nobody else graded the same agents with the same scorecard, chosen in the same way.")
        return Figure(refused=_("no others"), reason=reason)
    low, high = line.against.range
    return Figure(line.against.by, low, high, line.against.reviews)


def finding_words(line: ReviewerLine, finding: Finding) -> str:
    """What is unlike the others, with the number that says so; about work, not about worth."""
    level, against, pace = line.level, line.against, line.pace
    points = _points(abs(line.severity.value or 0.0)) if finding in ("strict", "lenient") else ""
    by = _points(abs(against.by)) if against else ""
    distance = _points(line.distance.points) if line.distance else ""
    words: dict[Finding, str] = {
        "strict": _("gives %(points)s less than others in the same conversations") % {"points": points},
        "lenient": _("gives %(points)s more than others in the same conversations") % {"points": points},
        "low": _("gives %(points)s less than others give the same agents") % {"points": by},
        "high": _("gives %(points)s more than others give the same agents") % {"points": by},
        "differs": _("is %(points)s away from the others in the same conversations") % {"points": distance},
        "narrow": _("uses little of the scale: scores vary by %(points)s")
        % {"points": _points(level.spread or 0.0)},
        "broad": _("uses more of the scale than others: scores vary by %(points)s")
        % {"points": _points(level.spread or 0.0)},
        "hundreds": _("gives 100 in %(share)s of the reviews") % {"share": percent(level.hundreds)},
        "fast": _("takes %(time)s for a review, less than others") % {"time": duration(pace and pace.median)},
        "slow": _("takes %(time)s for a review, more than others") % {"time": duration(pace and pace.median)},
    }
    return words[finding]


def _points(value: float) -> str:
    whole = round(value)
    return ngettext("%(n)d point", "%(n)d points", whole) % {"n": whole}


def grading_table(actor: Actor, found: Reviewers, period: Period, sort: str) -> Table:
    """How everybody grades."""
    columns = [
        Column("name", _("Reviewer"), "text"),
        Column("reviews", _("Reviews")),
        Column("mean", _("Mean given"), "score"),
        Column("by", _("Against others, same agents"), "figure", _about_expected(), counts=False, decimals=1),
        Column("severity", _("Severity, points"), "figure", _about_severity(), counts=False, decimals=1),
        Column("distance", _("Distance from others"), "number", _about_distance(), decimals=1),
        Column("spread", _("Spread"), "number", _("The standard deviation of the scores given."), decimals=1),
        Column("hundreds", _("100s"), "share", _("The share of reviews that are 100.")),
    ]
    rows = [_grading(actor, line, period) for line in found.lines]
    return Table("grading", _("How they grade"), columns, rows, _("Nobody reviewed in this period."), sort)


def _about_expected() -> str:
    return _("The mean given, less what others gave the same agents; below zero he gives less.")


def _about_severity() -> str:
    return _("How many points less than others in the same conversations; below zero: more.")


def _about_distance() -> str:
    return _("The mean distance in points from others who graded the same conversation.")


def _grading(actor: Actor, line: ReviewerLine, period: Period) -> Row:
    level, distance = line.level, line.distance
    return {
        "name": Cell(line.reviewer.name, url=reviews_url(actor, line, period)),
        "reviews": Cell(level.reviews),
        "mean": Cell(level.mean),
        "by": Cell(figure=expected_figure(line), note=_of(line.against.reviews if line.against else None)),
        "severity": Cell(figure=severity_figure(line.severity)),
        "distance": Cell(
            distance and distance.points, note=_of(distance.conversations if distance else None)
        ),
        "spread": Cell(level.spread),
        "hundreds": Cell(level.hundreds),
    }


def _of(count: int | None) -> str:
    return "" if count is None else _("of %(n)d") % {"n": count}


def work_table(actor: Actor, found: Reviewers, period: Period) -> Table:
    """What everybody has to do, how fast it goes, and what became of it."""
    columns = [
        Column("name", _("Reviewer"), "text"),
        Column("waiting", _("Waiting now")),
        Column("overdue", _("Overdue")),
        Column("pace", _("Time for a review"), "seconds", _("The median of the time worked on a review.")),
        Column("timed", _("Reviews with a time")),
        Column("raised", _("Disputes")),
        Column("overturned", _("Overturned"), "number", _("Answered, at least in part, as the agent asked.")),
    ]
    rows = [_work(actor, line, period) for line in found.lines]
    return Table("work", _("Workload and pace"), columns, rows, _("Nobody has reviews."), sortable=False)


def _work(actor: Actor, line: ReviewerLine, period: Period) -> Row:
    disputes = line.disputes
    return {
        "name": Cell(line.reviewer.name, url=reviews_url(actor, line, period)),
        "waiting": Cell(line.waiting.items),
        "overdue": Cell(line.waiting.overdue),
        "pace": Cell(line.pace and line.pace.median),
        "timed": Cell(line.pace.reviews if line.pace else 0),
        "raised": Cell(disputes.raised),
        "overturned": Cell(disputes.overturned, note=_of(disputes.answered) if disputes.answered else ""),
    }


def reviews_url(actor: Actor, line: ReviewerLine, period: Period) -> str:
    """His reviews of the period."""
    page = reverse("review-list", kwargs={"slug": actor.workspace.slug})
    query = {"reviewer": line.reviewer.pk, "from": period.first, "to": period.last}
    return f"{page}?{urlencode(query)}"


def severity_chart(lines: Sequence[ReviewerLine]) -> str:
    """Whose severity is known, the strictest first; empty for fewer than two."""
    known = [line for line in lines if line.severity.value is not None]
    known.sort(key=lambda line: -(line.severity.value or 0.0))
    if len(known) < 2:
        return ""
    marks = [severity_figure(line.severity).mark(line.reviewer.name) for line in known]
    words = replace(chart_words(), target=_("As the others"))
    title = _("Points given below the others in the same conversations")
    return intervals(title, marks, ident="severity", limits=None, target=0.0, words=words)


class ReviewersPage(TablesPage):
    """For who leads all reviewers, for a reviewer his own line."""

    capability = Capability.GRADE
    template_name = "insights/reviewers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, problem = asked(self.actor, self.request.GET, PERIOD | {"team", "sort", "format"})
        found = reviewers(self.actor, query)
        teams = [] if found.own else list(selectors.teams_in_scope(self.actor))
        sort = self.request.GET.get("sort", "")
        context = {
            "found": found,
            "problem": problem,
            "marked": [
                (line, reviews_url(self.actor, line, query.period), self.words(line))
                for line in found.lines
                if line.stands_out
            ],
            "chart": "" if found.own else severity_chart(found.lines),
            "tables": [
                grading_table(self.actor, found, query.period, sort),
                work_table(self.actor, found, query.period),
            ],
        }
        return super().get_context_data(**kwargs) | self.filters(query, teams) | context

    def words(self, line: ReviewerLine) -> list[str]:
        return [finding_words(line, finding) for finding in line.stands_out]
