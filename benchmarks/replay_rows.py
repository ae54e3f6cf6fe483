"""100,000 reviews with 8 ratings each in one workspace, for benchmarks/replay.py; runs inside Django."""

from __future__ import annotations

from typing import Any

import psycopg

from accounts.models import Member, Workspace, WorkspaceSettings
from benchmarks.iqs_rows import PREPARE
from scorecards.models import Scorecard, ScorecardVersion

AGENTS, TEAMS, REVIEWS = 200, 20, 100_000
WEIGHTS = (20, 20, 15, 10, 10, 10, 10, 5)
FIRST, LAST = "2026-01-05", "2026-04-05"

# Review g: agent g % 200, the ninety-one days in turn. Options by a hash, so that nearly all reviews differ;
# every twentieth rating is N/A; every tenth review was corrected once, and the newest grading counts.
ROWS = f"""
insert into accounts_team (workspace_id, name)
    select w.id, 'Team ' || g from accounts_workspace w, generate_series(1, {TEAMS}) g;

insert into accounts_agent (workspace_id, source, external_id, name)
    select w.id, 'bench', g, 'Agent ' || g from accounts_workspace w, generate_series(0, {AGENTS - 1}) g;

insert into conversations_conversation (workspace_id, source, external_id, channel, status, closed_at,
    closed_on, agent_id, most_active_agent_id, team_id)
    select a.workspace_id, 'bench', g, case when g % 3 = 0 then 'chat' else 'email' end, 'closed',
        date '{FIRST}' + g % 91 + time '12:00', date '{FIRST}' + g % 91, a.id, a.id, t.id
    from generate_series(0, {REVIEWS - 1}) g
        join accounts_agent a on a.external_id = (g % {AGENTS})::text
        join accounts_team t on t.name = 'Team ' || 1 + g % {TEAMS};

create temporary table chosen as
    select c.id as conversation_id, number, category, weight,
        case when hash % 20 = 0 then null else 1 + hash / 20 % 5 end as step
    from conversations_conversation c cross join generate_series(1, 2) number
        cross join unnest(array[{", ".join(map(str, WEIGHTS))}]) with ordinality as w(weight, category)
        cross join lateral (select abs(hashint8(c.id * 100 + number * 10 + category))::bigint as hash) h
    where number = 1 or c.id % 10 = 0;

create temporary table scored as
    select conversation_id, number, round(sum((step - 1) * 25.0 * weight) / sum(weight), 4) as score
    from chosen where step is not null group by 1, 2;

insert into qa_reviews_review (workspace_id, conversation_id, agent_id, team_id, reviewer_id, scorecard_id,
    version_id, kind, state, selection, score, unfailed_score, gradings_count, submitted_at, submitted_on,
    closed_at, closed_on)
    select c.workspace_id, c.id, c.agent_id, c.team_id, m.id, v.scorecard_id, v.id, 'standard', 'submitted',
        'manual', s.score, s.score, s.number, c.closed_on, c.closed_on, c.closed_on, c.closed_on
    from conversations_conversation c join scored s on s.conversation_id = c.id, accounts_member m,
        scorecards_scorecardversion v
    where s.number = case when c.id % 10 = 0 then 2 else 1 end and v.number = 1
    order by c.closed_on, c.id;

insert into qa_reviews_grading (workspace_id, review_id, number, version_id, score, unfailed_score)
    select r.workspace_id, r.id, s.number, r.version_id, s.score, s.score
    from qa_reviews_review r join scored s using (conversation_id) order by r.id, s.number;

insert into qa_reviews_rating (workspace_id, grading_id, category, state, option, score)
    select g.workspace_id, g.id, 'c' || c.category, case when step is null then 'na' else 'rated' end,
        coalesce(step::text, ''), (step - 1) * 25.0
    from qa_reviews_grading g join qa_reviews_review r on r.id = g.review_id
        join chosen c on c.conversation_id = r.conversation_id and c.number = g.number
    order by g.id, c.category
"""


def definition(**changes: dict[str, Any]) -> dict[str, Any]:
    """The scorecard of eight five-point categories; `changes` by category key."""
    rated = [
        {"key": f"c{place}", "name": f"Category {place}", "weight": str(weight)}
        for place, weight in enumerate(WEIGHTS, start=1)
    ]
    categories = [each | changes.get(each["key"], {}) for each in rated]
    return {"groups": [{"key": "all", "name": "All", "categories": categories}]}


DRAFT = definition(
    c1={"weight": "30"},
    c2={"weight": "10"},
    c3={"critical": "review"},
    c7={"show_when": {"channel": ["chat"]}},
    c8={"show_when": {"answers": {"c4": ["1", "2", "3"]}}},
)


def seed(owner: str) -> Workspace:
    """All rows by INSERT ... SELECT; the few single ones by the models."""
    workspace = Workspace.objects.create(slug="replay", name="Replay", timezone="UTC")
    WorkspaceSettings.objects.create(workspace=workspace)
    Member.objects.create(workspace=workspace, name="Bench")
    scorecard = Scorecard.objects.create(workspace=workspace, name="Bench")
    published = ScorecardVersion.State.PUBLISHED
    for number, state, given in ((1, published, definition()), (2, ScorecardVersion.State.DRAFT, DRAFT)):
        ScorecardVersion.objects.create(
            workspace=workspace,
            scorecard=scorecard,
            number=number,
            state=state,
            definition=given,
            published_at=workspace.created_at if state == published else None,
        )
    with psycopg.connect(owner, autocommit=True) as connection:
        for statement in (PREPARE, *ROWS.split(";\n\n")):
            connection.execute(statement)
        connection.execute("vacuum analyze")
    return workspace
