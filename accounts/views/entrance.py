"""Coming in: the list of one's workspaces, and invitations."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from accounts import selectors
from accounts.forms import JoinForm, show_problem
from accounts.models import Invitation, User
from accounts.services import invitations
from common.errors import Invalid

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class HomePage(View):
    """One's workspaces; with a single one, that one; for strangers the log-in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path()) if request.GET else redirect("account_login")
        found = list(selectors.workspaces_of(request.user))
        if len(found) == 1:
            return redirect("workspace-home", found[0].slug)
        return render(request, "accounts/home.html", {"workspaces": found})


class InvitationPage(View):
    """Whoever has no log-in yet gives a name and a password; whoever has one logs in and joins."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = selectors.invitation(token)
        return self.show(invitation, JoinForm(initial={"name": invitation.member.name}))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = selectors.invitation(token)
        user = request.user if isinstance(request.user, User) else None
        if selectors.user_by_email(invitation.member.email) is not None:
            member = invitations.accept_invitation(token=token, user=user)
            return redirect("workspace-home", member.workspace.slug)
        form = JoinForm(request.POST)
        if form.is_valid():
            try:
                member = invitations.accept_invitation(token=token, user=user, **form.cleaned_data)
            except Invalid as problem:
                show_problem(form, problem)
            else:
                login(request, member.user, backend=BACKEND)
                return redirect("workspace-home", member.workspace.slug)
        return self.show(invitation, form, status=422)

    def show(self, invitation: Invitation, form: JoinForm, status: int = 200) -> HttpResponse:
        known = selectors.user_by_email(invitation.member.email)
        context: dict[str, Any] = {
            "invited": invitation.member,
            "form": form,
            "known": known,
            "is_known": known is not None and known == self.request.user,
        }
        return render(self.request, "accounts/invitation.html", context, status=status)
