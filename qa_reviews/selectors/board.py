"""The lead's board: of one draw, of a plan's cycles, and of what runs now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Q, QuerySet

from accounts.access import Actor, Capability
from accounts.models import Absence, Agent, Member, Team
from common.errors import Missing
from common.periods import local_date
from qa_reviews.models import COUNTED_KINDS, Band, Draw, QueueItem, Review, SamplePlan
from qa_reviews.pace import PACE_DAYS, Pace, Tally, pace_days, pace_from
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.tallies import (
    Coverage,
    Place,
    counted_kinds,
    coverages,
    folded,
    in_scope,
    tallies,
)

WAITING = (QueueItem.State.OPEN, QueueItem.State.CLAIMED)
SOON = timedelta(days=7)
"""An absence that begins within these days is told beforehand."""
CYCLES = 26
RUNNING = 5
Absent = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is done of the drawn; `more` reviews until a range can be shown, None with nothing to review."""

    tally: Tally
    more: int | None

    @property
    def reached(self) -> bool:
        return not self.more

    @property
    def at_line(self) -> int:
        """How many are done once completion is enough."""
        return self.tally.done + (self.more or 0)


@dataclass(frozen=True, slots=True)
class Work:
    """Items by what became of them, second reviews too; `due_on` is the last deadline of what waits."""

    done: int = 0
    open: int = 0
    claimed: int = 0
    skipped: int = 0
    overdue: int = 0
    due_on: date | None = None

    def __add__(self, other: Work) -> Work:
        known = [day for day in (self.due_on, other.due_on) if day is not None]
        return Work(
            self.done + other.done,
            self.open + other.open,
            self.claimed + other.claimed,
            self.skipped + other.skipped,
            self.overdue + other.overdue,
            max(known, default=None),
        )

    @property
    def waiting(self) -> int:
        return self.open + self.claimed


@dataclass(frozen=True, slots=True)
class ReviewerLine:
    """One reviewer's part; `absent`: absences that run or begin within a week. Without `member`: nobody's."""

    member: Member | None
    work: Work
    pace: Pace
    finish: date | None
    absent: tuple[Absent, ...] = ()
    away: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Of one draw or of several: what is done, what waits, how fast it goes and when it ends."""

    whole: Standing
    bands: Sequence[tuple[str, Standing]]
    work: Work
    unassigned: int
    pace: Pace
    finish: date | None

    @property
    def late(self) -> bool:
        """Whether it will end after its deadline."""
        return bool(self.finish and self.work.due_on and self.finish > self.work.due_on)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A draw on the board; `counts`: whether estimates use its reviews."""

    draw: Draw
    progress: Progress
    counts: bool


@dataclass(frozen=True, slots=True)
class DrawBoard:
    """One draw: its progress by team and agent, and who has done what. `needed`: the share, 0 to 1, of what
    can be reviewed from which on a range can be shown."""

    cycle: Cycle
    needed: Decimal
    teams: Sequence[tuple[Team | None, Standing]]
    agents: Sequence[tuple[Agent, Standing]]
    reviewers: Sequence[ReviewerLine]

    @property
    def covered(self) -> int:
        """Agents of whom something is reviewed."""
        return sum(1 for _, standing in self.agents if standing.tally.done)


@dataclass(frozen=True, slots=True)
class PlanBoard:
    """A plan's cycles, newest first, the agents they cover (by draw), and who has done what in them."""

    plan: SamplePlan
    needed: Decimal
    cycles: Sequence[Cycle]
    coverage: Mapping[int, Coverage]
    progress: Progress
    reviewers: Sequence[ReviewerLine]

    @property
    def counts(self) -> bool:
        """Whether estimates use reviews of it."""
        return any(cycle.counts for cycle in self.cycles)


def draw_board(actor: Actor, draw_id: int) -> DrawBoard:
    """The board of one draw, in the actor's teams; Missing for a draw he does not see. Ten queries."""
    draw = _draws(actor).filter(pk=draw_id).first()
    if draw is None:
        raise Missing
    seen = _Seen(actor, [draw], by_agent=True)
    by_team, by_agent = folded(seen.tallies, _team), folded(seen.tallies, _agent)
    teams = Team.objects.visible_to(actor).in_bulk([pk for pk in by_team if pk])
    agents = Agent.objects.visible_to(actor).in_bulk([pk for pk in by_agent if pk])
    named = [(teams.get(pk or 0), seen.standing(tally)) for pk, tally in by_team.items()]
    return DrawBoard(
        seen.cycle(draw),
        seen.needed,
        sorted(named, key=lambda each: (each[0] is None, str(each[0]).casefold())),
        sorted(
            ((agents[pk], seen.standing(tally)) for pk, tally in by_agent.items() if pk in agents),
            key=lambda each: (str(each[0]).casefold(), each[0].pk),
        ),
        seen.reviewers(extra=draw.allowed_reviewers),
    )


def plan_board(actor: Actor, plan_id: int) -> PlanBoard:
    """The plan's newest cycles, in the actor's teams, superseded draws aside; Missing for a plan he does not
    see. Eleven queries."""
    plan = SamplePlan.objects.visible_to(actor).filter(pk=plan_id).first()
    if plan is None:
        raise Missing
    rows = _draws(actor).filter(plan=plan, superseded_at=None).order_by("-period_start", "-pk")
    seen = _Seen(actor, list(rows[:CYCLES]))
    cycles = [seen.cycle(draw) for draw in seen.draws]
    return PlanBoard(plan, seen.needed, cycles, seen.coverage(), seen.progress(), seen.reviewers())


def summary(actor: Actor) -> list[Cycle]:
    """The draws in which something waits in the actor's teams, by deadline, at most five: for the home of
    leads. None for who plans nothing. Six queries."""
    if not actor.can(Capability.PLAN_MANAGE):
        return []
    waiting = _items(actor).filter(state__in=WAITING).order_by().values("draw_id")
    due = waiting.annotate(last=Max("due_on")).order_by("last", "-draw_id")[:RUNNING]
    order = {row["draw_id"]: place for place, row in enumerate(due)}
    draws = sorted(_draws(actor).filter(pk__in=order), key=lambda draw: order[draw.pk])
    seen = _Seen(actor, draws)
    return [seen.cycle(draw) for draw in draws]


def waiting_items(
    actor: Actor, draw_id: int, reviewer: int | None = None, unassigned: bool = False
) -> QuerySet[QueueItem]:
    """What waits in the draw in the actor's teams, of one reviewer or of nobody where asked, with all that is
    shown of it. Order it by `queue.ORDER`. One query."""
    rows = _items(actor).filter(draw_id=draw_id, state__in=WAITING)
    if unassigned:
        rows = rows.filter(reviewer=None)
    elif reviewer is not None:
        rows = rows.filter(reviewer_id=reviewer)
    return rows.select_related("conversation", "agent", "team", "reviewer", "draw__plan")


def _draws(actor: Actor) -> QuerySet[Draw]:
    return Draw.objects.visible_to(actor).select_related("plan")


def _items(actor: Actor) -> QuerySet[QueueItem]:
    return QueueItem.objects.visible_to(actor).filter(in_scope(actor))


def _team(place: Place) -> int | None:
    return place.team


def _agent(place: Place) -> int | None:
    return place.agent


def _band(place: Place) -> str:
    return place.band


@dataclass(slots=True)
class _Seen:
    """What the boards of these draws are made of. Five queries."""

    actor: Actor
    draws: Sequence[Draw]
    by_agent: bool = False
    today: date = field(init=False)
    needed: Decimal = field(init=False)
    tallies: Mapping[Place, Tally] = field(init=False)
    work: Mapping[tuple[int, int | None], Work] = field(init=False)
    paces: Mapping[tuple[int, int | None], int] = field(init=False)

    def __post_init__(self) -> None:
        self.today = today(self.actor)
        self.needed = self.actor.workspace.settings.min_completion
        ids, kinds = [draw.pk for draw in self.draws], self._all_kinds()
        self.tallies = tallies(self.actor, ids, by_agent=self.by_agent, kinds=kinds)
        self.work = self._work(ids)
        self.paces = self._paces(ids)

    def cycle(self, draw: Draw) -> Cycle:
        counts = draw.superseded_at is None and set(self._kinds(draw)) <= set(counted_kinds(self.actor))
        return Cycle(draw, self.progress(draw), counts)

    def progress(self, draw: Draw | None = None) -> Progress:
        """Of one of the draws, or of all."""
        chosen = [draw] if draw else self.draws
        ids = {each.pk for each in chosen}
        own = {place: tally for place, tally in self.tallies.items() if place.draw in ids}
        bands = folded(own, _band)
        work = _total(part for (draw_id, _), part in self.work.items() if draw_id in ids)
        pace = self._pace(chosen)
        return Progress(
            self.standing(sum(own.values(), Tally())),
            [(band.value, self.standing(bands[band.value])) for band in Band if band.value in bands],
            work,
            _total(self.work.get((draw_id, None), Work()) for draw_id in ids).waiting,
            pace,
            pace.finish(work.waiting, self.today) if chosen else None,
        )

    def coverage(self) -> dict[int, Coverage]:
        """By draw. Two queries."""
        return coverages(self.actor, [draw.pk for draw in self.draws], self._all_kinds())

    def standing(self, tally: Tally) -> Standing:
        return Standing(tally, tally.more(self.needed))

    def reviewers(self, extra: Collection[int] = ()) -> list[ReviewerLine]:
        """Everybody with an item, and the extra ones, by name; nobody's last. Two queries."""
        work: dict[int | None, Work] = defaultdict(Work)
        for (_, member_id), part in self.work.items():
            work[member_id] += part
        members = Member.objects.visible_to(self.actor).in_bulk([pk for pk in {*work, *extra} if pk])
        absent = self._absences(list(members))
        lines = [self._line(member, work[pk], absent[pk]) for pk, member in members.items()]
        lines.sort(key=lambda line: (str(line.member).casefold(), line.member.pk if line.member else 0))
        nobody = work.get(None, Work())
        return [*lines, self._line(None, nobody, ())] if nobody.waiting else lines

    def _line(self, member: Member | None, work: Work, absent: Iterable[Absent]) -> ReviewerLine:
        if member is None:
            return ReviewerLine(None, work, Pace(0, 0), None)
        pace = self._pace(self.draws, member.pk)
        line = ReviewerLine(member, work, pace, pace.finish(work.waiting, self.today), tuple(absent))
        return replace(line, away=any(first <= self.today <= last for first, last in line.absent))

    def _pace(self, draws: Sequence[Draw], reviewer_id: int | None = None) -> Pace:
        """One reviewer's or everybody's over the last seven days, or since the oldest of the draws where that
        is less."""
        ids = {draw.pk for draw in draws}
        paces = [n for (pk, who), n in self.paces.items() if pk in ids and reviewer_id in (None, who)]
        days = [
            pace_days(local_date(draw.frame_at, self.actor.workspace.timezone), self.today) for draw in draws
        ]
        return Pace(sum(paces), max(days, default=0))

    def _kinds(self, draw: Draw) -> tuple[str, ...]:
        """Which reviews are its progress: those that count, and a peer plan's own where peers do not."""
        if draw.plan.kind == SamplePlan.Kind.PEER:
            return tuple(kind.value for kind in COUNTED_KINDS)
        return counted_kinds(self.actor)

    def _all_kinds(self) -> set[str]:
        return {kind for draw in self.draws for kind in self._kinds(draw)}

    def _work(self, draw_ids: Collection[int]) -> dict[tuple[int, int | None], Work]:
        waits = Q(state__in=WAITING)
        rows = _items(self.actor).filter(draw_id__in=draw_ids).order_by().values("draw_id", "reviewer_id")
        found = rows.annotate(
            done=_count(QueueItem.State.DONE),
            open=_count(QueueItem.State.OPEN),
            claimed=_count(QueueItem.State.CLAIMED),
            skipped=_count(QueueItem.State.SKIPPED),
            overdue=Count("pk", filter=waits & Q(due_on__lt=self.today)),
            last_due=Max("due_on", filter=waits),
        )
        return {
            (row["draw_id"], row["reviewer_id"]): Work(
                row["done"], row["open"], row["claimed"], row["skipped"], row["overdue"], row["last_due"]
            )
            for row in found
        }

    def _paces(self, draw_ids: Collection[int]) -> dict[tuple[int, int | None], int]:
        """Reviews of the last seven days by draw and reviewer."""
        rows = (
            Review.objects.in_workspace(self.actor.workspace_id)
            .counted()
            .filter(
                in_scope(self.actor, "queue_item__team_id"),
                queue_item__draw_id__in=draw_ids,
                submitted_on__range=(pace_from(self.today, PACE_DAYS), self.today),
            )
        )
        counted = rows.order_by().values("queue_item__draw_id", "reviewer_id").annotate(n=Count("pk"))
        return {(row["queue_item__draw_id"], row["reviewer_id"]): row["n"] for row in counted}

    def _absences(self, member_ids: Collection[int]) -> dict[int, list[Absent]]:
        rows = Absence.objects.in_workspace(self.actor.workspace_id).filter(
            member_id__in=member_ids, ends_on__gte=self.today, starts_on__lte=self.today + SOON
        )
        found: dict[int, list[Absent]] = defaultdict(list)
        for row in rows.order_by("starts_on", "pk"):
            found[row.member_id].append((row.starts_on, row.ends_on))
        return found


def _count(state: QueueItem.State) -> Count:
    return Count("pk", filter=Q(state=state))


def _total(parts: Iterable[Work]) -> Work:
    return sum(parts, Work())
