"""Reads of calibration sessions: who graded, how differently, what was said and decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, F, Max, Min, Prefetch, QuerySet

from accounts.access import Actor, Capability
from common.errors import Missing
from conversations.models import Conversation
from qa_reviews.models import (
    CalibrationConversation,
    CalibrationDecision,
    CalibrationNote,
    CalibrationParticipant,
    CalibrationSession,
    Rating,
    Review,
)
from qa_reviews.selectors.frames import today
from scorecards.selectors import definition_of

State = CalibrationSession.State
PROPOSED = 5
PROPOSED_FROM = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of the session's conversations a participant has graded."""

    participant: CalibrationParticipant
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Given:
    """What one participant gave: the option's words and its score, both empty for what he did not rate."""

    words: str = ""
    score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One category of a conversation, what each participant gave in their order, and how far apart that is in
    points; None where fewer than two rated it."""

    key: str
    name: str
    given: Sequence[Given]
    spread: Decimal | None
    notes: Sequence[CalibrationNote]


@dataclass(frozen=True, slots=True)
class Compared:
    """One conversation as the participants graded it, the categories most different first."""

    row: CalibrationConversation
    reviews: Sequence[Review | None]
    spread: Decimal | None
    lines: Sequence[Line]
    notes: Sequence[CalibrationNote]


def sessions(actor: Actor) -> QuerySet[CalibrationSession]:
    """The sessions the actor sees, with their participants in order of name, and conversation_count. Two
    queries."""
    people = CalibrationParticipant.objects.in_workspace(actor.workspace_id).select_related("member")
    rows = CalibrationSession.objects.visible_to(actor).select_related(
        "scorecard", "version", "facilitator", "team", "baseline"
    )
    ordered = Prefetch("participants", people.order_by("member__name", "member_id"))
    return rows.prefetch_related(ordered).annotate(conversation_count=Count("conversations"))


def session(actor: Actor, session_id: int) -> CalibrationSession:
    """One of them, or Missing. Two queries."""
    found = sessions(actor).filter(pk=session_id).first()
    if found is None:
        raise Missing
    return found


def missing(actor: Actor, found: Iterable[CalibrationSession]) -> dict[int, list[str]]:
    """Session id -> the names of who has not graded everything, of those that are open. One query."""
    opened = [each for each in found if each.state == State.OPEN]
    done = _done(actor, opened)
    return {
        each.pk: [
            person.member.name
            for person in each.participants.all()
            if done.get((each.pk, person.member_id), 0) < each.conversation_count  # type: ignore[attr-defined]
        ]
        for each in opened
    }


def standing(actor: Actor, found: CalibrationSession) -> list[Standing]:
    """How far each participant is, in order of name; not what he gave. Three queries."""
    of = found.conversations.count()
    done = _done(actor, [found])
    people = found.participants.select_related("member").order_by("member__name", "member_id")
    return [Standing(each, done.get((found.pk, each.member_id), 0), of) for each in people]


def _done(actor: Actor, found: Iterable[CalibrationSession]) -> dict[tuple[int, int], int]:
    """(session, member) -> conversations graded. Counts alone, so whoever sees the session may know them."""
    rows = Review.objects.in_workspace(actor.workspace_id).filter(
        calibrated__session__in=[each.pk for each in found]
    )
    graded = rows.exclude(state__in=(Review.State.DRAFT, Review.State.RETRACTED)).order_by()
    counted = graded.values_list("calibrated__session_id", "reviewer_id").annotate(n=Count("pk"))
    return {(session_id, member_id): n for session_id, member_id, n in counted}


def rows_of(actor: Actor, found: CalibrationSession) -> list[CalibrationConversation]:
    """The session's conversations in their order. One query."""
    rows = CalibrationConversation.objects.visible_to(actor).filter(session=found)
    return list(rows.select_related("conversation", "agent").order_by("rank", "pk"))


def own_reviews(actor: Actor, found: CalibrationSession) -> dict[int, Review]:
    """The actor's own reviews in the session, by what they calibrate. One query."""
    rows = Review.objects.visible_to(actor).filter(reviewer_id=actor.member_id, calibrated__session=found)
    return {each.calibrated_id: each for each in rows if each.calibrated_id is not None}


def compared(actor: Actor, found: CalibrationSession) -> list[Compared]:
    """The conversations of a session that is talked over, most different first; of any other none. Four
    queries beside the session's participants."""
    if found.state not in CalibrationSession.TOLD or found.version is None:
        return []
    people = [each.member_id for each in found.participants.all()]
    reviews = _reviews(actor, found)
    ratings = _ratings(actor, reviews.values())
    notes = _notes(actor, found)
    shown = [_compared(found, row, people, reviews, ratings, notes) for row in rows_of(actor, found)]
    return sorted(shown, key=lambda each: -(each.spread or Decimal(-1)))


def decisions_of(actor: Actor, scorecard_id: int) -> dict[str, list[CalibrationDecision]]:
    """How the scorecard's categories are to be read, by their key, the newest first; for everybody who
    grades, whether or not he took part. One query."""
    if not actor.can(Capability.GRADE_ASSIGNED):
        return {}
    rows = CalibrationDecision.objects.in_workspace(actor.workspace_id).filter(
        session__scorecard_id=scorecard_id
    )
    found: dict[str, list[CalibrationDecision]] = defaultdict(list)
    for row in rows.select_related("session", "decided_by").order_by("-pk"):
        found[row.category].append(row)
    return dict(found)


def decided_in(actor: Actor, found: CalibrationSession) -> list[CalibrationDecision]:
    """What was decided in the session, in order. One query."""
    rows = CalibrationDecision.objects.visible_to(actor).filter(session=found)
    return list(rows.select_related("decided_by").order_by("pk"))


def proposed(actor: Actor, found: CalibrationSession) -> list[Conversation]:
    """Conversations whose reviews by this scorecard lie furthest apart, of the last 90 days, that the session
    does not have yet. Two queries."""
    rows = (
        Review.objects.visible_to(actor)
        .counted()
        .filter(
            scorecard_id=found.scorecard_id,
            score__isnull=False,
            submitted_on__gte=today(actor) - PROPOSED_FROM,
            conversation__text_deleted_at=None,
        )
    )
    if found.team_id is not None:
        rows = rows.filter(team_id=found.team_id)
    rows = rows.exclude(conversation_id__in=found.conversations.values("conversation_id")).order_by()
    apart = rows.values("conversation_id", "agent_id").annotate(
        reviewers=Count("reviewer", distinct=True), apart=Max("score") - Min("score")
    )
    worst = apart.filter(reviewers__gte=2, apart__gt=0).order_by(F("apart").desc(), "conversation_id")
    ids = list(dict.fromkeys(each["conversation_id"] for each in worst[:PROPOSED]))
    seen = Conversation.objects.visible_to(actor).select_related("agent").in_bulk(ids)
    return [seen[pk] for pk in ids if pk in seen]


def _reviews(actor: Actor, found: CalibrationSession) -> dict[tuple[int, int], Review]:
    rows = Review.objects.visible_to(actor).filter(calibrated__session=found)
    graded = rows.exclude(state__in=(Review.State.DRAFT, Review.State.RETRACTED))
    return {(each.calibrated_id or 0, each.reviewer_id): each for each in graded}


def _ratings(actor: Actor, reviews: Iterable[Review]) -> dict[int, dict[str, Rating]]:
    """Review id -> its ratings by category."""
    rows = Rating.objects.in_workspace(actor.workspace_id).filter(
        grading__review__in=[each.pk for each in reviews],
        grading__number=F("grading__review__gradings_count"),
    )
    found: dict[int, dict[str, Rating]] = defaultdict(dict)
    for row in rows.select_related("grading"):
        found[row.grading.review_id][row.category] = row
    return found


def _notes(actor: Actor, found: CalibrationSession) -> dict[tuple[int, str], list[CalibrationNote]]:
    rows = CalibrationNote.objects.visible_to(actor).filter(conversation__session=found)
    notes: dict[tuple[int, str], list[CalibrationNote]] = defaultdict(list)
    for row in rows.select_related("author").order_by("pk"):
        notes[row.conversation_id, row.category].append(row)
    return notes


def _compared(
    found: CalibrationSession,
    row: CalibrationConversation,
    people: Sequence[int],
    reviews: Mapping[tuple[int, int], Review],
    ratings: Mapping[int, Mapping[str, Rating]],
    notes: Mapping[tuple[int, str], Sequence[CalibrationNote]],
) -> Compared:
    assert found.version is not None  # talked over
    own = [reviews.get((row.pk, member_id)) for member_id in people]
    lines = []
    for category in definition_of(found.version).categories:
        labels = {option.key: option.label for option in category.options}
        rated = [ratings.get(each.pk, {}).get(category.key) if each else None for each in own]
        given = [_given(rating, labels) for rating in rated]
        said = notes.get((row.pk, category.key), ())
        apart = _spread(each.score for each in given)
        lines.append(Line(category.key, category.name, given, apart, said))
    lines.sort(key=lambda line: -(line.spread if line.spread is not None else Decimal(-1)))
    spread = _spread(each.score if each else None for each in own)
    return Compared(row, own, spread, lines, notes.get((row.pk, ""), ()))


def _given(rating: Rating | None, labels: Mapping[str, str]) -> Given:
    if rating is None or rating.state == Rating.State.HIDDEN:
        return Given()
    if rating.state == Rating.State.NA:
        return Given("N/A")
    return Given(labels.get(rating.option, rating.option), rating.score)


def _spread(scores: Iterable[Decimal | None]) -> Decimal | None:
    known = [score for score in scores if score is not None]
    return max(known) - min(known) if len(known) > 1 else None
