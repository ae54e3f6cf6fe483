"""What an agent's page shows: his own numbers over time, by category, and his reviews."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts import selectors as accounts
from accounts.access import Actor, Capability
from accounts.models import Agent
from common.errors import Missing, Refused
from common.periods import Interval
from insights.policies import customer_sight, sight
from insights.query import Query
from insights.selectors.iqs import IqsRow, iqs
from insights.selectors.names import names_of
from insights.selectors.others import csat
from insights.selectors.overview import Point, interval_of, points
from insights.selectors.samples import Sample, sample
from insights.selectors.workings import Workings, workings
from insights.stats import Csat
from qa_reviews.models import Grading, Rating, Review
from qa_reviews.selectors import reviews as review_selectors
from scorecards.scoring import passed
from scorecards.selectors import pass_mark_of

SHOWN_REVIEWS = 20


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One category: its estimate over all work, and the plain mean, 0..100, of the reviews that rated it."""

    name: str
    row: IqsRow


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One review with what was written in it: (category's name or "" for the whole, comment)."""

    review: Review
    passed: bool | None
    pass_mark: Decimal
    comments: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SoFar:
    """How much of the newest draw is reviewed."""

    done: int
    expected: int


@dataclass(frozen=True, slots=True)
class AgentNumbers:
    """Everything of one agent and period; `shows_csat` is False where the actor may not see it."""

    agent: Agent
    query: Query
    interval: Interval
    sample: Sample | None
    total: IqsRow | None
    so_far: SoFar | None
    shows_csat: bool
    csat: Csat | None
    points: list[Point]
    categories: list[CategoryLine]
    reviews: list[ReviewLine]
    workings: Workings


def visible_agent(actor: Actor, pk: int) -> Agent:
    """The agent of a page. Missing (404) when the actor does not see him, Refused (403) to reviewers."""
    found = accounts.agents(actor).filter(pk=pk).first()
    if found is None:
        raise Missing
    if pk != actor.agent_id and not actor.can(Capability.NUMBERS_READ_ALL):
        raise Refused("An agent's page is for the agent and for those who lead.", code="role")
    return found


def agent_numbers(actor: Actor, agent: Agent, query: Query) -> AgentNumbers:
    """The numbers of one agent. Twenty-two queries at most, however many reviews. `query` names the agent."""
    seen = sight(actor, query)
    known = sample(actor, query, released_only=seen.agent is not None)
    interval, shows = interval_of(known), _shows_csat(actor, query)
    totals, answers = iqs(actor, query, known), csat(actor, query) if shows else []
    cells = known.strata.inside(query.period) if known else []
    categories, names = _categories(actor, query.by("category"), known)
    return AgentNumbers(
        agent=agent,
        query=query,
        interval=interval,
        sample=known,
        total=totals[0] if totals else None,
        so_far=_so_far(known, agent.pk),
        shows_csat=shows,
        csat=answers[0].csat if answers else None,
        points=points(actor, query.by(interval=interval), known, csat if shows else None),
        categories=categories,
        reviews=_reviews(actor, query, names),
        workings=workings([cell for cell in cells if cell.agent == agent.pk]),
    )


def _shows_csat(actor: Actor, query: Query) -> bool:
    try:
        customer_sight(actor, query)
    except Refused:
        return False
    return True


def _so_far(known: Sample | None, agent: int) -> SoFar | None:
    """Of the newest draw that has the agent; None once all of it is done."""
    newest = max(known.strata.periods, key=lambda drawn: drawn.last, default=None) if known else None
    if known is None or newest is None:
        return None
    cells = [cell for cell in known.strata.periods[newest] if cell.agent == agent]
    done, expected = sum(cell.n for cell in cells), sum(cell.drawn - cell.not_reviewable for cell in cells)
    return SoFar(done, expected) if done < expected else None


def _categories(
    actor: Actor, query: Query, known: Sample | None
) -> tuple[list[CategoryLine], Mapping[str, str]]:
    """The lines by name, and the names by "<scorecard id>:<category key>"."""
    rows = iqs(actor, query, known)
    names = names_of(actor, query.group_by, [row.key for row in rows])
    lines = [
        CategoryLine(names.categories.get(row.key[0], row.key[0].partition(":")[2]), row)
        for row in sorted(rows, key=lambda row: names.order(row.key))
    ]
    return lines, names.categories


def _reviews(actor: Actor, query: Query, names: Mapping[str, str]) -> list[ReviewLine]:
    """The newest reviews of the agent and period with their comments. Three queries."""
    rows = review_selectors.reviews(actor).filter(
        agent_id__in=query.agents, submitted_on__range=(query.period.first, query.period.last)
    )
    shown = list(rows.exclude(state=Review.State.DRAFT).order_by("-submitted_at", "-pk")[:SHOWN_REVIEWS])
    gradings = {review.pk: review_selectors.newest_grading(review) for review in shown}
    written: dict[int, list[Rating]] = defaultdict(list)
    ratings = Rating.objects.filter(grading__in=[grading for grading in gradings.values() if grading])
    for rating in ratings.exclude(comment="").order_by("pk"):
        written[rating.grading_id].append(rating)
    default = actor.workspace.settings.pass_mark
    return [
        _line(review, gradings[review.pk], written, names, pass_mark_of(review.scorecard, default))
        for review in shown
    ]


def _line(
    review: Review,
    grading: Grading | None,
    written: Mapping[int, list[Rating]],
    names: Mapping[str, str],
    mark: Decimal,
) -> ReviewLine:
    comments = [("", grading.comment)] if grading and grading.comment else []
    for rating in written.get(grading.pk, []) if grading else []:
        name = names.get(f"{review.scorecard_id}:{rating.category}", rating.category)
        comments.append((name, rating.comment))
    return ReviewLine(review, passed(review.score, mark), mark, comments)
