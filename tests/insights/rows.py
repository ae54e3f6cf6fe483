"""Rows for the tests of numbers, written straight to the tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Agent, Team, TeamMembership
from conversations.models import Conversation, SurveyResponse
from qa_reviews.models import Draw, Grading, QueueItem, Rating, Review, SamplePlan, Stratum
from tests.world import Place


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@dataclass
class Rows:
    """Makes rows in one place of the world; everything that is not named gets a plain value."""

    place: Place
    numbers: Any = field(default_factory=lambda: count(1))

    @property
    def base(self) -> dict[str, Any]:
        return {"workspace": self.place.workspace}

    def next(self) -> str:
        return f"n-{next(self.numbers)}"

    def agent(self, name: str, team: Team | None) -> Agent:
        made = Agent.objects.create(**self.base, source="helpdesk", external_id=self.next(), name=name)
        if team:
            TeamMembership.objects.create(**self.base, agent=made, team=team)
        return made

    def conversation(self, agent: Agent, team: Team | None, closed_on: date, **more: Any) -> Conversation:
        return Conversation.objects.create(
            **self.base
            | {
                "source": "helpdesk",
                "external_id": self.next(),
                "status": "closed",
                "closed_at": noon(closed_on),
                "closed_on": closed_on,
                "agent": agent,
                "most_active_agent": agent,
                "team": team,
            }
            | more
        )

    def review(
        self,
        score: str | int | None,
        agent: Agent,
        team: Team | None,
        closed_on: date,
        submitted_on: date | None = None,
        **more: Any,
    ) -> Review:
        """A submitted review, with its one grading."""
        submitted_on = submitted_on or closed_on + timedelta(days=7)
        conversation = more.pop("conversation", None) or self.conversation(agent, team, closed_on)
        exact = None if score is None else Decimal(str(score))
        review = Review.objects.create(
            **self.base
            | {
                "conversation": conversation,
                "agent": agent,
                "team": team,
                "reviewer": self.place.people["reviewer"],
                "scorecard": self.place.rows["scorecard"],
                "version": self.place.rows["version"],
                "state": "submitted",
                "score": exact,
                "unfailed_score": exact,
                "gradings_count": 1,
                "submitted_at": noon(submitted_on),
                "submitted_on": submitted_on,
                "closed_at": noon(closed_on),
                "closed_on": closed_on,
            }
            | more
        )
        self.grading(review, 1)
        return review

    def grading(self, review: Review, number: int, comment: str = "", **more: Any) -> Grading:
        return Grading.objects.create(
            **self.base | more,
            review=review,
            number=number,
            version=review.version,
            score=review.score,
            comment=comment,
        )

    def rating(self, grading: Grading, category: str, score: str | int | None, comment: str = "") -> Rating:
        rated = {"state": "rated", "option": "1", "score": Decimal(str(score))} if score is not None else {}
        return Rating.objects.create(
            **self.base | {"state": "na"} | rated, grading=grading, category=category, comment=comment
        )

    def plan(self, **more: Any) -> SamplePlan:
        return SamplePlan.objects.create(
            **self.base | {"name": "Plan", "scorecard": self.place.rows["scorecard"], "seed": "s"} | more
        )

    def draw(self, plan: SamplePlan, start: date, days: int = 7) -> Draw:
        return Draw.objects.create(
            **self.base,
            plan=plan,
            period_start=start,
            period_end=start + timedelta(days=days - 1),
            seed=f"s:{start}",
            rule="stratified-md5-1",
            frame_at=noon(start + timedelta(days=days)),
            terms={},
            closed_total=0,
            frame_total=0,
            allowed_reviewers=[],
        )

    def stratum(
        self,
        draw: Draw,
        agent: Agent,
        team: Team | None,
        scores: list[Any],
        *,
        frame: int,
        band: str = "normal",
        open_items: int = 0,
    ) -> Stratum:
        """A stratum whose drawn conversations got these scores (None: reviewed without a score), submitted a
        week after the period; `open_items` more wait."""
        made = Stratum.objects.create(
            **self.base,
            draw=draw,
            agent=agent,
            team=team,
            band=band,
            frame=frame,
            drawn=len(scores) + open_items,
            frame_ids=[],
        )
        for score in scores:
            self.reviewed_item(made, score)
        for _ in range(open_items):
            self.item(made)
        return made

    def item(self, stratum: Stratum, **more: Any) -> QueueItem:
        day = stratum.draw.period_start
        conversation = more.pop("conversation", None)
        return QueueItem.objects.create(
            **self.base
            | {
                "draw": stratum.draw,
                "stratum": stratum,
                "conversation": conversation or self.conversation(stratum.agent, stratum.team, day),
                "agent": stratum.agent,
                "team": stratum.team,
                "band": stratum.band,
                "u": 0.5,
                "probability": 0.5,
                "order_hash": self.next(),
                "due_on": stratum.draw.period_end + timedelta(days=7),
            }
            | more
        )

    def reviewed_item(self, stratum: Stratum, score: Any, **more: Any) -> Review:
        item = self.item(stratum, state="done", **more)
        return self.of_item(item, score)

    def of_item(self, item: QueueItem, score: Any, **more: Any) -> Review:
        stratum = item.stratum
        return self.review(
            score,
            stratum.agent,
            stratum.team,
            stratum.draw.period_start,
            stratum.draw.period_end + timedelta(days=7),
            conversation=item.conversation,
            queue_item=item,
            stratum=stratum,
            selection="targeted" if stratum.band == "risk" else "random",
            **more,
        )

    def answer(
        self,
        score: str | int | None,
        agent: Agent,
        team: Team | None,
        closed_on: date,
        responded_on: date | None = None,
        scale: tuple[int, int] = (1, 5),
        **more: Any,
    ) -> SurveyResponse:
        """A CSAT answer; a score of None was asked and not answered."""
        conversation = more.pop("conversation", None) or self.conversation(agent, team, closed_on)
        responded_on = None if score is None else responded_on or closed_on
        return SurveyResponse.objects.create(
            **self.base
            | {
                "conversation": conversation,
                "key": self.next(),
                "kind": "csat",
                "score": None if score is None else Decimal(str(score)),
                "scale_min": scale[0],
                "scale_max": scale[1],
                "responded_at": responded_on and noon(responded_on),
                "responded_on": responded_on,
                "agent": agent,
                "team": team,
                "closed_on": closed_on,
            }
            | more
        )
