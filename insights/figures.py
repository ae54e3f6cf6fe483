"""Numbers as pages show them: with range and count, or with the reason why not; and the charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.charts import Mark, Series, Words, bar, line
from common.periods import Interval, Period
from insights.ramp import STEP_DAYS, STEPS, Cohort, Line
from insights.ramp import Point as RampPoint
from insights.selectors import IqsRow, Point
from insights.stats import Csat, Estimate


@dataclass(frozen=True, slots=True)
class Figure:
    """One number for a template. `refused` holds the few words in its place and `reason` the sentence;
    `note` says why there is no range."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    frame: int | None = None
    wide: bool = False
    refused: str = ""
    reason: str = ""
    note: str = ""

    def mark(self, label: str) -> Mark:
        """The same as a point of a chart."""
        return Mark(
            label, self.value, self.low, self.high, self.n, self.frame, self.wide, refused=self.refused
        )

    def bar(self, name: str) -> str:
        """The range as a small bar; empty for a refused number."""
        if self.value is None:
            return ""
        return bar(name, self.value, self.low, self.high, wide=self.wide, words=chart_words())


def iqs_figure(estimate: Estimate, needed: int) -> Figure:
    """The estimate of all work; `needed` reviews would give a number."""
    if estimate.refused:
        return Figure(n=estimate.reviews, refused=_short(estimate, needed), reason=estimate.refused.message)
    note = estimate.range_refused.message if estimate.range_refused else ""
    return Figure(
        estimate.value,
        estimate.low,
        estimate.high,
        estimate.reviews,
        estimate.frame,
        estimate.wide,
        note=note,
    )


def pass_figure(row: IqsRow | None, needed: int) -> Figure | None:
    """The share in per cent of all work that passes; None where nothing is estimated."""
    return iqs_figure(row.pass_estimate, needed) if row and row.pass_estimate else None


def _short(estimate: Estimate, needed: int) -> str:
    """The refusal in a few words."""
    code = estimate.refused.code if estimate.refused else ""
    if code == "too_few":
        return _("%(found)d of %(needed)d reviews") % {"found": estimate.reviews, "needed": needed}
    words = {
        "band_unreviewed": _("part not reviewed yet"),
        "no_whole_draw": _("no whole draw"),
        "spread_unknown": _("too few reviews so far"),
        "not_covered": _("too little reviewed"),
        "no_plan": _("no sample plan"),
        "few_agents": _("too few agents"),
        "peers_out": _("peers do not count"),
    }
    return words.get(code, _("no number"))


def csat_figure(csat: Csat, needed: int) -> Figure:
    """The satisfied share in per cent; `needed` answers would give a number."""
    if csat.refused:
        words = _("%(found)d of %(needed)d answers") % {"found": csat.answers, "needed": needed}
        return Figure(n=csat.answers, refused=words, reason=csat.refused.message)
    share, low, high = csat.satisfied_share, csat.satisfied_low, csat.satisfied_high
    return Figure(_percent(share), _percent(low), _percent(high), csat.answers)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 9)  # all of them is 100, not a little less


def iqs_chart(points: Sequence[Point], interval: Interval, needed: int, title: str) -> str:
    """The IQS of each week or month with its range, the average of reviewed where no IQS is known, CSAT where
    anybody answered, and dashed what was brought in from another tool, with the seam."""

    def series(name: str, figure: Callable[[Point], Figure], dashed: bool = True) -> Series:
        marks = [figure(point).mark(point_label(point.start, interval)) for point in points]
        return Series(name, marks, dashed)

    iqs = series(_("IQS, all work"), lambda point: _point_iqs(point, needed), dashed=False)
    average = series(_("Average of reviewed"), _point_average)
    csat = series(_("CSAT, % satisfied"), _point_csat)
    brought = series(_("Average of reviewed, imported"), _point_imported)
    beside = [brought, csat] if _known(iqs) else [average, brought, csat]
    shown = [iqs, *(each for each in beside if _known(each))]
    return line(title, shown, ident="iqs-over-time", here=_seam(points), words=chart_words())


def _seam(points: Sequence[Point]) -> tuple[int, str] | None:
    """Where reviews of one's own begin after those of another tool; None where there were no others."""
    brought = [place for place, point in enumerate(points) if point.imported]
    own = [place for place, point in enumerate(points) if _own_reviews(point)]
    if not brought or not own or own[0] < brought[0]:
        return None
    return own[0], _("reviewed here from now on")


def _own_reviews(point: Point) -> int:
    """How many were given here."""
    reviewed = point.iqs.reviews if point.iqs else 0
    return reviewed - (point.imported.n if point.imported else 0)


def _known(series: Series) -> bool:
    return any(mark.drawn is not None for mark in series.marks)


def _point_iqs(point: Point, needed: int) -> Figure:
    return iqs_figure(point.iqs.estimate, needed) if point.iqs else Figure()


def _point_average(point: Point) -> Figure:
    if point.iqs is None or point.iqs.mean is None or not _own_reviews(point):
        return Figure()
    return Figure(float(point.iqs.mean), n=point.iqs.reviews)


def _point_imported(point: Point) -> Figure:
    return Figure(float(point.imported.mean), n=point.imported.n) if point.imported else Figure()


def _point_csat(point: Point) -> Figure:
    """Without its range, which would hide that of the IQS."""
    if point.csat is None or point.csat.refused:
        return Figure()
    return Figure(_percent(point.csat.satisfied_share), n=point.csat.answers)


def point_label(start: date, interval: Interval) -> str:
    """A week by its first day, a month by its name."""
    return date_format(start, "M Y" if interval == "month" else "j M")


def cohort_name(started: Period, cohort: Cohort) -> str:
    """A month by its name, a quarter by its months: "July to September 2026"."""
    last = date_format(started.last, "F Y")
    if cohort == "month":
        return last
    return _("%(first)s to %(last)s") % {"first": date_format(started.first, "F"), "last": last}


def ramp_steps() -> list[str]:
    """The steps of a ramp by their days: "1–30"."""
    return [f"{step * STEP_DAYS + 1}–{(step + 1) * STEP_DAYS}" for step in range(STEPS)]


def ramp_chart(name: str, own: Line, together: Sequence[RampPoint], needed: int) -> str:
    """The IQS of a cohort by days since the start, and beside it that of all cohorts,
    where there are others."""

    def series(label: str, points: Sequence[RampPoint], dashed: bool) -> Series:
        known = {point.step: iqs_figure(point.estimate, needed) for point in points}
        labels = enumerate(ramp_steps())
        return Series(label, [known.get(step, Figure()).mark(days) for step, days in labels], dashed)

    shown = [series(_("This group"), own.points, False)]
    if together:
        shown.append(series(_("All groups"), together, True))
    words = replace(chart_words(), period=_("Days since the start"))
    ident = f"ramp-{own.started.first.isoformat()}"
    return line(_("IQS by days since the start: %(name)s") % {"name": name}, shown, ident=ident, words=words)


def chart_words() -> Words:
    """What charts say, in the reader's language; counts are of reviews or of answers."""
    return Words(
        table=_("Show the numbers"),
        period=_("Period"),
        name=_("Name"),
        value=_("Value"),
        range=_("95% range"),
        count=_("Count"),
        counted=_("{share} counted"),
        span=_("{low} to {high}"),
        share=_("{n} of {frame}"),
        rough=_("only roughly known"),
        unknown=_("no number"),
        empty=_("No numbers in this period yet"),
    )
