"""One pass of the rules over one period: join, judge, insert what is new, tell who decides."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor, Role
from accounts.services.audit import record
from coaching import policies
from coaching.models import Assignment, CoachingRule, CoachingRun
from coaching.proposing import judge_agent
from coaching.rules import NotProposed, Proposal
from coaching.selectors.evidence import Known, known
from coaching.selectors.rules import Coach, coaches_by_id, definition
from coaching.services.runs import lock_coaching
from notices.services import notify_each

log = logging.getLogger(__name__)
Key = tuple[int, int, int | None]
"""(agent, rule, conversation): what an assignment of a period speaks of, once."""


@dataclass(slots=True)
class _Findings:
    """What the rules made of everybody."""

    assignments: list[Assignment] = field(default_factory=list)
    left_alone: list[dict[str, Any]] = field(default_factory=list)

    def leave(self, assignment: Assignment, code: str, why: str) -> None:
        self.left_alone.append(
            {
                "agent": assignment.agent_id,
                "team": assignment.team_id,
                "rule": assignment.rule_id,
                "code": code,
                "why": why,
            }
        )


@transaction.atomic
def propose(*, run_id: int) -> CoachingRun | None:
    """Do a queued run: propose what its rules find, each thing once, and keep why the rest was left alone.

    A fixed number of queries whatever the number of agents; twice, at once or after a crash it does nothing
    new. None where there is no such run to do.
    """
    run = CoachingRun.objects.select_related("workspace__settings").filter(pk=run_id).first()
    if run is None:
        log.info("coaching run %s is gone", run_id)
        return None
    actor = Actor.system(run.workspace)
    lock_coaching(actor=actor)
    run.refresh_from_db(fields=["state"])
    if run.state != CoachingRun.State.QUEUED:
        log.info("coaching run %s is %s already", run_id, run.state)
        return None
    run.started_at = timezone.now()
    rows = CoachingRule.objects.visible_to(actor).filter(active=True, period=run.period).order_by("pk")
    rules = list(rows)
    coaches = coaches_by_id(actor)
    everybody = known(actor, run, rules) if rules else None
    found = _judge(run, rules, everybody, coaches) if everybody else _Findings()
    inserted = _insert(actor, run, found)
    _tell(run, inserted, coaches)
    _finish(actor, run, len(everybody.agents) if everybody else 0, inserted, found)
    return run


def _judge(
    run: CoachingRun, rules: Sequence[CoachingRule], everybody: Known, coaches: Mapping[int, Coach]
) -> _Findings:
    found, by_id = _Findings(), {rule.pk: rule for rule in rules}
    definitions = {rule.pk: definition(rule) for rule in rules}
    cap = run.workspace.settings.open_assignment_cap
    for agent, person in everybody.agents.items():
        team = everybody.teams.get(agent)
        for rule_id, result in judge_agent(definitions, everybody.evidence(agent), cap):
            row = _row(run, by_id[rule_id], agent, team)
            if isinstance(result, NotProposed):
                found.leave(row, result.code, result.why)
                continue
            _fill(row, result)
            row.coach_id = _coach(by_id[rule_id], coaches, agent, team)
            row.agent = person
            found.assignments.append(row)
    return found


def _row(run: CoachingRun, rule: CoachingRule, agent: int, team: int | None) -> Assignment:
    return Assignment(
        workspace_id=run.workspace_id,
        agent_id=agent,
        team_id=team,
        rule=rule,
        run=run,
        period=run.period,
        period_start=run.period_start,
        period_end=run.period_end,
        strength=rule.strength,
    )


def _fill(row: Assignment, proposal: Proposal) -> None:
    conversations = proposal.evidence["conversations"]
    row.conversation_ids = conversations if isinstance(conversations, list) else []
    if row.rule.kind == CoachingRule.Kind.CRITICAL_FAILURES:
        row.conversation_id = row.conversation_ids[0]
    row.reason, row.evidence = proposal.reason, proposal.evidence


def _coach(rule: CoachingRule, coaches: Mapping[int, Coach], agent: int, team: int | None) -> int | None:
    """The rule's coach where he still coaches this team and is not the agent himself."""
    coach = coaches.get(rule.coach_id or 0)
    if coach is None or coach.member.agent_id == agent or not policies.coaches(coach.scope, team):
        return None
    return coach.member.pk


def _insert(actor: Actor, run: CoachingRun, found: _Findings) -> list[Assignment]:
    """Those that were not there yet; the others are left alone, and say so."""
    Assignment.objects.bulk_create(found.assignments, ignore_conflicts=True)
    inserted = list(Assignment.objects.visible_to(actor).filter(run=run))
    new = {_key(row) for row in inserted}
    for row in found.assignments:
        if _key(row) not in new:
            found.leave(row, "already_proposed", "This rule has proposed the same for this period already.")
    return inserted


def _key(row: Assignment) -> Key:
    return row.agent_id, row.rule_id, row.conversation_id


def _tell(run: CoachingRun, inserted: Iterable[Assignment], coaches: Mapping[int, Coach]) -> None:
    """One notice a run with how many wait for whom: the named coach and the leads of the team, else those who
    coach the whole workspace as managers."""
    counts: Counter[int] = Counter()
    for row in inserted:
        named = {row.coach_id} if row.coach_id else set()
        leads = {
            pk
            for pk, coach in coaches.items()
            if Role.LEAD in coach.roles and policies.coaches(coach.scope, row.team_id)
        }
        managers = {pk for pk, coach in coaches.items() if Role.MANAGER in coach.roles}
        counts.update((named | leads) or managers)
    parameters = {pk: {"count": count} for pk, count in counts.items()}
    notify_each(parameters=parameters, kind="assignments_proposed", subject=run, key=f"coaching_run:{run.pk}")


def _finish(
    actor: Actor, run: CoachingRun, agents: int, inserted: Sequence[Assignment], found: _Findings
) -> None:
    run.state, run.finished_at, run.agents = CoachingRun.State.DONE, timezone.now(), agents
    run.proposed, run.not_proposed = len(inserted), found.left_alone
    run.save(update_fields=["state", "started_at", "finished_at", "agents", "proposed", "not_proposed"])
    changes = {"agents": agents, "proposed": len(inserted), "not_proposed": len(found.left_alone)}
    record(actor, "coaching_run.done", run, changes)
