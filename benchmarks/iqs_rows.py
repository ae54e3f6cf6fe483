"""Reviews of a drawn year in one workspace, for benchmarks of numbers; runs inside Django."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import psycopg

from accounts.access import Role
from accounts.models import ApiKey, Member, MemberRole, Workspace, WorkspaceSettings
from accounts.selectors import key_hash
from qa_reviews.models import SamplePlan
from scorecards.models import Scorecard, ScorecardVersion

DAYS = 364


@dataclass(frozen=True)
class Size:
    """How much there is; the first `reviews` of the conversations are reviewed."""

    agents: int = 200
    teams: int = 20
    reviews: int = 520_000
    conversations: int = 650_000


FIRST_DAY = "date '2025-01-06'"  # a Monday
KEY = "plb_benchmark"

# Columns that do not matter here get a default; foreign keys and triggers of the big tables go, since the
# rows are right without them and come three times as fast.
PREPARE = """
do $$ declare found record; begin
    for found in
        select c.oid::regclass as name, attname, typcategory, format_type(atttypid, atttypmod) as kind
        from pg_class c join pg_attribute a on attrelid = c.oid join pg_type t on t.oid = atttypid
        where c.relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and attnotnull
            and attidentity = '' and not atthasdef
            and relname similar to '(accounts|conversations|qa_reviews)_%' and typname not in ('uuid', 'time')
    loop
        execute format('alter table %s alter column %I set default %L::%s', found.name, found.attname,
            case found.typcategory when 'B' then 'false' when 'N' then '0' when 'D' then '2025-01-01'
                when 'S' then '' else '{}' end, found.kind);
    end loop;
    for found in
        select conname, conrelid::regclass as name from pg_constraint
        where contype = 'f' and conrelid = any(array[
            'conversations_conversation', 'qa_reviews_queueitem', 'qa_reviews_review', 'qa_reviews_grading',
            'qa_reviews_rating']::regclass[])
    loop
        execute format('alter table %s drop constraint %I', found.name, found.conname);
    end loop;
    alter table qa_reviews_review disable trigger user;
end $$
"""
# Conversation g: agent g % agents, the days in turn, every seventh of an agent's day needs attention, and the
# first ones are reviewed a week later, so that each (agent, week, band) has its share.
PEOPLE = """
insert into accounts_workspace (slug, name, timezone) values ('bench', 'Bench', 'UTC');

insert into accounts_team (workspace_id, name)
    select w.id, 'Team ' || g from accounts_workspace w, generate_series(1, {teams}) g;

insert into accounts_agent (workspace_id, source, external_id, name)
    select w.id, 'bench', g, 'Agent ' || g from accounts_workspace w, generate_series(0, {agents} - 1) g;

create temporary table seats as
    select a.id as agent_id, a.external_id::int as number, t.id as team_id
    from accounts_agent a join (select id, row_number() over (order by id) - 1 as number from accounts_team) t
        on t.number = a.external_id::int % {teams};

create temporary table facts as
    select g, s.agent_id, s.team_id, {first_day} + (g / {agents}) % {days} as closed_on,
        {first_day} + (g / {agents}) % {days} / 7 * 7 as week,
        case when g / ({agents} * {days}) % 7 = 0 then 'risk' else 'normal' end as band,
        g < {reviews} as reviewed
    from generate_series(0, {conversations} - 1) g join seats s on s.number = g % {agents};

insert into conversations_conversation (workspace_id, source, external_id, status, closed_at, closed_on,
    agent_id, most_active_agent_id, team_id)
    select w.id, 'bench', g, 'closed', closed_on + time '12:00', closed_on, agent_id, agent_id, team_id
    from facts, accounts_workspace w order by closed_on, g
"""
REVIEWED = """
insert into qa_reviews_draw (workspace_id, plan_id, period_start, period_end)
    select distinct p.workspace_id, p.id, week, week + 6 from facts, qa_reviews_sampleplan p;

insert into qa_reviews_stratum (workspace_id, draw_id, agent_id, team_id, band, frame, drawn)
    select d.workspace_id, d.id, agent_id, team_id, band, count(*), count(*) filter (where reviewed)
    from facts f join qa_reviews_draw d on d.period_start = f.week group by 1, 2, 3, 4, 5;

create temporary table picked as
    select s.id as stratum_id, s.draw_id, s.workspace_id, c.id as conversation_id, f.*
    from facts f join qa_reviews_draw d on d.period_start = f.week
        join qa_reviews_stratum s on s.draw_id = d.id and s.agent_id = f.agent_id and s.band = f.band
        join conversations_conversation c on c.external_id = f.g::text
    where f.reviewed;

insert into qa_reviews_queueitem (workspace_id, draw_id, stratum_id, conversation_id, agent_id, team_id, band,
    state, due_on)
    select workspace_id, draw_id, stratum_id, conversation_id, agent_id, team_id, band, 'done', closed_on + 14
    from picked order by closed_on, conversation_id;

insert into qa_reviews_review (workspace_id, conversation_id, agent_id, team_id, reviewer_id, scorecard_id,
    version_id, kind, state, selection, queue_item_id, stratum_id, score, gradings_count, submitted_at,
    submitted_on, closed_at, closed_on)
    select p.workspace_id, p.conversation_id, p.agent_id, p.team_id, m.id, v.scorecard_id, v.id, 'standard',
        'submitted', case p.band when 'risk' then 'targeted' else 'random' end, i.id, p.stratum_id,
        50 + (p.g::bigint * 7919 % 500001) / 10000.0, 1, closed_on + 7, closed_on + 7, closed_on, closed_on
    from picked p join qa_reviews_queueitem i on i.conversation_id = p.conversation_id, accounts_member m,
        scorecards_scorecardversion v
    order by p.closed_on, p.conversation_id
"""


def seed(owner: str, size: Size) -> None:
    """All rows by INSERT ... SELECT; the few single ones by the models."""
    people = PEOPLE.format(**asdict(size), days=DAYS, first_day=FIRST_DAY)
    with psycopg.connect(owner, autocommit=True) as connection:
        for statement in (PREPARE, *people.split(";\n\n")):
            connection.execute(statement)
        _plan_and_people()
        for statement in REVIEWED.split(";\n\n"):
            connection.execute(statement)
        connection.execute("vacuum analyze")


def _plan_and_people() -> None:
    workspace = Workspace.objects.get()
    member = Member.objects.create(workspace=workspace, name="Bench")
    MemberRole.objects.create(workspace=workspace, member=member, role=Role.MANAGER)
    scorecard = Scorecard.objects.create(workspace=workspace, name="Bench")
    ScorecardVersion.objects.create(
        workspace=workspace, scorecard=scorecard, number=1, definition={"groups": []}
    )
    plan = SamplePlan.objects.create(workspace=workspace, name="Bench", scorecard=scorecard, seed="bench")
    WorkspaceSettings.objects.create(workspace=workspace, headline_plan_id=plan.pk)
    ApiKey.objects.create(
        workspace=workspace, member=member, name="Bench", role=Role.MANAGER, key_hash=key_hash(KEY)
    )
