"""The list of assignments, one assignment with its evidence, and the moves of its life."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import selectors as accounts
from accounts.access import Capability
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from coaching import policies
from coaching.forms import AssignForm, CompleteForm, DismissForm, FilterForm
from coaching.lifecycle import Move
from coaching.models import Assignment
from coaching.selectors import assignments as found
from coaching.selectors.rules import coaches_by_id
from coaching.services import assignments
from common.errors import Conflict, Invalid, Stale, invalid
from common.etags import etag
from common.paging import page

State = Assignment.State
GROUPS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "proposed": (gettext_lazy("Proposed"), (State.PROPOSED,)),
    "assigned": (gettext_lazy("Assigned"), (State.ASSIGNED, State.ACKNOWLEDGED)),
    "in_progress": (gettext_lazy("In progress"), (State.IN_PROGRESS,)),
    "done": (gettext_lazy("Done"), (State.DONE, State.DISMISSED)),
}
SHOWN_OF_GROUP = 10
FILTERS = ("agent", "team", "rule")


class CoachingListPage(WorkspaceTemplatePage):
    """All groups, each with its newest; or one group, page by page. An agent sees his own."""

    capability = Capability.COACHING_READ
    template_name = "coaching/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        manages = self.actor.can(Capability.COACHING_MANAGE)
        context = super().get_context_data(**kwargs) | {"manages": manages}
        chosen = self.filters(context) if manages else {}
        rows = found.find(
            self.actor,
            agent_ids=chosen.get("agent", []),
            team_ids=chosen.get("team", []),
            rule_ids=chosen.get("rule", []),
        )
        group = self.request.GET.get("group", "")
        if group in GROUPS:
            return context | self.one_group(group, rows)
        counts = found.counts(rows)
        groups = [
            {
                "key": key,
                "title": title,
                "mixed": len(states) > 1,
                "count": sum(counts.get(state, 0) for state in states),
                "rows": list(rows.filter(state__in=states).order_by("-id")[:SHOWN_OF_GROUP]),
                "url": self.link(group=key),
            }
            for key, (title, states) in GROUPS.items()
            if manages or key != "proposed"
        ]
        return context | {"groups": groups, "any": any(group["count"] for group in groups)}

    def one_group(self, key: str, rows: Any) -> dict[str, Any]:
        title, states = GROUPS[key]
        shown = page(rows.filter(state__in=states), ("-id",), cursor=self.request.GET.get("cursor"))
        group = {"key": key, "title": title, "rows": shown.rows, "mixed": len(states) > 1, "count": None}
        return {
            "groups": [group],
            "group": key,
            "any": True,
            "next_url": shown.next and self.link(group=key, cursor=shown.next),
            "previous_url": shown.previous and self.link(group=key, cursor=shown.previous),
        }

    def filters(self, context: dict[str, Any]) -> dict[str, list[int]]:
        """The ids chosen, by filter, with the form and chips put into the context."""
        choices = found.choices(self.actor)
        options = {
            "agent": [(row.pk, str(row)) for row in choices.agents],
            "team": [(row.pk, row.name) for row in choices.teams],
            "rule": [(row.pk, row.name) for row in choices.rules],
        }
        form = FilterForm(self.request.GET, options=options, auto_id="filter_%s")
        form.is_valid()
        chosen = {name: value for name in FILTERS if (value := form.cleaned_data.get(name))}
        chips = [
            {
                "label": form.fields[name].label,
                "value": dict(options[name])[value],
                "remove_url": self.link(**{name: ""}),
            }
            for name, value in chosen.items()
        ]
        context |= {"form": form, "chips": chips, "clear_url": self.request.path}
        return {name: [value] for name, value in chosen.items()}

    def link(self, **changes: str) -> str:
        """This page with other parameters, its filters kept."""
        query = QueryDict(mutable=True)
        kept = {name: self.request.GET.get(name, "") for name in (*FILTERS, "group")}
        query.update({name: value for name, value in (kept | changes).items() if value})
        return f"?{query.urlencode()}" if query else self.request.path


class AssignmentPage(WorkspaceTemplatePage):
    capability = Capability.COACHING_READ
    template_name = "coaching/assignment.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = found.assignment(self.actor, kwargs["pk"])
        manages = policies.may(self.actor, row, Move.ASSIGN).allowed
        return super().get_context_data(**kwargs) | {
            "row": row,
            "manages": manages,
            "own": found.reads_as_agent(self.actor, row),
            "reason": found.reason_for(self.actor, row),
            "evidence": found.evidence_for(self.actor, row),
            "passages": found.passages(self.actor, row),
            "can": {move.value: policies.decide(self.actor, row, move) for move in Move},
            "etag": etag(row),
            "life": life(row),
            **(self.forms(row) if manages else {}),
        }

    def forms(self, row: Assignment) -> dict[str, Any]:
        choices = [
            (pk, coach.member.name)
            for pk, coach in coaches_by_id(self.actor).items()
            if policies.coaches(coach.scope, row.team_id) and coach.member.agent_id != row.agent_id
        ]
        suggested = row.coach_id or self.actor.member_id
        initial = {"coach": suggested, "due_on": row.due_on}
        return {
            "assign_form": AssignForm(coaches=choices, initial=initial),
            "complete_form": CompleteForm(),
            "dismiss_form": DismissForm(),
        }


def life(row: Assignment) -> list[dict[str, Any]]:
    """The life so far, oldest first, for parts/timeline.html."""
    assigned_by = row.assigned_by.name if row.assigned_by else ""
    steps = [
        (row.created_at, _("Proposed"), "", "flag"),
        (row.assigned_at, _("Assigned"), assigned_by, "people"),
        (row.acknowledged_at, _("Acknowledged"), "", "good"),
        (row.started_at, _("Started"), "", "coaching"),
        (row.completed_at, _("Done"), "", "good"),
        (row.dismissed_at, _("Dismissed"), "", "close"),
    ]
    past = [
        {"title": title, "at": at, "actor": who, "icon": icon, "state": "done"}
        for at, title, who, icon in steps
        if at is not None
    ]
    past[-1]["state"] = "current"
    return past


class MovePage(WorkspacePage):
    """Base of the buttons: make the move, say what happened, go back to the assignment."""

    capability = Capability.COACHING_READ
    said = gettext_lazy("Saved.")

    def make(self, request: HttpRequest, given: dict[str, Any]) -> None:
        """Call the service of the move."""
        raise NotImplementedError

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        found.assignment(self.actor, pk)
        try:
            if_match = request.POST.get("etag") or None
            self.make(request, {"actor": self.actor, "assignment_id": pk, "if_match": if_match})
            messages.success(request, str(self.said))
        except Stale:
            messages.error(request, _("Somebody else changed this assignment meanwhile. Look again first."))
        except (Conflict, Invalid) as refusal:
            messages.error(request, refusal.detail)
        return redirect("coaching-assignment", slug=slug, pk=pk)


class AssignPage(MovePage):
    said = gettext_lazy("Assigned. The agent finds it in the inbox.")

    def make(self, request: HttpRequest, given: dict[str, Any]) -> None:
        choices = [(pk, coach.member.name) for pk, coach in coaches_by_id(self.actor).items()]
        form = AssignForm(request.POST, coaches=choices)
        if not form.is_valid():
            raise invalid("", "invalid", " ".join(str(t) for each in form.errors.values() for t in each))
        coach_id = form.cleaned_data["coach"]
        coach = accounts.row_or_missing(accounts.members(self.actor), coach_id) if coach_id else None
        assignments.assign(**given, coach=coach, due_on=form.cleaned_data["due_on"])


class AcknowledgePage(MovePage):
    said = gettext_lazy("Thank you. Your coach sees that you have read it.")

    def make(self, request: HttpRequest, given: dict[str, Any]) -> None:
        assignments.acknowledge(**given)


class StartPage(MovePage):
    said = gettext_lazy("Started.")

    def make(self, request: HttpRequest, given: dict[str, Any]) -> None:
        assignments.start(**given)


class CompletePage(MovePage):
    said = gettext_lazy("Done.")

    def make(self, request: HttpRequest, given: dict[str, Any]) -> None:
        form = CompleteForm(request.POST)
        form.is_valid()
        assignments.complete(**given, outcome=form.cleaned_data.get("outcome", ""))


class DismissPage(MovePage):
    said = gettext_lazy("Dismissed.")

    def make(self, request: HttpRequest, given: dict[str, Any]) -> None:
        form = DismissForm(request.POST)
        form.is_valid()
        assignments.dismiss(**given, reason=form.cleaned_data.get("reason", ""))
