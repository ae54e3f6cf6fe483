"""The demo's sample plans with their draws, and the reviews of what was drawn."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from accounts.access import Actor
from accounts.models import Member, Team
from conversations.risks import READY
from conversations.streams import Row
from desk.demo.cast import CHAT, MAIL
from desk.demo.grades import COMMENTS, ratings
from qa_reviews.models import Draw, QueueItem, SamplePlan
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.plans import PlanInput, QuotaInput, ReviewerInput, create_plan
from qa_reviews.services.review_import import import_reviews
from scorecards.models import Scorecard
from scorecards.selectors import definition_of, published_version

WEEKLY = "Weekly sample"
PER_AGENT, MORE_PER_AGENT = Decimal(3), Decimal(4)
DRAWN_WEEKS = 13
STILL_TO_DO = 0.4  # of the last week's draws, so that the queue has something in it
SIGNS = ("low_csat", "reopened", "silence", "escalation")
RISKS = [dict(signal.filter) for signal in READY if signal.key in SIGNS]
NEW = 90  # days


@dataclass(frozen=True, slots=True)
class Sample:
    """A plan, and of how many past weeks it was drawn."""

    given: PlanInput
    weeks: int


def sample(*, system: Actor, members: Mapping[str, Member], monday: date) -> None:
    """Each plan, its draws and what was reviewed of them, one plan after the other, as nobody reviews a
    conversation twice. `monday` is this week's."""
    scorecard = Scorecard.objects.visible_to(system).get()
    for wanted in _samples(system, scorecard, members):
        plan = create_plan(actor=system, given=wanted.given)
        draws = [_draw(system, plan, monday, week) for week in range(wanted.weeks, 0, -1)]
        if plan.kind == SamplePlan.Kind.STANDARD:
            review(system=system, draws=draws, scorecard=scorecard, monday=monday)


def _samples(actor: Actor, scorecard: Scorecard, members: Mapping[str, Member]) -> Iterator[Sample]:
    teams = {team.name: team.pk for team in Team.objects.visible_to(actor)}
    first, second, third = (members[key].pk for key in ("reviewer", "reviewer2", "reviewer3"))
    both = ReviewerInput.each((first, second))
    yield _weekly(scorecard, (*both, ReviewerInput(third, Decimal("0.5"))))
    yield _monthly(teams[MAIL], both)
    yield _newcomers(scorecard, both)
    yield _peers(scorecard, teams[CHAT])


def _weekly(scorecard: Scorecard, reviewers: tuple[ReviewerInput, ...]) -> Sample:
    given = PlanInput(
        name=WEEKLY,
        scorecard=scorecard.pk,
        quota=QuotaInput(value=PER_AGENT),
        risk_filter=RISKS,
        risk_share=Decimal("0.25"),
        second_review_share=Decimal("0.1"),
        reviewers=reviewers,
    )
    return Sample(given, DRAWN_WEEKS)


def _monthly(team: int, reviewers: tuple[ReviewerInput, ...]) -> Sample:
    given = PlanInput(
        name="E-mail, month by month",
        filter={"team": [team]},
        period=SamplePlan.Period.MONTH,
        weekly_parts=True,
        quota=QuotaInput(value=Decimal(6)),
        second_review_share=Decimal("0.25"),
        reviewers=reviewers,
    )
    return Sample(given, 4)


def _newcomers(scorecard: Scorecard, reviewers: tuple[ReviewerInput, ...]) -> Sample:
    given = PlanInput(
        name=f"New agents, first {NEW} days",
        scorecard=scorecard.pk,
        filter={"tenure_max": NEW},
        quota=QuotaInput(value=Decimal(2)),
        reviewers=reviewers,
    )
    return Sample(given, 2)


def _peers(scorecard: Scorecard, team: int) -> Sample:
    given = PlanInput(
        name="Peers in chat",
        kind=SamplePlan.Kind.PEER,
        scorecard=scorecard.pk,
        filter={"team": [team]},
        quota=QuotaInput(of=SamplePlan.QuotaOf.TOTAL, value=Decimal(6)),
        reviewer_teams=(team,),
    )
    return Sample(given, 1)


def _draw(actor: Actor, plan: SamplePlan, monday: date, week: int) -> Draw:
    return draw_plan(actor=actor, plan_id=plan.pk, period_start=monday - timedelta(weeks=week))[0]


def review(*, system: Actor, draws: Sequence[Draw], scorecard: Scorecard, monday: date) -> None:
    """Everything drawn is reviewed, but for some of the last week's."""
    payloads = _reviews(system, draws, scorecard, monday)
    import_reviews(actor=system, rows=rows_of(payloads), origin="demo")


def rows_of(values: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """Payloads as the rows of an import."""
    return (Row(number, b"", value, ()) for number, value in enumerate(values, start=1))


def _reviews(
    actor: Actor, draws: Sequence[Draw], scorecard: Scorecard, monday: date
) -> Iterator[dict[str, Any]]:
    version = published_version(actor, scorecard.pk)
    assert version is not None  # the ready scorecard is published
    definition = definition_of(version)
    dice = random.Random(f"alpenrad grades {draws[0].plan.name}")
    items = QueueItem.objects.visible_to(actor).select_related("conversation", "agent", "reviewer", "draw")
    for item in items.filter(draw__in=draws, reviewer__isnull=False).order_by("pk"):
        if item.draw.period_end >= monday - timedelta(days=7) and dice.random() < STILL_TO_DO:
            continue
        closed, started = item.conversation.closed_on, item.agent.starts_on
        days = (closed - started).days if closed and started else NEW
        yield _payload(dice, item, scorecard) | {
            "ratings": ratings(dice, definition, item.agent.external_id, days, item.band == "risk"),
            "comment": dice.choice(COMMENTS),
            "active_seconds": dice.randrange(70, 480),
        }


def _payload(dice: random.Random, item: QueueItem, scorecard: Scorecard) -> dict[str, Any]:
    """The head of a review, as `reviews/import/` takes it."""
    assert item.reviewer is not None
    day = item.draw.period_end + timedelta(days=dice.randrange(1, 3))
    submitted = datetime.combine(day, time(9 + dice.randrange(8), dice.randrange(60)), UTC)
    return {
        "source": "demo",
        "external_id": f"item-{item.pk}",
        "conversation": {"source": item.conversation.source, "external_id": item.conversation.external_id},
        "agent": {"source": item.agent.source, "external_id": item.agent.external_id},
        "reviewer": {"email": item.reviewer.email, "name": item.reviewer.name},
        "scorecard": scorecard.pk,
        "submitted_at": min(submitted, datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
        "kind": "standard",
        "queue_item": item.pk,
    }
