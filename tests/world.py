"""A named cast and one of everything, in two workspaces that must never meet.

Rows are written straight to the tables, so that a broken service shows in its own test and not in all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts import selectors
from accounts.access import Actor, Role
from accounts.models import (
    Absence,
    Agent,
    ApiKey,
    Member,
    MemberRole,
    ReferenceFigure,
    Team,
    TeamMembership,
    User,
    Workspace,
    WorkspaceSettings,
)
from coaching.models import Assignment, CoachingRule, CoachingRun
from conversations.models import Conversation, Customer, ImportIssue, ImportRun, Message, SurveyResponse
from conversations.services.derived_rows import derive
from jobs.models import Job
from notices.models import Notice
from qa_reviews import sampling
from qa_reviews.models import (
    CalibrationConversation,
    CalibrationParticipant,
    CalibrationSession,
    CommentTemplate,
    Dispute,
    Draw,
    Grading,
    PlanReviewer,
    QueueItem,
    QueueQuestion,
    Rating,
    Review,
    ReviewComment,
    SamplePlan,
    SavedView,
    Stratum,
    SuggestionRule,
)
from scorecards import definition as definitions
from scorecards.models import LibraryItem, Scorecard, ScorecardVersion

PERIOD_START, PERIOD_END = date(2026, 3, 2), date(2026, 3, 8)  # a Monday and its Sunday
CLOSED_AT = datetime(2026, 3, 3, 9, 10, tzinfo=UTC)
SUBMITTED_AT = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)

DEFINITION: dict[str, Any] = {
    "groups": [
        {
            "key": "customer",
            "name": "Customer facing",
            "categories": [
                {
                    "key": "solution",
                    "name": "Solution",
                    "description": "Right and complete?",
                    "weight": "20",
                    "scale": "4-point",
                    "tags": ["customer-critical"],
                    "root_causes": {"negative": ["Wrong product", "Did not ask"], "positive": []},
                },
                {
                    "key": "tone",
                    "name": "Tone",
                    "description": "Friendly and clear?",
                    "weight": "10",
                    "critical": "review",
                    "options": [
                        {"key": "poor", "label": "Poor", "points": 0, "description": "Rude", "fails": True},
                        {"key": "ok", "label": "Fine", "points": 1},
                        {"key": "great", "label": "Great", "points": 2},
                    ],
                },
            ],
        }
    ]
}


@dataclass
class Place:
    """One workspace of the world: its people by role name, and its rows by model name."""

    workspace: Workspace
    people: dict[str, Member] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.workspace.slug

    def actor(self, person: str) -> Actor:
        return selectors.actor_for(self.slug, user=self.people[person].user)

    @property
    def system(self) -> Actor:
        return Actor.system(self.workspace)


World = dict[str, Place]


class ApiClient:
    """JSON in, JSON out, below /api/v1/w/<slug>/, with the person's key."""

    def __init__(self, place: Place, person: str) -> None:
        self.slug, self.client = place.slug, Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Bearer {place.keys[person]}"}

    def url(self, path: str) -> str:
        return path if path.startswith("/") else f"/api/v1/w/{self.slug}/{path}"

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        return self.client.get(self.url(path), query, headers=self.headers | headers)

    def post(
        self, path: str, body: Any = None, content_type: str = "application/json", **headers: str
    ) -> Any:
        return self.client.post(
            self.url(path),
            {} if body is None else body,
            content_type=content_type,
            headers=self.headers | headers,
        )

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.patch(
            self.url(path), body, content_type="application/json", headers=self.headers | headers
        )

    def delete(self, path: str, **headers: str) -> Any:
        return self.client.delete(self.url(path), headers=self.headers | headers)


def build_world() -> World:
    return {slug: build_place(slug) for slug in ("ours", "theirs")}


def build_place(slug: str) -> Place:
    workspace = Workspace.objects.create(slug=slug, name=slug.title(), timezone="Europe/Berlin")
    WorkspaceSettings.objects.create(workspace=workspace)
    place = Place(workspace)
    _people(place)
    _conversation(place)
    _scorecard(place)
    _sample(place)
    _review(place)
    _coaching(place)
    _writing(place)
    _calibration(place)
    _service_rows(place)
    return place


def add_person(
    place: Place, name: str, role: Role, team: Team | None = None, agent: Agent | None = None
) -> Member:
    """A member with log-in, one role, and a key; known as `name` in the place."""
    user = User.objects.create_user(f"{name}@{place.slug}.example", "correct horse")
    member = Member.objects.create(
        workspace=place.workspace, user=user, name=name.title(), email=user.email, agent=agent
    )
    MemberRole.objects.create(workspace=place.workspace, member=member, role=role, team=team)
    secret = f"plb_{place.slug}_{name}"
    ApiKey.objects.create(
        workspace=place.workspace,
        member=member,
        name=name,
        role=role,
        prefix=secret[:12],
        key_hash=selectors.key_hash(secret),
    )
    place.people[name], place.keys[name] = member, secret
    return member


def _people(place: Place) -> None:
    ws = place.workspace
    team = Team.objects.create(workspace=ws, name="Chat EU")
    other_team = Team.objects.create(workspace=ws, name="Phone US")
    agent = Agent.objects.create(workspace=ws, source="helpdesk", external_id="a-7", name="Ana Silva")
    other_agent = Agent.objects.create(workspace=ws, source="helpdesk", external_id="a-8", name="Bo Lind")
    TeamMembership.objects.create(workspace=ws, agent=agent, team=team)
    TeamMembership.objects.create(workspace=ws, agent=other_agent, team=other_team)
    place.rows |= {"team": team, "other_team": other_team, "agent": agent, "other_agent": other_agent}
    add_person(place, "admin", Role.ADMIN)
    add_person(place, "manager", Role.MANAGER)
    add_person(place, "lead", Role.LEAD, team=team)
    add_person(place, "other_lead", Role.LEAD, team=other_team)
    add_person(place, "reviewer", Role.REVIEWER)
    add_person(place, "second_reviewer", Role.REVIEWER)
    add_person(place, "agent", Role.AGENT, agent=agent)
    add_person(place, "other_agent", Role.AGENT, agent=other_agent)
    _spare(place)


def _spare(place: Place) -> None:
    """A member without log-in, and his key: rows that a route may change without stopping the cast."""
    ws = place.workspace
    spare = Member.objects.create(workspace=ws, name="Sunny Spare", email=f"spare@{place.slug}.example")
    MemberRole.objects.create(workspace=ws, member=spare, role=Role.AGENT)
    key = ApiKey.objects.create(
        workspace=ws, member=spare, name="spare", role=Role.AGENT, prefix="plb_spare", key_hash=ws.slug
    )
    absence = Absence.objects.create(
        workspace=ws, member=spare, starts_on=PERIOD_START, ends_on=PERIOD_END, note="At the sea"
    )
    reference = ReferenceFigure.objects.create(
        workspace=ws, metric="csat", value=Decimal(78), year=2021, source="A report on service"
    )
    place.rows |= {"member": spare, "api_key": key, "absence": absence, "reference": reference}


def _conversation(place: Place) -> None:
    ws, agent, team = place.workspace, place.rows["agent"], place.rows["team"]
    customer = Customer.objects.create(
        workspace=ws, source="helpdesk", external_id="c-1", email="sam@example.com", account="ACME"
    )
    conversation = Conversation.objects.create(
        workspace=ws,
        source="helpdesk",
        external_id="1001",
        subject="Where is my parcel?",
        channel="chat",
        language="en",
        topic="shipping",
        tags=["vip"],
        status="closed",
        opened_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        closed_at=CLOSED_AT,
        closed_on=date(2026, 3, 3),
        customer=customer,
        agent=agent,
        most_active_agent=agent,
        team=team,
        message_count=2,
        first_response_seconds=120,
    )
    asked = Message.objects.create(
        workspace=ws,
        conversation=conversation,
        key="m1",
        external_id="m1",
        position=0,
        author_type="customer",
        author_name="Sam",
        sent_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        text="Hello, where is it?",
    )
    Message.objects.create(
        workspace=ws,
        conversation=conversation,
        key="m2",
        external_id="m2",
        position=1,
        author_type="agent",
        agent=agent,
        author_name="Ana Silva",
        sent_at=datetime(2026, 3, 2, 8, 2, tzinfo=UTC),
        text="Hi Sam",
    )
    survey = SurveyResponse.objects.create(
        workspace=ws,
        conversation=conversation,
        key="s1",
        external_id="s1",
        kind="csat",
        score=Decimal(4),
        scale_min=Decimal(1),
        scale_max=Decimal(5),
        responded_at=datetime(2026, 3, 3, 10, tzinfo=UTC),
        responded_on=date(2026, 3, 3),
        agent=agent,
        team=team,
        closed_on=date(2026, 3, 3),
    )
    unreviewed = Conversation.objects.create(
        workspace=ws,
        source="helpdesk",
        external_id="1002",
        subject="Refund please",
        channel="email",
        status="closed",
        closed_at=CLOSED_AT,
        closed_on=date(2026, 3, 3),
        agent=agent,
        most_active_agent=agent,
        team=team,
    )
    derive(conversation_ids=[conversation.pk, unreviewed.pk])
    run = ImportRun.objects.create(workspace=ws, kind="conversations", state="done", rejected_total=1)
    ImportIssue.objects.create(workspace=ws, run=run, kind="rejected", row=3, external_id="1003", raw="{")
    place.rows |= {
        "conversation": conversation,
        "unreviewed": unreviewed,
        "message": asked,
        "survey": survey,
        "import_run": run,
    }


def _scorecard(place: Place) -> None:
    scorecard = Scorecard.objects.create(workspace=place.workspace, name="Support")
    version = ScorecardVersion.objects.create(
        workspace=place.workspace,
        scorecard=scorecard,
        number=1,
        state="published",
        published_at=CLOSED_AT,
        definition=definitions.to_json(definitions.parse(DEFINITION)),
    )
    item = LibraryItem.objects.create(
        workspace=place.workspace,
        kind="root_causes",
        name="Product",
        content={"negative": ["Wrong product"], "positive": [], "other": False},
    )
    place.rows |= {"scorecard": scorecard, "version": version, "library_item": item}


def _sample(place: Place) -> None:
    """A plan, drawn for one week: conversation 1001 (reviewed) and 1002 (waiting for the reviewer)."""
    ws, rows = place.workspace, place.rows
    plan = SamplePlan.objects.create(workspace=ws, name="Weekly", scorecard=rows["scorecard"], seed="seed")
    PlanReviewer.objects.create(workspace=ws, plan=plan, member=place.people["reviewer"])
    seed = sampling.draw_seed(plan.seed, plan.pk, PERIOD_START)
    draw = Draw.objects.create(
        workspace=ws,
        plan=plan,
        period_start=PERIOD_START,
        period_end=PERIOD_END,
        seed=seed,
        rule=sampling.RULE,
        frame_at=SUBMITTED_AT,
        closed_total=2,
        frame_total=2,
        allowed_reviewers=[place.people["reviewer"].pk],
        terms={
            "filter": {},
            "risk_filter": None,
            "risk_share": "0.2000",
            "per_agent": 5,
            "second_review_share": "0.0000",
            "reviewee": "assignee",
        },
    )
    ids = sorted([rows["conversation"].pk, rows["unreviewed"].pk])
    stratum = Stratum.objects.create(
        workspace=ws,
        draw=draw,
        agent=rows["agent"],
        team=rows["team"],
        band="normal",
        frame=2,
        drawn=2,
        frame_ids=ids,
    )
    items = {
        name: QueueItem.objects.create(
            workspace=ws,
            draw=draw,
            stratum=stratum,
            conversation=rows[name],
            agent=rows["agent"],
            team=rows["team"],
            band="normal",
            u=sampling.unit_hash(seed, rows[name].pk),
            probability=1.0,
            order_hash=f"{rows[name].pk:032x}",
            reviewer=place.people["reviewer"],
            due_on=date(2026, 3, 15),
            state="done" if name == "conversation" else "open",
        )
        for name in ("conversation", "unreviewed")
    }
    WorkspaceSettings.objects.filter(workspace=ws).update(headline_plan_id=plan.pk)
    place.rows |= {
        "plan": plan,
        "draw": draw,
        "stratum": stratum,
        "done_item": items["conversation"],
        "queue_item": items["unreviewed"],
    }


def _review(place: Place) -> None:
    ws, rows, reviewer = place.workspace, place.rows, place.people["reviewer"]
    review = Review.objects.create(
        workspace=ws,
        conversation=rows["conversation"],
        agent=rows["agent"],
        team=rows["team"],
        reviewer=reviewer,
        scorecard=rows["scorecard"],
        version=rows["version"],
        state="submitted",
        selection="random",
        queue_item=rows["done_item"],
        stratum=rows["stratum"],
        score=Decimal("77.7778"),
        unfailed_score=Decimal("77.7778"),
        gradings_count=1,
        submitted_at=SUBMITTED_AT,
        submitted_on=SUBMITTED_AT.date(),
        closed_at=CLOSED_AT,
        closed_on=CLOSED_AT.date(),
    )
    grading = Grading.objects.create(
        workspace=ws,
        review=review,
        number=1,
        version=rows["version"],
        grader=reviewer,
        score=review.score,
        unfailed_score=review.score,
        groups=[{"key": "customer", "score": "77.7778"}],
        tags=[{"key": "customer-critical", "score": "66.6667"}],
        comment="Good pace",
    )
    for category, option, score, weight in (
        ("solution", "3", "66.6667", "66.6667"),
        ("tone", "great", "100", "33.3333"),
    ):
        Rating.objects.create(
            workspace=ws,
            grading=grading,
            category=category,
            state="rated",
            option=option,
            score=Decimal(score),
            applied_weight=Decimal(weight),
            comment="Well asked" if category == "tone" else "",
        )
    draft = Review.objects.create(
        workspace=ws,
        conversation=rows["unreviewed"],
        agent=rows["agent"],
        team=rows["team"],
        reviewer=place.people["second_reviewer"],
        scorecard=rows["scorecard"],
        version=rows["version"],
        closed_at=CLOSED_AT,
        closed_on=CLOSED_AT.date(),
    )
    view = SavedView.objects.create(
        workspace=ws, page="reviews", name="Below 80", query="score_max=80", owner=reviewer, shared=True
    )
    place.rows |= {"review": review, "grading": grading, "draft": draft, "saved_view": view}


def add_talk(place: Place) -> None:
    """A second review, with a comment, disputed by its agent, and a question to a lead: rows that not every
    test wants to meet."""
    ws, rows, people = place.workspace, place.rows, place.people
    disputed = copied(rows["review"], conversation=copied(rows["unreviewed"], external_id="1004"))
    disputed.state, disputed.queue_item, disputed.stratum, disputed.selection = (
        "disputed",
        None,
        None,
        "manual",
    )
    disputed.submitted_at = disputed.announced_at = datetime.now(UTC)
    disputed.source, disputed.external_id = "old-tool", "r-1"
    disputed.save()
    grading = copied(rows["grading"], review=disputed, created_at=disputed.submitted_at)
    for rating in rows["grading"].ratings.all():
        copied(rating, grading=grading)
    rows["comment"] = ReviewComment.objects.create(
        workspace=ws, review=disputed, author=people["reviewer"], body="Ask me anything."
    )
    rows["dispute"] = Dispute.objects.create(
        workspace=ws,
        review=disputed,
        number=1,
        grading_number=1,
        kind="ratings",
        comment="I did ask.",
        proposed=[{"category": "solution", "option": "4", "comment": ""}],
        raised_by=people["agent"],
        due_at=disputed.submitted_at + timedelta(days=7),
    )
    rows["disputed"] = disputed
    rows["question"] = QueueQuestion.objects.create(
        workspace=ws, item=rows["queue_item"], asked_by=people["reviewer"], text="Is this one for us?"
    )


def copied(row: Any, **changes: Any) -> Any:
    """Another row like this one, with some fields changed; a review is not written yet."""
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    found = type(row)(**{name: getattr(row, name) for name in names})
    for name, value in changes.items():
        setattr(found, name, value)
    if not isinstance(found, Review):
        found.save()
    return found


def _coaching(place: Place) -> None:
    ws, rows = place.workspace, place.rows
    rule = CoachingRule.objects.create(
        workspace=ws, name="IQS below 80", kind="iqs_below", strength="clear", target=Decimal(80)
    )
    run = CoachingRun.objects.create(
        workspace=ws, period="week", period_start=PERIOD_START, period_end=PERIOD_END, state="done"
    )
    assignment = Assignment.objects.create(
        workspace=ws,
        agent=rows["agent"],
        team=rows["team"],
        rule=rule,
        run=run,
        period="week",
        period_start=PERIOD_START,
        period_end=PERIOD_END,
        state="assigned",
        strength="clear",
        reason="Ana's IQS is below the target.",
    )
    proposed = Assignment.objects.create(
        workspace=ws,
        agent=rows["other_agent"],
        team=rows["other_team"],
        rule=rule,
        run=run,
        period="week",
        period_start=PERIOD_START,
        period_end=PERIOD_END,
        strength="clear",
        reason="Bo's IQS is below the target.",
    )
    place.rows |= {"coaching_rule": rule, "coaching_run": run, "assignment": assignment, "proposed": proposed}


def _calibration(place: Place) -> None:
    """An open session of the agent's team, led by the manager, in which the reviewer grades."""
    ws, rows, people = place.workspace, place.rows, place.people
    session = CalibrationSession.objects.create(
        workspace=ws,
        name="Spring",
        scorecard=rows["scorecard"],
        version=rows["version"],
        facilitator=people["manager"],
        team=rows["team"],
        state="open",
        due_on=date(2026, 3, 20),
        opened_at=SUBMITTED_AT,
    )
    CalibrationParticipant.objects.create(workspace=ws, session=session, member=people["reviewer"])
    calibrated = CalibrationConversation.objects.create(
        workspace=ws, session=session, conversation=rows["conversation"], agent=rows["agent"], rank=0
    )
    rows |= {"calibration": session, "calibrated": calibrated}


def _writing(place: Place) -> None:
    """A shared comment template, and a rule, switched off, that suggests where nobody says sorry."""
    ws = place.workspace
    template = CommentTemplate.objects.create(workspace=ws, name="Apology", body="Say sorry *first*. #tone")
    rule = SuggestionRule.objects.create(
        workspace=ws,
        name="No apology",
        scorecard=place.rows["scorecard"],
        category="tone",
        option="poor",
        conditions=[{"op": "not_contains", "text": "sorry"}],
        active=False,
        created_by=place.people["manager"],
    )
    place.rows |= {"comment_template": template, "suggestion_rule": rule}


def _service_rows(place: Place) -> None:
    ws, people = place.workspace, place.people
    place.rows["job"] = Job.objects.create(
        key=f"test:{ws.pk}",
        name="coaching.propose",
        workspace_id=ws.pk,
        member_id=people["manager"].pk,
        state="done",
    )
    place.rows["notice"] = Notice.objects.create(
        workspace=ws,
        recipient=people["agent"],
        kind="assignment_assigned",
        subject_type="assignment",
        subject_id=place.rows["assignment"].pk,
        key=f"assignment:{place.rows['assignment'].pk}",
    )
