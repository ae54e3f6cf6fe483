"""Who may be given which conversation to review."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from accounts.access import GRANTS, Actor, Capability, Role, RoleGrant
from accounts.models import Absence, Member, MemberRole
from accounts.selectors import teams_on
from conversations.models import Conversation
from qa_reviews.models import PlanReviewer, PlanReviewerTeam, QueueItem, SamplePlan

GRADING_ROLES = [role for role, granted in GRANTS.items() if Capability.GRADE in granted]
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Takes:
    """What of a conversation decides who may review it: its team (which decides who can read it), whose work
    it is, its language, channel and topic, "" where unknown, and whose conversation it is."""

    team_id: int | None
    agent_id: int
    language: str = ""
    channel: str = ""
    topic: str = ""
    assignee_id: int | None = None

    @classmethod
    def of(cls, conversation: Conversation, agent_id: int) -> Takes:
        """Of a loaded conversation. No query."""
        return cls(
            conversation.team_id,
            agent_id,
            conversation.language,
            conversation.channel,
            conversation.topic,
            conversation.agent_id,
        )


@dataclass(frozen=True, slots=True)
class Grader:
    """An active member who grades, or a peer: an agent who grades what is assigned to him.

    `agent_id`: he himself as an agent; `scope`: the teams he grades, None for all; `weight`: his share beside
    the others'; `languages` (primary subtags), `channels`, `topics`: what he reviews, casefolded, empty for
    anything; `absent`: first and last days; `team_ids`: where he works himself, on the day he was asked for.
    """

    id: int
    name: str
    agent_id: int | None
    scope: frozenset[int] | None
    weight: Decimal = ONE
    languages: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    absent: tuple[tuple[date, date], ...] = ()
    team_ids: frozenset[int] = frozenset()
    own_team: bool = True  # may he review the teams he works in?

    def may_take(self, facts: Takes, on: date) -> bool:
        """Whether he may be given the conversation on the day."""
        return not self.refusal(facts, on)

    def could_take(self, facts: Takes) -> bool:
        """Whether he may be given it at all, on days when he is there."""
        return not self._unable(facts)

    def refusal(self, facts: Takes, on: date) -> str:
        """Why he may not be given the conversation on the day, in a sentence; empty where he may. What is
        unknown of the conversation stands against nobody."""
        return "He is away." if self.is_absent(on) else self._unable(facts)

    def _unable(self, facts: Takes) -> str:
        if facts.agent_id == self.agent_id:
            return "Nobody grades himself: this is his own work."
        if self.agent_id is not None and facts.assignee_id == self.agent_id:
            return "Nobody reviews others in his own conversation."
        if self.scope is not None and facts.team_id not in self.scope:
            return "The conversation is outside his teams."
        if not self.own_team and facts.team_id in self.team_ids:
            return "The plan gives peers no conversations of their own team."
        return self._unsuited(facts)

    def _unsuited(self, facts: Takes) -> str:
        asked = (
            ("language", self.languages, primary_subtag(facts.language)),
            ("channel", self.channels, facts.channel.casefold()),
            ("topic", self.topics, facts.topic.casefold()),
        )
        for name, wanted, value in asked:
            if wanted and value and value not in wanted:
                return f"He does not review this {name}."
        return ""

    @property
    def takes_anything(self) -> bool:
        """Whether nothing of a conversation stands against him but that it is his own work."""
        kinds = self.languages or self.channels or self.topics
        return self.scope is None and not kinds and (self.own_team or not self.team_ids)

    def is_absent(self, on: date) -> bool:
        return any(first <= on <= last for first, last in self.absent)


def primary_subtag(language: str) -> str:
    """What two codes of one language have in common: "pt" of "pt-BR" and "PT_pt"."""
    return language.strip().casefold().replace("_", "-").partition("-")[0]


def graders(actor: Actor, ids: Collection[int] | None = None, on: date | None = None) -> list[Grader]:
    """The active members who grade, all or of these ids, by id, with absences from the day `on`. Three
    queries."""
    rows = _active(actor)
    rows = rows if ids is None else rows.filter(pk__in=ids)
    return _loaded(actor, rows, Capability.GRADE, on, {})


def plan_graders(actor: Actor, plan: SamplePlan, on: date) -> list[Grader]:
    """Whom the plan names to review on the day, by id; the absent too, `may_take` tells. Members, and whoever
    grades a named team by a role for it. Of a peer plan: agents with a log-in, named or of a named team;
    where none is named, of the teams that it samples, and where it samples all, everybody. At most six
    queries."""
    weights = dict(
        PlanReviewer.objects.in_workspace(actor.workspace_id)
        .filter(plan=plan)
        .values_list("member_id", "weight")
    )
    rows = PlanReviewerTeam.objects.in_workspace(actor.workspace_id).filter(plan=plan)
    teams = frozenset(rows.values_list("team_id", flat=True))
    if plan.kind == SamplePlan.Kind.PEER:
        teams = teams if teams or weights else frozenset(plan.filter.get("team", ()))
        found = _peers(actor, plan, on, _active(actor), weights)
        anybody = not teams and not weights
        return [each for each in found if anybody or each.id in weights or each.team_ids & teams]
    of_teams = MemberRole.objects.in_workspace(actor.workspace_id).filter(
        team_id__in=teams, role__in=GRADING_ROLES
    )
    named = _active(actor).filter(Q(pk__in=weights) | Q(pk__in=of_teams.values("member_id")))
    return _loaded(actor, named, Capability.GRADE, on, weights)


def graders_like(
    actor: Actor, plan: SamplePlan, on: date, ids: Collection[int] | None = None
) -> list[Grader]:
    """Who could be given items of the plan by hand, all or of these ids: whoever grades; of a peer plan
    whichever agent has a log-in. Four queries at most."""
    rows = _active(actor)
    rows = rows if ids is None else rows.filter(pk__in=ids)
    if plan.kind == SamplePlan.Kind.PEER:
        return _peers(actor, plan, on, rows, {})
    return _loaded(actor, rows, Capability.GRADE, on, {})


def takers(
    candidates: Collection[Grader], facts: Takes, on: date, without: Collection[int] = ()
) -> list[Grader]:
    """Those of the candidates who may review the conversation on the day, `without` some members."""
    return [each for each in candidates if each.id not in without and each.may_take(facts, on)]


def takes_of(item: QueueItem) -> Takes:
    """What decides who may review the item; its conversation and agent should be loaded. An agent who was
    merged is whom he was merged into."""
    return Takes.of(item.conversation, item.agent.merged_into_id or item.agent_id)


def _active(actor: Actor) -> QuerySet[Member]:
    return Member.objects.in_workspace(actor.workspace_id).filter(deactivated_at=None)


def _peers(
    actor: Actor, plan: SamplePlan, on: date, rows: QuerySet[Member], weights: Mapping[int, Decimal]
) -> list[Grader]:
    """Of these members those who are agents with a log-in, with the team they work in on the day."""
    people = rows.filter(agent__isnull=False, user__isnull=False, role_rows__role=Role.AGENT).distinct()
    found = _loaded(actor, people, Capability.GRADE_ASSIGNED, on, weights)
    at_work = teams_on(actor.workspace_id, [each.agent_id for each in found if each.agent_id], on)

    def works_in(grader: Grader) -> frozenset[int]:
        team_id = at_work.get(grader.agent_id or 0)
        return frozenset() if team_id is None else frozenset({team_id})

    return [replace(each, team_ids=works_in(each), own_team=plan.own_team) for each in found]


def _loaded(
    actor: Actor,
    rows: QuerySet[Member],
    needs: Capability,
    on: date | None,
    weights: Mapping[int, Decimal],
) -> list[Grader]:
    members = list(rows.order_by("pk"))
    ids = [member.pk for member in members]
    grants: dict[int, list[RoleGrant]] = defaultdict(list)
    for row in MemberRole.objects.in_workspace(actor.workspace_id).filter(member__in=ids):
        grants[row.member_id].append(RoleGrant(Role(row.role), row.team_id))
    absent = _absences(actor, ids, on)
    acting = {
        member.pk: Actor(workspace=actor.workspace, member=member, grants=tuple(grants[member.pk]))
        for member in members
    }
    return [
        _grader(member, acting[member.pk].scope(needs), absent[member.pk], weights.get(member.pk, ONE))
        for member in members
        if acting[member.pk].can(needs)
    ]


def _absences(
    actor: Actor, member_ids: Collection[int], on: date | None
) -> dict[int, list[tuple[date, date]]]:
    rows = Absence.objects.in_workspace(actor.workspace_id).filter(member__in=member_ids)
    rows = rows if on is None else rows.filter(ends_on__gte=on)
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for member_id, first, last in rows.order_by("starts_on", "pk").values_list(
        "member_id", "starts_on", "ends_on"
    ):
        found[member_id].append((first, last))
    return found


def _grader(
    member: Member, scope: frozenset[int] | None, absent: Iterable[tuple[date, date]], weight: Decimal
) -> Grader:
    return Grader(
        id=member.pk,
        name=member.name,
        agent_id=member.agent_id,
        scope=scope,
        weight=weight,
        languages=frozenset(map(primary_subtag, member.languages)),
        channels=frozenset(each.casefold() for each in member.channels),
        topics=frozenset(each.casefold() for each in member.topics),
        absent=tuple(absent),
    )
