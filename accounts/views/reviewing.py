"""Settings: what people review, their goals, and when they are away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policies, selectors
from accounts.access import Capability
from accounts.choices import offered
from accounts.forms import show_problem
from accounts.models import Member
from accounts.reviewing_forms import LISTS, AbsenceForm, ProfileForm
from accounts.services import absences, members, profiles
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.errors import Invalid
from common.periods import local_date

SHOWN_BEFORE = timedelta(days=30)


class ReviewersPage(WorkspaceTemplatePage):
    """Who reviews what, how much, and who is away."""

    capability = Capability.PLAN_MANAGE
    tab = "reviewers"
    template_name = "accounts/reviewers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = local_date(timezone.now(), self.actor.workspace.timezone)
        people = selectors.reviewers(self.actor)
        return super().get_context_data(**kwargs) | {"people": people, "today": today}


class OneReviewer(WorkspacePage):
    """What the pages about one person's reviewing share: a form of the profile, and one of absences."""

    def person(self) -> Member:
        """Whom the address names: the actor himself where it names nobody."""
        rows = selectors.members(self.actor).select_related("workspace")
        return selectors.row_or_missing(rows, self.kwargs.get("pk") or self.actor.member_id or 0)

    def is_own(self, person: Member) -> bool:
        return person.pk == self.actor.member_id

    def plans_for(self, person: Member) -> bool:
        return policies.may_plan_for(self.actor, selectors.teams_of_member(person))

    def profile_form(self, person: Member, data: Any = None) -> ProfileForm | None:
        """All for who plans for him, languages and goal for himself, none for others."""
        lists: tuple[str, ...] = LISTS
        if not self.plans_for(person):
            if not self.is_own(person):
                return None
            lists = tuple(name for name in LISTS if name in profiles.OWN_FIELDS)
        offers = {name: offered(self.actor, name) for name in lists}
        return ProfileForm(data, member=person, offers=offers, lists=lists)

    def show(
        self,
        person: Member,
        profile: ProfileForm | None,
        absence: AbsenceForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        since = local_date(timezone.now(), self.actor.workspace.timezone) - SHOWN_BEFORE
        context = {
            "person": person,
            "own": self.is_own(person),
            "form": profile,
            "given": [name for name in LISTS if profile is None or name not in profile.lists],
            "absence_form": absence or AbsenceForm(),
            "absences": selectors.find_absences(self.actor, member_ids=[person.pk], first=since),
            "view": self,
        }
        return render(self.request, "accounts/reviewing.html", context, status=status)

    def back(self, person: Member) -> HttpResponse:
        slug = self.actor.workspace.slug
        if self.is_own(person):
            return redirect("settings-reviewing", slug)
        return redirect("settings-reviewer", slug, person.pk)

    @property
    def tab(self) -> str:
        return "reviewers" if self.kwargs.get("pk") else "reviewing"


class ReviewingPage(OneReviewer):
    """One's own: languages, goal, absences."""

    capability = Capability.GRADE_ASSIGNED

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = self.person()
        return self.show(person, self.profile_form(person))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = self.person()
        form = self.profile_form(person, request.POST)
        if form is None:
            raise profiles.refusal(member=person)
        if form.is_valid():
            try:
                self.save(person, form.changes())
            except Invalid as problem:
                show_problem(form, problem)
            else:
                messages.success(request, _("Saved."))
                return self.back(person)
        return self.show(person, form, status=422)

    def save(self, person: Member, changes: profiles.ProfileChanges) -> None:
        if self.plans_for(person):
            members.update_member(
                actor=self.actor, member_id=person.pk, changes=cast(members.MemberChanges, changes)
            )
        else:
            profiles.update_own_profile(actor=self.actor, changes=changes)


class ReviewerPage(ReviewingPage):
    """Another's: all of it for who plans for his teams."""

    capability = Capability.PLAN_MANAGE

    def save(self, person: Member, changes: profiles.ProfileChanges) -> None:
        members.update_member(
            actor=self.actor, member_id=person.pk, changes=cast(members.MemberChanges, changes)
        )


class AbsenceAddPage(OneReviewer):
    capability = Capability.GRADE_ASSIGNED

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person, form = self.person(), AbsenceForm(request.POST)
        if form.is_valid():
            try:
                absences.add_absence(actor=self.actor, member_id=person.pk, **form.cleaned_data)
                return self.back(person)
            except Invalid as problem:
                show_problem(form, problem)
        return self.show(person, self.profile_form(person), form, status=422)


class AbsenceRemovePage(OneReviewer):
    capability = Capability.GRADE_ASSIGNED

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        absence = absences.remove_absence(actor=self.actor, absence_id=pk)
        return self.back(absence.member)
