"""How alike reviewers judge the same conversations, by category and for the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.db.models import QuerySet

from accounts.access import Actor, Capability
from accounts.models import Member
from conversations.models import Conversation
from insights.facts.pairs import Shared, first_ratings, shared_reviews
from insights.query import Query
from insights.selectors.limits import bounded_buckets
from insights.selectors.reviewers import MOST_SHARED
from insights.stats.readings import Reading, category_reading, score_reading
from insights.stats.resampling import Floats
from scorecards import selectors as scorecards
from scorecards.definition import Category, category_score
from scorecards.models import Scorecard
from scorecards.scoring import rounded

SHOWN_CONVERSATIONS = 5


class Judged(NamedTuple):
    """What one reviewer gave, in points, in which review."""

    reviewer: Member
    review: int
    points: float


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation that was judged differently, and by whom, the lowest first."""

    conversation: Conversation
    judged: Sequence[Judged]


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One category of a scorecard (by its key), or with `category` None the score of its reviews."""

    scorecard: Scorecard
    category: str | None
    name: str
    reading: Reading
    examples: Sequence[Example]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The shares 0..1 of all ratings, over all categories of a scorecard, in which two reviewers were equal,
    and at most one option apart."""

    scorecard: Scorecard
    equal: float
    within: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """By scorecard: its score first, then its categories in the order of the form. `cut`: only the latest
    MOST_SHARED conversations were looked at."""

    rows: Sequence[AgreementRow]
    alignments: Sequence[Alignment]
    cut: bool = False


def visible_scorecards(actor: Actor) -> QuerySet[Scorecard]:
    """The scorecards that may be asked for, by name."""
    return Scorecard.objects.visible_to(actor).order_by("name", "pk")


def agreement(actor: Actor, query: Query, chosen: Sequence[int] = ()) -> Agreement:
    """Agreement of the reviews submitted in the period, of the given scorecards (all if none is given).
    Refused (403) to who does not lead. Six queries."""
    actor.require(Capability.NUMBERS_READ_ALL)
    bounded_buckets(actor, query)
    scope = actor.scope(Capability.NUMBERS_READ_ALL)
    teams = query.teams or (None if scope is None else tuple(sorted(scope)))
    shared = shared_reviews(actor.workspace_id, query.period, MOST_SHARED, teams=teams, scorecards=chosen)
    given = _given(actor, shared.reviews)
    names = _Names.of(actor, shared.reviews, given)
    rows = [row for scorecard, each in given.items() for row in names.rows(scorecard, each)]
    rows.sort(key=lambda row: (row.scorecard.name.casefold(), row.scorecard.pk))
    return Agreement(rows, list(_alignments(rows)), shared.cut)


@dataclass(frozen=True, slots=True)
class _Column:
    """What was given for one thing, one place each: conversation's place, reviewer, review, points."""

    given: Sequence[tuple[Shared, float]]

    @property
    def table(self) -> Floats:
        """(conversations, reviewers), NaN where a reviewer gave nothing."""
        units, rows = np.unique([shared.place for shared, _ in self.given], return_inverse=True)
        raters, columns = np.unique([shared.reviewer for shared, _ in self.given], return_inverse=True)
        table = np.full((len(units), len(raters)), np.nan)
        table[rows, columns] = [points for _, points in self.given]
        return table

    @property
    def widest(self) -> list[list[tuple[Shared, float]]]:
        """The conversations judged most differently, the latest first among alike."""
        places: dict[int, list[tuple[Shared, float]]] = defaultdict(list)
        for shared, points in self.given:
            places[shared.place].append((shared, points))
        apart = {place: _span(each) for place, each in places.items()}
        order = sorted((place for place in places if apart[place]), key=lambda place: (-apart[place], place))
        return [sorted(places[place], key=lambda one: one[1]) for place in order[:SHOWN_CONVERSATIONS]]


def _span(given: Sequence[tuple[Shared, float]]) -> float:
    points = [each for _, each in given]
    return max(points) - min(points)


_Given = Mapping[int, Mapping[str | None, _Column]]
"""By scorecard and category (None: the score)."""


def _given(actor: Actor, reviews: Sequence[Shared]) -> _Given:
    """One query."""
    found: dict[int, dict[str | None, list[tuple[Shared, float]]]] = defaultdict(lambda: defaultdict(list))
    by_grading = {shared.grading: shared for shared in reviews}
    for shared in reviews:
        if shared.score is not None:
            found[shared.scorecard][None].append((shared, shared.score))
    for grading, category, points in first_ratings(actor.workspace_id, list(by_grading)):
        shared = by_grading[grading]
        found[shared.scorecard][category].append((shared, points))
    return {
        scorecard: {category: _Column(each) for category, each in columns.items()}
        for scorecard, columns in found.items()
    }


@dataclass(frozen=True, slots=True)
class _Names:
    """The rows behind the ids, and the categories of each scorecard in the order of its form."""

    scorecards: Mapping[int, Scorecard]
    categories: Mapping[int, Mapping[str, Category]]
    members: Mapping[int, Member]
    conversations: Mapping[int, Conversation]

    @classmethod
    def of(cls, actor: Actor, reviews: Sequence[Shared], given: _Given) -> _Names:
        """Four queries."""
        workspace = actor.workspace_id
        shown = {
            shared.conversation
            for columns in given.values()
            for column in columns.values()
            for each in column.widest
            for shared, _ in each
        }
        versions = scorecards.standing_versions(actor)
        return cls(
            Scorecard.objects.in_workspace(workspace).in_bulk(list(given)),
            {
                pk: {
                    category.key: category
                    for group in scorecards.definition_of(versions[pk]).groups
                    for category in group.categories
                }
                for pk in given
                if pk in versions
            },
            Member.objects.in_workspace(workspace).in_bulk({shared.reviewer for shared in reviews}),
            Conversation.objects.in_workspace(workspace).in_bulk(shown),
        )

    def rows(self, scorecard: int, columns: Mapping[str | None, _Column]) -> Iterable[AgreementRow]:
        """The score first; categories that the form no longer has come last."""
        form = self.categories.get(scorecard, {})
        order = {key: place for place, key in enumerate([None, *form])}
        for key in sorted(columns, key=lambda key: (order.get(key, len(order)), key or "")):
            column = columns[key]
            yield AgreementRow(
                self.scorecards[scorecard],
                key,
                form[key].name if key and key in form else key or "",
                self._reading(form.get(key or ""), key, column.table),
                [self._example(each) for each in column.widest],
            )

    def _reading(self, category: Category | None, key: str | None, table: Floats) -> Reading:
        if key is None:
            return score_reading(table)
        if category is None:
            return category_reading(table, ())
        points = [rounded(category_score(category, option)) for option in category.options]
        return category_reading(table, list(map(float, points)))

    def _example(self, given: Sequence[tuple[Shared, float]]) -> Example:
        conversation = self.conversations[given[0][0].conversation]
        judged = [Judged(self.members[each.reviewer], each.review, points) for each, points in given]
        return Example(conversation, judged)


def _alignments(rows: Sequence[AgreementRow]) -> Iterable[Alignment]:
    """Over all categories together, each weighing by its conversations."""
    by_scorecard: dict[int, list[AgreementRow]] = defaultdict(list)
    for row in rows:
        if row.category is not None and row.reading.exact is not None:
            by_scorecard[row.scorecard.pk].append(row)
    for each in by_scorecard.values():
        weights = [row.reading.doubly for row in each]
        equal = np.average([row.reading.exact or 0.0 for row in each], weights=weights)
        within = np.average([row.reading.within or 0.0 for row in each], weights=weights)
        yield Alignment(each[0].scorecard, float(equal), float(within))
