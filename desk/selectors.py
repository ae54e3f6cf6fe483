"""What the pages of several apps read together."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import selectors as people
from accounts.access import Actor, Role
from accounts.models import Agent, Member
from common.errors import FieldError
from conversations.models import Conversation
from qa_reviews.models import Review, SamplePlan
from scorecards.models import ScorecardVersion

FOUND_MOST = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One step of setting a workspace up: what, why, where, and whether it is done."""

    title: str | Promise
    text: str | Promise
    action: str | Promise
    url: str
    done: bool


def first_review_exists(actor: Actor) -> bool:
    """Whether anything was reviewed in this workspace. One query."""
    return Review.objects.visible_to(actor).exclude(submitted_at=None).exists()


def setup_steps(actor: Actor) -> list[Step]:
    """The way to the first review. Four queries."""
    slug = actor.workspace.slug
    published = ScorecardVersion.objects.visible_to(actor).filter(state=ScorecardVersion.State.PUBLISHED)
    others = Member.objects.visible_to(actor).filter(kind=Member.Kind.PERSON, deactivated_at=None)
    return [
        Step(
            _("Bring in conversations"),
            _("Closed conversations with their messages and survey answers, by API, NDJSON or CSV."),
            _("See conversations"),
            reverse("conversation-list", args=[slug]),
            Conversation.objects.visible_to(actor).exists(),
        ),
        Step(
            _("Say what good work is"),
            _("A ready scorecard is published; change it until it asks what matters here."),
            _("See scorecards"),
            reverse("scorecard-list", args=[slug]),
            published.exists(),
        ),
        Step(
            _("Plan a sample"),
            _("How many conversations of each agent are reviewed, drawn at random."),
            _("See plans"),
            reverse("plan-list", args=[slug]),
            SamplePlan.objects.visible_to(actor).exists(),
        ),
        Step(
            _("Invite people"),
            _("Reviewers grade, leads and managers decide, agents read their own reviews."),
            _("See people"),
            reverse("settings-people", args=[slug]),
            others[1:].exists(),
        ),
    ]


def is_setting_up(actor: Actor) -> bool:
    """Whether the set-up steps come first: for an administrator until something was reviewed. One query."""
    return Role.ADMIN in actor.roles and not first_review_exists(actor)


def conversations_found(actor: Actor, q: str) -> QuerySet[Conversation]:
    """Conversations by words of the subject or the id in their source, newest first. One query."""
    rows = Conversation.objects.visible_to(actor).filter(Q(subject__icontains=q) | Q(external_id=q))
    return rows.order_by("-pk")[:FOUND_MOST]


def agents_found(actor: Actor, q: str) -> QuerySet[Agent]:
    """Agents by words of their name, e-mail or id. One query."""
    return (
        people.agents(actor)
        .filter(Q(name__icontains=q) | Q(email__icontains=q) | Q(external_id=q))
        .order_by("name", "pk")[:FOUND_MOST]
    )


def headline_plans(actor: Actor) -> list[tuple[str, str]]:
    """The plans that may give the headline's numbers, oldest first. One query."""
    rows = SamplePlan.objects.visible_to(actor).order_by("pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def headline_plan_error(actor: Actor, plan_id: int | None) -> FieldError | None:
    """What is wrong with a plan chosen for the headline, or None."""
    if plan_id is None or SamplePlan.objects.visible_to(actor).filter(pk=plan_id).exists():
        return None
    return FieldError("/headline_plan", "not_found", f"There is no plan “{plan_id}” here.")
