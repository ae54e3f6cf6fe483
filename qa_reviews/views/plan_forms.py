"""Pages on which a plan is made and changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import selectors as people
from accounts.access import Actor, Capability, Role
from accounts.forms import Choices
from accounts.views.forms import FormPage, named
from common.errors import Invalid, Refused, invalid
from conversations.filter_words import LABELS, described
from conversations.filters import ATTRIBUTE, NAMES, NOT_IN_PLANS, from_json
from conversations.risks import READY
from qa_reviews.models import SamplePlan
from qa_reviews.plan_forms import PlanChoices, PlanForm, initial_of
from qa_reviews.policies.plans import may_change
from qa_reviews.selectors import plans as selectors
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import graders, graders_like
from qa_reviews.services.plans import (
    PlanInput,
    ReviewerInput,
    as_input,
    change_plan,
    create_plan,
    preview_change,
    preview_plan,
)
from scorecards.models import ScorecardVersion
from scorecards.selectors import scorecards, standing_versions

MOST_AGENTS = 300
"""More are not offered one by one: the list of conversations finds them, and makes a plan of its filter."""
LEFT_OUT = NOT_IN_PLANS | {"status"}  # a plan draws from what is closed
FIRST_RISKS = [dict(signal.filter) for signal in READY if signal.key in ("low_csat", "reopened")]


class PlanFormPage(FormPage):
    """The form of a plan; its preview button says what it would give, and saves nothing."""

    capability = Capability.PLAN_MANAGE

    def write(self, form: PlanForm) -> HttpResponse:
        raise NotImplementedError

    def save(self, form: PlanForm) -> HttpResponse:
        """A plan beyond the actor's teams is wrong in its teams, and what was written stays in the form."""
        try:
            return self.write(form)
        except Refused as refused:
            raise invalid("/team", refused.code, refused.detail) from None

    def show(self, form: BaseForm, status: int = 200, **extra: Any) -> HttpResponse:
        """A preview that cannot be told yet is an answer, not a mistake."""
        return super().show(form, 200 if "preview" in self.request.POST else status, **extra)

    def plan_form(self, data: Any, given: PlanInput, plan: SamplePlan | None) -> PlanForm:
        return PlanForm(
            data,
            initial=initial_of(given),
            choices=choices_for(self.actor, given, plan),
            zone=_("The workspace's: %(zone)s") % {"zone": self.actor.workspace.timezone},
            describe=lambda filter_json: in_words(self.actor, filter_json),
            is_new=plan is None,
        )


class PlanNewPage(PlanFormPage):
    """A new plan, begun with the filter of the page's address (`?channel=chat`)."""

    template_name = "qa_reviews/plan_new.html"

    def form(self, data: Any = None) -> PlanForm:
        given = usual_plan(self.actor)
        found, refused = filter_of(self.actor, self.request.GET)
        if data is None and refused:
            text = _("A plan cannot filter by these, so they were left out: %(names)s.")
            messages.warning(self.request, text % {"names": ", ".join(map(label_of, refused))})
        return self.plan_form(data, replace(given, filter=given.filter | found), None)

    def write(self, form: PlanForm) -> HttpResponse:
        given = form.as_input()
        if "preview" in self.request.POST:
            return self.show(form, preview=preview_plan(actor=self.actor, given=given))
        plan = create_plan(actor=self.actor, given=given)
        messages.success(self.request, _("The plan is saved."))
        return redirect("plan", self.actor.workspace.slug, plan.pk)


class PlanEditPage(PlanFormPage):
    """All of a plan but its seed, for draws to come."""

    template_name = "qa_reviews/plan_edit.html"

    def plan(self) -> SamplePlan:
        plan = selectors.plan(self.actor, self.kwargs["pk"])
        may_change(self.actor, plan).demand()
        return plan

    def context(self) -> dict[str, Any]:
        return {"plan": self.plan()}

    def form(self, data: Any = None) -> PlanForm:
        plan = self.plan()
        return self.plan_form(data, as_input(plan), plan)

    def write(self, form: PlanForm) -> HttpResponse:
        given = form.as_input()
        changes = {
            name: getattr(given, name) for name in PlanInput.__slots__ if name not in ("seed", "active")
        }
        if "preview" in self.request.POST:
            preview = preview_change(actor=self.actor, plan_id=self.kwargs["pk"], changes=changes)
            return self.show(form, preview=preview)
        change_plan(actor=self.actor, plan_id=self.kwargs["pk"], changes=changes)
        messages.success(self.request, _("Saved. Draws already made stay as they are."))
        return redirect("plan", self.actor.workspace.slug, self.kwargs["pk"])


def usual_plan(actor: Actor) -> PlanInput:
    """What is right for a first plan: five of each agent a week, low CSAT and reopened ones more often, by
    all who are reviewers, a tenth of it seen twice."""
    scope = actor.scope(Capability.PLAN_MANAGE)
    first = not selectors.plans(actor).exists()
    reviewers = people.members(actor).filter(deactivated_at=None, role_rows__role=Role.REVIEWER)
    return PlanInput(
        name=_("Weekly sample") if first else "",
        filter={} if scope is None else {"team": sorted(scope)},
        risk_filter=FIRST_RISKS,
        reviewers=ReviewerInput.each(reviewers.order_by("pk").values_list("pk", flat=True).distinct()),
        second_review_share=selectors.USUAL_SECOND,
        reviewee=actor.workspace.settings.reviewee,
        blind=actor.workspace.settings.blind,
    )


def choices_for(actor: Actor, given: PlanInput, plan: SamplePlan | None) -> PlanChoices:
    """What the form offers; with what the plan names already, whatever became of it."""
    standing = standing_versions(actor).items()
    published = {pk for pk, each in standing if each.state == ScorecardVersion.State.PUBLISHED}
    cards = scorecards(actor).filter(pk__in=published | {given.scorecard}).order_by("name")
    on, peer = today(actor), SamplePlan.Kind.PEER
    members = {each.id: each.name for each in graders(actor)}
    peers = {each.id: each.name for each in graders_like(actor, SamplePlan(kind=peer), on)}
    if plan is not None:
        had = peers if plan.kind == peer else members
        had |= {each.member_id: each.member.name for each in plan.reviewer_rows.all()}
    return PlanChoices(
        scorecards=named(cards),
        teams=named(_teams(actor, given)),
        agents=named(_agents(actor, given)),
        members=_by_name(members),
        peers=_by_name(peers),
    )


def filter_of(actor: Actor, query: QueryDict) -> tuple[dict[str, Any], list[str]]:
    """The filter that an address asks for, and the names in it that a plan refuses. What is no filter (order,
    columns) is passed over. Raises nothing: what cannot be read is refused."""
    asked = {
        name: [value for value in query.getlist(name) if value]
        for name in query
        if name in NAMES or name.startswith(ATTRIBUTE)
    }
    asked = {name: values for name, values in asked.items() if values}
    refused = [name for name in asked if name in LEFT_OUT]
    asked = {name: values for name, values in asked.items() if name not in LEFT_OUT}
    try:
        return from_json(actor, asked, "").as_json(), refused
    except Invalid as wrong:
        bad = {each.pointer.strip("/").replace("~1", "/").replace("~0", "~") for each in wrong.errors}
        kept = {name: values for name, values in asked.items() if name not in bad}
        return from_json(actor, kept, "").as_json(), [*refused, *(name for name in asked if name in bad)]


def label_of(name: str) -> str:
    return str(LABELS.get(name) or name.removeprefix(ATTRIBUTE))


def in_words(actor: Actor, filter_json: dict[str, Any]) -> str:
    """A filter in one line; of one that cannot be read its names alone. At most four queries."""
    try:
        known = from_json(actor, filter_json, "").as_json()
    except Invalid:
        return ", ".join(map(label_of, filter_json))
    return ", ".join(f"{label}: {values}" for label, values in described(actor, known))


def _by_name(people: dict[int, str]) -> Choices:
    return sorted(people.items(), key=lambda each: each[1].casefold())


def _teams(actor: Actor, given: PlanInput) -> Iterable[Any]:
    scope = actor.scope(Capability.PLAN_MANAGE)
    rows = people.teams(actor).order_by("name", "pk")
    if scope is None:
        return rows
    return rows.filter(pk__in={*scope, *given.reviewer_teams, *given.filter.get("not_team", ())})


def _agents(actor: Actor, given: PlanInput) -> Iterable[Any]:
    rows = people.agents(actor).order_by("name", "pk")
    if rows.count() <= MOST_AGENTS:
        return rows
    return rows.filter(pk__in={*given.filter.get("agent", ()), *given.filter.get("not_agent", ())})
