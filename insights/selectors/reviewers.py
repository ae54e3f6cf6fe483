"""The reviewers: what they gave, how fast, how strict they are, and who is unlike the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.models import Member
from common.periods import local_date
from insights.facts import reviewers as facts
from insights.facts.pairs import shared_reviews
from insights.policies import Sight
from insights.query import Query
from insights.selectors.limits import bounded_buckets
from insights.selectors.names import names_of
from insights.stats.graders import Against, Distance, Finding, Graders, Level, against, distances, levels
from insights.stats.severity import Given, Severity, severities, unshared

MOST_SHARED = 5_000
"""Conversations graded by several that are looked at; more would tell nothing more."""

NOTHING_GIVEN = Level(0, 0, None, None, None)
NONE_SHARED = unshared()


@dataclass(frozen=True, slots=True)
class ReviewerLine:
    """One reviewer's numbers; None where nothing is known. `stands_out`: what is unlike the others, the
    farthest first."""

    reviewer: Member
    level: Level
    against: Against | None
    pace: facts.Pace | None
    disputes: facts.Disputes
    waiting: facts.Waiting
    severity: Severity
    distance: Distance | None
    stands_out: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Who stands out first, the others by name. `own`: only the actor's own line. `cut`: of conversations
    graded by several, the latest MOST_SHARED are looked at."""

    lines: Sequence[ReviewerLine] = field(default_factory=list)
    own: bool = False
    cut: bool = False


def reviewers(actor: Actor, query: Query) -> Reviewers:
    """All reviewers of the teams whose numbers the actor sees; a reviewer sees his own line, set against all.
    Refused (403) to who does not review. Six queries."""
    actor.require(Capability.GRADE)
    bounded_buckets(actor, query)
    own = not actor.can(Capability.NUMBERS_READ_ALL)
    sight = Sight(teams=None if own else actor.scope(Capability.NUMBERS_READ_ALL))
    asked = sight.slice(actor, query, [])
    cases = facts.given_sums(asked)
    shared = shared_reviews(actor.workspace_id, query.period, MOST_SHARED, teams=asked.teams)
    given = Given.of(
        [(each.place, each.reviewer, each.score) for each in shared.reviews if each.score is not None]
    )
    paces = facts.paces(asked)
    found = _Found(
        Graders(levels(cases), against(cases), paces, severities(given), distances(given)),
        paces,
        facts.disputes(asked),
        facts.waiting(actor.workspace_id, _today(actor), asked.teams),
    )
    known = [pk for pk in found.everybody if not own or pk == actor.member_id]
    members = names_of(actor, ("reviewer",), [(pk,) for pk in known]).rows["reviewer"]
    return Reviewers(found.lines([members[pk] for pk in known if pk in members]), own, shared.cut)


def _today(actor: Actor) -> date:
    return local_date(timezone.now(), actor.workspace.timezone)


@dataclass(frozen=True)
class _Found:
    """What is known of the reviewers, by id."""

    graders: Graders
    paces: Mapping[int, facts.Pace]
    disputes: Mapping[int, facts.Disputes]
    waiting: Mapping[int, facts.Waiting]

    @property
    def everybody(self) -> list[int]:
        """Who gave something in the period, or has something waiting."""
        return sorted({*self.graders.levels, *self.disputes, *self.waiting})

    def lines(self, members: Sequence[Member]) -> list[ReviewerLine]:
        """Who stands out first, farthest ahead; then by name."""
        marked = self.graders.stands_out()
        far = {who: max(spreads for _, spreads in found) for who, found in marked.items()}
        order = sorted(members, key=lambda each: (-far.get(each.pk, 0.0), each.name.casefold(), each.pk))
        return [self._line(member, marked.get(member.pk, [])) for member in order]

    def _line(self, member: Member, marked: Sequence[tuple[Finding, float]]) -> ReviewerLine:
        return ReviewerLine(
            reviewer=member,
            level=self.graders.levels.get(member.pk, NOTHING_GIVEN),
            against=self.graders.against.get(member.pk),
            pace=self.paces.get(member.pk),
            disputes=self.disputes.get(member.pk, facts.Disputes(0, 0, 0)),
            waiting=self.waiting.get(member.pk, facts.Waiting(0, 0)),
            severity=self.graders.severities.get(member.pk, NONE_SHARED),
            distance=self.graders.distances.get(member.pk),
            stands_out=[finding for finding, _ in marked],
        )
