"""What came of a calibration session: who is strict, who lenient, which categories are read differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from accounts.access import Actor
from accounts.models import Member
from insights.stats.agreement import exact
from insights.stats.calibration import Difference, difference, middle_of_others
from insights.stats.resampling import Floats
from qa_reviews.models import CalibrationSession
from qa_reviews.selectors.calibration import Compared, compared, session


@dataclass(frozen=True, slots=True)
class CategoryAgreement:
    """`share` 0..1 of pairs of graders who gave the category the same; None where no two rated it."""

    key: str
    name: str
    share: float | None

    @property
    def percent(self) -> float | None:
        return None if self.share is None else 100 * self.share


@dataclass(frozen=True, slots=True)
class CalibrationResults:
    """Each grader against the baseline (who is left out) or the middle of the others; categories, those that
    are read most differently first. Both empty before the session is talked over."""

    session: CalibrationSession
    graders: Sequence[tuple[Member, Difference]]
    categories: Sequence[CategoryAgreement]


def calibration_results(actor: Actor, session_id: int) -> CalibrationResults:
    """The results of a session that the actor sees, of what he may read in it; Missing. Six queries."""
    found = session(actor, session_id)
    rows = compared(actor, found)
    if not rows:
        return CalibrationResults(found, [], [])
    people = [each.member for each in found.participants.all()]
    scores = _table([[review.score if review else None for review in row.reviews] for row in rows])
    base = next((place for place, each in enumerate(people) if each.pk == found.baseline_id), None)
    graders = [
        (
            each,
            difference(
                scores[:, place], middle_of_others(scores, place) if base is None else scores[:, base]
            ),
        )
        for place, each in enumerate(people)
        if place != base
    ]
    return CalibrationResults(found, graders, _categories(rows))


def _categories(rows: Sequence[Compared]) -> list[CategoryAgreement]:
    given: dict[str, list[list[Decimal | None]]] = {}
    names: dict[str, str] = {}
    for row in rows:
        for line in row.lines:
            names[line.key] = line.name
            given.setdefault(line.key, []).append([each.score for each in line.given])
    found = [CategoryAgreement(key, names[key], exact(_table(values))) for key, values in given.items()]
    return sorted(found, key=lambda each: (each.share is None, each.share or 0, each.name))


def _table(values: Sequence[Sequence[Decimal | None]]) -> Floats:
    """Conversations x graders, gaps NaN."""
    return np.array([[np.nan if each is None else float(each) for each in row] for row in values], np.float64)
