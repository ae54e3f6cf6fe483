"""A million conversations of one workspace for benchmarks/explorer.py, as uneven as real ones.

Words come as in any language: the r-th most frequent one is 1/r as frequent as the first. A text is made of
three shorter ones out of a pool, so that a search vector costs a concatenation, not a parser.
"""

from __future__ import annotations

import psycopg

from accounts.access import Role
from accounts.models import Member, MemberRole, Team, User, Workspace, WorkspaceSettings
from benchmarks.iqs_rows import PREPARE
from scorecards.models import Scorecard, ScorecardVersion

CONVERSATIONS, AGENTS, TEAMS, TOPICS, TAGS = 1_000_000, 2_000, 100, 200, 500
DAYS, LAST_DAY = 730, "2026-06-30"
VOCABULARY, POOL, WORDS = 50_000, 40_000, 50  # words there are, shorter texts, words of each
REVIEWED = 50  # one in so many conversations has a review

# Filled indexes make rows slow to insert: they are put aside and built at the end.
INDEXES_OFF = """
create temporary table aside as select indexdef from pg_indexes
    where tablename = 'conversations_conversation' and indexdef not like 'CREATE UNIQUE%';
do $$ declare found record; begin
    for found in select indexname from pg_indexes
        where tablename = 'conversations_conversation' and indexdef not like 'CREATE UNIQUE%'
    loop execute format('drop index %I', found.indexname); end loop;
end $$
"""
INDEXES_ON = """
set maintenance_work_mem = '1GB';
do $$ declare found record; begin
    for found in select indexdef from aside loop execute found.indexdef; end loop;
end $$
"""
# floor(n ^ random()) is the r-th of n with a likelihood of nearly 1/r.
PEOPLE = f"""
insert into accounts_team (workspace_id, name)
    select w.id, 'Team ' || g from accounts_workspace w, generate_series(1, {TEAMS}) g;

insert into accounts_agent (workspace_id, source, external_id, name, kind, starts_on)
    select w.id, 'bench', g, 'Agent ' || g, case when g % 400 = 7 then 'bot' else 'human' end,
        date '{LAST_DAY}' - (g * 7919 % 1500)
    from accounts_workspace w, generate_series(1, {AGENTS}) g;

create temporary table seats as
    select a.id as agent_id, a.external_id::int as number, t.id as team_id
    from accounts_agent a join (select id, row_number() over (order by id) as number from accounts_team) t
        on t.number = 1 + a.external_id::int % {TEAMS};

create temporary table pool as
    select n, to_tsvector('simple', string_agg('word' || floor({VOCABULARY} ^ random()), ' ')) as words
    from generate_series(1, {POOL}) n, generate_series(1, {WORDS}) group by n;

insert into conversations_facet (workspace_id, kind, value)
    select w.id, kind, value from accounts_workspace w, (
        select 'topic' as kind, 'topic ' || g as value from generate_series(1, {TOPICS}) g
        union all select 'tag', 'tag ' || g from generate_series(1, {TAGS}) g
        union all select 'channel', unnest(array['chat', 'email', 'phone', 'social', 'sms'])
        union all select 'language', unnest(array['en', 'de', 'fr', 'es', 'nl', 'pt', 'it'])
        union all select 'source', 'bench'
    ) f
"""
FACTS = f"""
select setseed(0.4);

create temporary table facts as
    select g, 1 + floor({AGENTS} * random() ^ 1.7)::int as agent,
        timestamptz '{LAST_DAY} 20:00+00' - interval '{DAYS} days' * (1 - (g / {CONVERSATIONS}.0) ^ 0.7)
            + interval '1 day' * (random() - 0.5) as closed_at,
        (array['chat', 'chat', 'chat', 'chat', 'email', 'email', 'email', 'phone', 'phone', 'social'])
            [1 + floor(10 * random())::int] as channel,
        (array['en', 'de', 'fr', 'es', 'nl', 'pt', 'it'])[floor(8 ^ random())::int] as language,
        floor({TOPICS + 1} ^ random())::int as topic,
        case when random() < 0.5 then floor({TAGS + 1} ^ random())::int end as first_tag,
        case when random() < 0.3 then floor({TAGS + 1} ^ random())::int end as second_tag,
        case when random() < 0.18 then 5 - floor(5 * random() ^ 3)::int end as csat,
        ceil(exp(1.2 + 0.8 * (random() + random() + random() - 1.5)) * 1.5)::int as messages,
        random() as chance, random() as other,
        1 + floor({POOL} * random())::int as first_text, 1 + floor({POOL} * random())::int as second_text,
        1 + floor({POOL} * random())::int as third_text
    from generate_series(1, {CONVERSATIONS}) g;

insert into conversations_conversation (workspace_id, source, external_id, subject, status, channel, language,
    topic, tags, opened_at, closed_at, closed_on, agent_id, most_active_agent_id, team_id, reopened_count,
    message_count, reply_count, agent_count, longest_silence_seconds, waited_at_end, closing_missing,
    has_internal, has_bot, csat, csat_commented, first_response_seconds, reported_handling_seconds,
    attributes, search)
    select w.id, 'bench', g, 'About order ' || g, case when chance < 0.97 then 'closed' else 'open' end,
        channel, language, 'topic ' || topic,
        array_remove(array['tag ' || first_tag, 'tag ' || nullif(second_tag, first_tag)], null),
        closed_at - interval '1 hour' * (1 + 40 * other ^ 4),
        case when chance < 0.97 then closed_at end, case when chance < 0.97 then closed_at::date end,
        s.agent_id, s.agent_id, s.team_id, case when other < 0.06 then 1 else 0 end,
        messages, messages / 2, case when other > 0.93 then 3 else 1 end,
        exp(4 + 7 * other), other > 0.9 and chance < 0.3, chance < 0.07, chance > 0.6, other < 0.25,
        csat, csat is not null and chance < 0.3, exp(3 + g % 1000 / 200.0),
        exp(5 + 3 * other),
        jsonb_build_object('plan', (array['free', 'pro', 'enterprise'])[floor(4 ^ chance)::int]),
        a.words || b.words || c.words || array_to_tsvector(array[g::text])
    from accounts_workspace w, facts f join seats s on s.number = f.agent
        join pool a on a.n = first_text join pool b on b.n = second_text join pool c on c.n = third_text
    order by g
"""
REVIEWS = f"""
insert into qa_reviews_review (workspace_id, conversation_id, agent_id, team_id, reviewer_id, scorecard_id,
    version_id, kind, state, selection, score, gradings_count, submitted_at, submitted_on, closed_at,
    closed_on)
    select c.workspace_id, c.id, c.agent_id, c.team_id, m.id, v.scorecard_id, v.id, 'standard', 'submitted',
        'manual', 80, 1, c.closed_at + interval '7 days', c.closed_on + 7, c.closed_at, c.closed_on
    from conversations_conversation c, accounts_member m, scorecards_scorecardversion v
    where c.id % {REVIEWED} = 0 and c.status = 'closed' and m.name = 'Manager'
"""


def seed(owner: str) -> tuple[User, User]:
    """All rows by INSERT ... SELECT, the few single ones by the models: the log-ins of a manager, and of a
    lead of three teams."""
    workspace = Workspace.objects.create(slug="bench", name="Bench", timezone="UTC")
    WorkspaceSettings.objects.create(workspace=workspace)
    manager = _member(workspace, "Manager")
    MemberRole.objects.create(workspace=workspace, member=manager, role=Role.MANAGER)
    scorecard = Scorecard.objects.create(workspace=workspace, name="Bench")
    ScorecardVersion.objects.create(
        workspace=workspace, scorecard=scorecard, number=1, definition={"groups": []}
    )
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("set work_mem = '256MB'")
        for part in (PREPARE, INDEXES_OFF, PEOPLE, FACTS, REVIEWS, INDEXES_ON):
            for statement in [part] if "do $$" in part else part.split(";\n\n"):
                connection.execute(statement)
        connection.execute("vacuum analyze")
    lead = _member(workspace, "Lead")
    for team in Team.objects.filter(name__in=("Team 3", "Team 40", "Team 77")):
        MemberRole.objects.create(workspace=workspace, member=lead, role=Role.LEAD, team=team)
    assert manager.user
    assert lead.user
    return manager.user, lead.user


def _member(workspace: Workspace, name: str) -> Member:
    user = User.objects.create_user(f"{name.lower()}@bench.example", "correct horse")
    return Member.objects.create(workspace=workspace, user=user, name=name, email=user.email)
