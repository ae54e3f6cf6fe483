"""What benchmarks/draw.py measures, run inside Django against the scratch database."""

from __future__ import annotations

import resource
import sys
import time
from datetime import date
from decimal import Decimal
from statistics import median

from django.db import connection, transaction

from accounts.access import Actor, Role
from accounts.models import Member, MemberRole, Workspace, WorkspaceSettings
from qa_reviews import sampling
from qa_reviews.models import Draw, SamplePlan
from qa_reviews.services.draws import draw_plan
from qa_reviews.services.ledgers import MEMORY
from qa_reviews.services.plans import PlanInput, QuotaInput, ReviewerInput, create_plan
from scorecards.services import create_ready_scorecard

BAR, MEMORY_BAR, ROUNDS = 1.5, 200, 7
CONVERSATIONS, AGENTS, REVIEWERS, PER_AGENT, SEED = 1_000_000, 2000, 20, 5, "2026"
PERIOD = date(2026, 3, 1)

ROWS = f"""
insert into accounts_agent (workspace_id, source, external_id, name, email, kind, created_at, updated_at)
    select %(workspace)s, 'bench', g, 'Agent ' || g, '', 'human', now(), now()
    from generate_series(0, {AGENTS - 1}) g;
insert into conversations_conversation (workspace_id, source, external_id, url, subject, channel, language,
    topic, tags, status, closed_at, closed_on, reopened_count, attributes, agent_id, most_active_agent_id,
    message_count, is_stub, fingerprint, created_at, updated_at)
    select %(workspace)s, 'bench', g, '', 'Subject ' || g, 'chat', 'en', '',
        case when g %% 7 = 0 then array['vip'] else array['b2b'] end, 'closed',
        date '2026-03-01' + g %% 31 + time '12:00', date '2026-03-01' + g %% 31, 0, '{{}}', a.id, a.id, 12,
        false, '', now(), now()
    from generate_series(0, {CONVERSATIONS - 1}) g
    join accounts_agent a on a.external_id = (g / 31 %% {AGENTS})::text;
analyze accounts_agent; analyze conversations_conversation;
"""

# The quota of every agent is 5, of which the rule gives one to the risk band where it has both bands.
PLAIN = """
with eligible as (
    select id, agent_id, case when 'vip' = any(tags) then 'risk' else 'normal' end as band,
        (('x' || substr(md5(%(seed)s || id), 1, 13))::bit(52)::bigint + 0.5::float8)
            / 4503599627370496::float8 as u
    from conversations_conversation
    where workspace_id = %(workspace)s and status = 'closed' and agent_id is not null
        and closed_on between '2026-03-01' and '2026-03-31'
),
ranked as (
    select *, row_number() over (partition by agent_id, band order by u, id) as place from eligible
)
select id, agent_id, band, u from ranked where place <= case band when 'risk' then 1 else 4 end
"""


def main() -> None:
    """Seed, run both once to warm up, time them in turns, and print the median of each."""
    workspace = Workspace.objects.create(slug="draw", name="Draw", timezone="Europe/Berlin")
    WorkspaceSettings.objects.create(workspace=workspace)
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"workspace": workspace.pk})
    actor = Actor.system(workspace)
    plan = _plan(actor, workspace)
    plain: list[float] = []
    drawn: list[float] = []
    for turn in range(ROUNDS + 1):
        seconds, expected = _plain(plan)
        plain.append(seconds)
        seconds, found = _drawn(actor, plan)
        drawn.append(seconds)
        if found != expected:
            sys.exit("The draw and the plain query do not pick the same conversations.")
        print(f"{'warming up' if turn == 0 else turn}: plain {plain[-1]:.2f} s, draw {drawn[-1]:.2f} s")
    usual, ours = median(plain[1:]), median(drawn[1:])
    print(f"{CONVERSATIONS:,} closed conversations of {AGENTS:,} agents, {len(expected):,} drawn")
    print(f"plain window query {usual:.2f} s, draw {ours:.2f} s")
    print(f"ratio {ours / usual:.2f} (bar {BAR}); the process took {_peak():.0f} MB (bar {MEMORY_BAR})")
    if ours / usual > BAR or _peak() > MEMORY_BAR:
        sys.exit("Above the bar.")


def _plan(actor: Actor, workspace: Workspace) -> SamplePlan:
    members = []
    for number in range(REVIEWERS):
        member = Member.objects.create(workspace=workspace, name=f"Reviewer {number}")
        MemberRole.objects.create(workspace=workspace, member=member, role=Role.REVIEWER)
        members.append(member.pk)
    given = PlanInput(
        name="Monthly",
        scorecard=create_ready_scorecard(actor=actor).pk,
        period="month",
        quota=QuotaInput(value=Decimal(PER_AGENT)),
        risk_filter={"tag": "vip"},
        risk_share=Decimal("0.2"),
        reviewers=ReviewerInput.each(members),
        seed=SEED,
    )
    return create_plan(actor=actor, given=given)


def _plain(plan: SamplePlan) -> tuple[float, set[int]]:
    values: dict[str, str | int] = {
        "seed": f"{sampling.draw_seed(SEED, plan.pk, PERIOD)}:",
        "workspace": plan.workspace_id,
    }
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MEMORY)  # no less than the draw gives itself
        cursor.execute(PLAIN, values)
        rows = cursor.fetchall()
    return time.perf_counter() - started, {row[0] for row in rows}


def _drawn(actor: Actor, plan: SamplePlan) -> tuple[float, set[int]]:
    """The draw as it is committed, taken back afterwards."""
    started = time.perf_counter()
    draw, _made = draw_plan(actor=actor, plan_id=plan.pk, period_start=PERIOD)
    seconds = time.perf_counter() - started
    found = set(draw.items.values_list("conversation_id", flat=True))
    with transaction.atomic():
        draw.items.all().delete()
        draw.strata.all().delete()
        Draw.objects.filter(pk=draw.pk).delete()
    return seconds, found


def _peak() -> float:
    """Peak memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
