"""Forms of the settings pages; choices come from the views, writing is the services'."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.access import Role, RoleGrant
from accounts.models import Agent, WorkspaceSettings
from common.errors import Problem

Choices = Sequence[tuple[Any, Any]]

ROLE_WORDS: dict[Role, Any] = {
    Role.ADMIN: _("Administrator: everything, with settings, people and keys"),
    Role.MANAGER: _("Manager: all work and numbers, scorecards, plans, imports"),
    Role.LEAD: _("Lead: the work and numbers of teams, plans, coaching"),
    Role.REVIEWER: _("Reviewer: grades conversations"),
    Role.AGENT: _("Agent: sees own reviews and numbers"),
}
SCOPED = {Role.LEAD: "lead_teams", Role.REVIEWER: "reviewer_teams"}


_RESPONSIBLE = {
    WorkspaceSettings.Responsible.ASSIGNEE.value: _("The assignee"),
    WorkspaceSettings.Responsible.MOST_ACTIVE.value: _("Whoever wrote the most"),
}
CHOICE_WORDS: dict[str, dict[str, Any]] = {
    "reviewee": _RESPONSIBLE,
    "csat_agent": _RESPONSIBLE,
    "headline": {
        WorkspaceSettings.Headline.IQS_ALL_WORK.value: _("IQS of all work, estimated"),
        WorkspaceSettings.Headline.AVERAGE_OF_REVIEWED.value: _("Average of what was reviewed"),
    },
    "release": {
        WorkspaceSettings.Release.AT_ONCE.value: _("At once"),
        WorkspaceSettings.Release.SCHEDULED.value: _("At a set time"),
        WorkspaceSettings.Release.BY_LEAD.value: _("When a lead releases them"),
    },
    "release_weekday": {"": _("Every day")} | {str(n): WEEKDAYS[n - 1] for n in range(1, 8)},
    "dispute_resolver": {
        WorkspaceSettings.Resolver.REVIEWER.value: _("The reviewer"),
        WorkspaceSettings.Resolver.LEAD.value: _("A lead"),
    },
}


def show_problem(form: forms.BaseForm, problem: Problem) -> None:
    """Put a service's refusal where it belongs in the form, else above it."""
    for error in problem.errors:
        name = error.pointer.strip("/").split("/")[0]
        form.add_error(name if name in form.fields else None, error.detail)
    if not problem.errors:
        form.add_error(None, problem.detail)


class WorkspaceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    name = forms.CharField(label=_("Name of the workspace"), max_length=255)
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Days and weeks are counted in it. Dates of the past stay as they were."),
    )
    headline_plan_id = forms.TypedChoiceField(
        label=_("The plan whose draws give the IQS"),
        help_text=_(
            "The IQS is estimated from the conversations that one plan draws, so that its numbers can be "
            "compared over time. Other plans show theirs when you choose them."
        ),
        coerce=int,
        empty_value=None,
        required=False,
    )

    class Meta:
        model = WorkspaceSettings
        fields = (
            *("week_start", "pass_mark", "blind", "hide_csat", "hide_reviewer", "self_reviews"),
            *("reviewers_revise", "reviewers_pick", "reviewee", "dispute_days", "dispute_rounds"),
            *("claim_hours", "peer_in_iqs", "headline_plan_id"),
            *("release", "release_time", "release_weekday"),
            *("dispute_resolver", "dispute_answer_days", "headline", "csat_agent", "min_reviews"),
            *("min_team_reviews", "min_team_range_reviews", "min_team_range_agents", "min_answers"),
            *("min_completion", "max_uncovered", "wide_half_width", "open_assignment_cap"),
        )
        labels = {
            "week_start": _("Weeks start on"),
            "pass_mark": _("Pass mark, of 100"),
            "blind": _("Reviewers grade blind, unless a plan says otherwise"),
            "hide_csat": _("Agents do not see CSAT beside their reviews"),
            "hide_reviewer": _("Agents do not see who reviewed them"),
            "self_reviews": _("Agents may review their own conversations"),
            "reviewers_revise": _("Reviewers may revise their own reviews"),
            "reviewers_pick": _("Reviewers may pick conversations by hand"),
            "reviewee": _("Who is reviewed in a conversation"),
            "claim_hours": _("Hours after which a conversation that was taken and forgotten returns"),
            "peer_in_iqs": _("Reviews by peers count in the IQS"),
            "release": _("Agents see their reviews"),
            "release_time": _("At this time"),
            "release_weekday": _("On this day"),
            "dispute_days": _("Days in which a review may be disputed"),
            "dispute_rounds": _("Rounds of dispute for each review"),
            "dispute_resolver": _("Disputes are answered by"),
            "dispute_answer_days": _("Days to answer a dispute before it goes to the leads"),
            "headline": _("The number shown first"),
            "csat_agent": _("CSAT counts for"),
            "min_reviews": _("Reviews needed for an agent's IQS"),
            "min_team_reviews": _("Reviews needed for a team's IQS"),
            "min_team_range_reviews": _("Reviews needed for a team's range"),
            "min_team_range_agents": _("Agents needed for a team's range"),
            "min_answers": _("Answers needed for CSAT"),
            "min_completion": _("Share of a draw that must be done, 0 to 1"),
            "max_uncovered": _("Share of work that may be uncovered, 0 to 1"),
            "wide_half_width": _("A range is grey when wider than ±"),
            "open_assignment_cap": _("Open coaching assignments for each agent, at most"),
        }
        help_texts = {
            "release_time": _("For a set time: in the workspace's time zone."),
            "claim_hours": _(
                "From 1 to 168. Whoever takes one and leaves it gives it back to the queue after that; what "
                "was graded so far stays his draft."
            ),
            "peer_in_iqs": _(
                "Peers are agents who grade each other by a peer plan. When this is off, their reviews are "
                "still shown and talked about, but no number counts them."
            ),
            "blind": _("Until he has submitted, a reviewer sees no CSAT and nobody else's grading."),
        }

    SECTIONS = (
        (_("Workspace"), ("name", "timezone", "week_start")),
        (
            _("Reviews"),
            (
                *("pass_mark", "reviewee", "blind", "reviewers_pick", "reviewers_revise"),
                *("claim_hours", "self_reviews", "hide_csat", "hide_reviewer"),
            ),
        ),
        (_("Release"), ("release", "release_time", "release_weekday")),
        (_("Disputes"), ("dispute_days", "dispute_rounds", "dispute_resolver", "dispute_answer_days")),
        (
            _("Numbers"),
            (
                *(
                    "headline",
                    "headline_plan_id",
                    "peer_in_iqs",
                    "csat_agent",
                    "min_reviews",
                    "min_team_reviews",
                    "min_team_range_reviews",
                ),
                *("min_team_range_agents", "min_answers", "min_completion", "max_uncovered"),
                "wide_half_width",
            ),
        ),
        (_("Coaching"), ("open_assignment_cap",)),
    )

    def __init__(self, *args: Any, plans: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["headline_plan_id"].choices = [("", _("The first plan")), *plans]  # type: ignore[attr-defined]
        zones = [(zone, zone) for zone in sorted(available_timezones())]
        self.fields["timezone"].choices = zones  # type: ignore[attr-defined]
        for name, words in CHOICE_WORDS.items():
            self.fields[name].choices = list(words.items())  # type: ignore[attr-defined]
        for name in ("pass_mark", "min_completion", "max_uncovered"):
            self.initial[name] = f"{self.initial[name].normalize():f}"
        workspace = self.instance.workspace
        self.initial.update(name=workspace.name, timezone=workspace.timezone)

    def sections(self) -> Iterable[tuple[Any, list[BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]


class PersonForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=255)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=list(ROLE_WORDS.items()), widget=forms.CheckboxSelectMultiple
    )
    lead_teams = forms.TypedMultipleChoiceField(
        label=_("Leads these teams"),
        help_text=_("None chosen means all."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reviewer_teams = forms.TypedMultipleChoiceField(
        label=_("Reviews these teams"),
        help_text=_("None chosen means all."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    agent = forms.TypedChoiceField(
        label=_("Is this agent"),
        help_text=_("So that he sees his own reviews."),
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args: Any, teams: Choices, agents: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SCOPED.values():
            self.fields[name].choices = teams  # type: ignore[attr-defined]
        self.fields["agent"].choices = [("", _("Nobody")), *agents]  # type: ignore[attr-defined]

    def grants(self, held: Iterable[RoleGrant] = ()) -> list[RoleGrant]:
        """The chosen roles with their teams; a scope that this form does not show stays as held."""
        found: list[RoleGrant] = []
        for role in map(Role, self.cleaned_data["roles"]):
            if role in SCOPED:
                teams = self.cleaned_data[SCOPED[role]] or [None]
                found += [RoleGrant(role, team) for team in teams]
            else:
                found += [grant for grant in held if grant.role == role] or [RoleGrant(role)]
        return found


class NewPersonForm(PersonForm):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    field_order = ["email", "name"]


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name of the team"), max_length=255)


class AgentForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    team = forms.TypedChoiceField(label=_("Team"), coerce=int, empty_value=None, required=False)
    team_from = forms.DateField(
        label=_("In this team from"),
        help_text=_("For a new team; today when left empty. Work before that day stays with the old team."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = Agent
        fields = ("name", "email", "kind", "starts_on")
        labels = {"name": _("Name"), "email": _("E-mail"), "kind": _("Kind"), "starts_on": _("Started on")}
        widgets = {"starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, teams: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [("", _("No team")), *teams]  # type: ignore[attr-defined]


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=255, help_text=_("What the key is for, such as “helpdesk import”.")
    )
    role = forms.ChoiceField(label=_("May do what this role may"), choices=list(ROLE_WORDS.items()))
    member = forms.TypedChoiceField(
        label=_("Acts as"),
        help_text=_("A key of its own appears in the audit under its name."),
        coerce=int,
        empty_value=None,
        required=False,
    )
    agent = forms.TypedChoiceField(
        label=_("Agent"),
        help_text=_("Only for the role agent."),
        coerce=int,
        empty_value=None,
        required=False,
    )
    expires_on = forms.DateField(
        label=_("Works until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, members: Choices, agents: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = [("", _("Itself")), *members]  # type: ignore[attr-defined]
        self.fields["agent"].choices = [("", _("Nobody")), *agents]  # type: ignore[attr-defined]


class JoinForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=255)
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 8 characters, not a common word."),
        max_length=255,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
