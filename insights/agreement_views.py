"""The page of agreement: which categories reviewers read differently, and where it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.access import Capability
from common.errors import Invalid
from insights import selectors
from insights.agreement_parameters import scorecards_of
from insights.figures import Figure
from insights.pages import PERIOD, TablesPage, asked
from insights.selectors.agreement import Agreement, AgreementRow, agreement, visible_scorecards
from insights.stats.readings import LEAST_COEFFICIENTS, LEAST_SHARES, Ranged, Reading
from insights.tables import Cell, Column, Row, Table
from qa_reviews.views.tables import address
from scorecards.models import Scorecard

SHOWN_DIFFERENT = 3


def coefficient_figure(found: Ranged | None, reading: Reading) -> Figure:
    """A coefficient with its range, or why there is none."""
    if reading.coefficients_refused:
        words = _("%(found)d of %(needed)d graded twice")
        counts = {"found": reading.doubly, "needed": LEAST_COEFFICIENTS}
        return Figure(n=reading.doubly, refused=words % counts, reason=reading.coefficients_refused.message)
    if found is None or found.value is None:
        reason = _("All chose the same, so nothing tells agreement from chance.")
        return Figure(n=reading.doubly, refused=_("no variety"), reason=reason)
    return Figure(found.value, found.low, found.high, reading.doubly)


def agreement_table(found: Agreement, sort: str) -> Table:
    """A row for the score and for each category; the scorecards are named where there are several."""
    several = len({row.scorecard.pk for row in found.rows}) > 1
    columns = [
        Column("name", _("Category"), "text"),
        *([Column("scorecard", _("Scorecard"), "text")] if several else []),
        Column("doubly", _("Graded twice")),
        Column("exact", _("Equal"), "share", _("Pairs of reviewers who chose the same.")),
        Column("within", _("Within one step"), "share", _("Pairs at most one option apart.")),
        Column("difference", _("Mean difference"), "number", _("In points, 0 to 100."), decimals=1),
        Column("alpha", _("Alpha"), "figure", _("Krippendorff's alpha."), counts=False, decimals=2),
        Column("ac", _("AC1, AC2"), "figure", _("Gwet's coefficients."), counts=False, decimals=2),
        Column("other", _("Kappa, ICC"), "number", _("Kappa of categories, ICC of scores."), decimals=2),
    ]
    rows = [_row(row) for row in found.rows]
    return Table("agreement", _("Agreement"), columns, rows, sort=sort)


def _row(row: AgreementRow) -> Row:
    found = row.reading
    few = _("%(found)d of %(needed)d") % {"found": found.doubly, "needed": LEAST_SHARES}
    return {
        "name": Cell(row_name(row), note=few if found.refused else ""),
        "scorecard": Cell(row.scorecard.name),
        "doubly": Cell(found.doubly),
        "exact": Cell(found.exact),
        "within": Cell(found.within),
        "difference": Cell(found.difference),
        "alpha": Cell(figure=coefficient_figure(found.alpha, found)),
        "ac": Cell(figure=coefficient_figure(found.ac, found)),
        "other": Cell(found.icc if row.category is None else found.kappa),
    }


def row_name(row: AgreementRow) -> str:
    return _("Score") if row.category is None else row.name


def read_differently(found: Agreement) -> list[AgreementRow]:
    """The categories in which reviewers are farthest apart, of those judged often enough."""
    known = [row for row in found.rows if row.category and row.reading.difference and row.examples]
    return sorted(known, key=lambda row: -(row.reading.difference or 0.0))[:SHOWN_DIFFERENT]


class AgreementPage(TablesPage):
    """For who leads."""

    capability = Capability.NUMBERS_READ_ALL
    template_name = "insights/agreement.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, problem = asked(self.actor, self.request.GET, PERIOD | {"team", "scorecard", "sort", "format"})
        chosen, wrong = self.chosen()
        found = agreement(self.actor, query, chosen)
        cards = list(visible_scorecards(self.actor))
        filters = self.filters(query, list(selectors.teams_in_scope(self.actor)))
        self.add_scorecards(filters, cards, chosen)
        context = {
            "found": found,
            "problem": problem or wrong,
            "different": [(row, row_name(row)) for row in read_differently(found)],
            "tables": [agreement_table(found, self.request.GET.get("sort", ""))],
        }
        return super().get_context_data(**kwargs) | filters | context

    def chosen(self) -> tuple[tuple[int, ...], str]:
        """The scorecards of the address, and what is wrong with them in words."""
        try:
            return scorecards_of(self.actor, self.request.GET), ""
        except Invalid as problem:
            return (), problem.detail

    def add_scorecards(
        self, filters: dict[str, Any], cards: Sequence[Scorecard], chosen: Sequence[int]
    ) -> None:
        """The choice of a scorecard, and its chip."""
        filters["form"].fields["scorecard"] = forms.ChoiceField(
            label=_("Scorecard"),
            required=False,
            choices=[("", _("All scorecards")), *((str(card.pk), card.name) for card in cards)],
            initial=str(chosen[0]) if len(chosen) == 1 else "",
        )
        remove = address(self.request.GET, scorecard=None)
        filters["chips"] += [
            {"label": _("Scorecard"), "value": card.name, "remove_url": remove}
            for card in cards
            if card.pk in chosen
        ]
