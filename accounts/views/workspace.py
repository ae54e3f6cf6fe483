"""Settings: the workspace itself, its keys and its audit."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import selectors
from accounts.access import Capability, Role
from accounts.choices import offered
from accounts.forms import KeyForm, WorkspaceForm
from accounts.services import keys, settings
from accounts.views.forms import SettingsPage, named
from accounts.views.pages import page_links
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.errors import Conflict
from common.paging import page


class WorkspaceSettingsPage(SettingsPage):
    tab = "workspace"
    template_name = "accounts/workspace.html"

    def form(self, data: Any = None) -> WorkspaceForm:
        plans = offered(self.actor, "headline_plan_id")
        return WorkspaceForm(data, instance=selectors.settings_of(self.actor), plans=plans)

    def save(self, form: WorkspaceForm) -> HttpResponse:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        settings.update_settings(actor=self.actor, changes=changes)
        messages.success(self.request, _("Saved."))
        return redirect("settings", self.actor.workspace.slug)


class KeysPage(SettingsPage):
    """The secret of a new key is on the answer to its POST and nowhere else."""

    tab = "keys"
    template_name = "accounts/keys.html"

    def form(self, data: Any = None) -> KeyForm:
        people = selectors.members(self.actor).filter(deactivated_at=None).order_by("name")
        return KeyForm(data, members=named(people), agents=named(selectors.agents(self.actor)))

    def context(self) -> dict[str, Any]:
        return {"keys": selectors.api_keys(self.actor).order_by("revoked_at", "name", "pk")}

    def save(self, form: KeyForm) -> HttpResponse:
        said, actor = form.cleaned_data, self.actor
        member, agent, last_day = said["member"], said["agent"], said["expires_on"]
        zone = ZoneInfo(actor.workspace.timezone)
        key, secret = keys.create_key(
            actor=actor,
            name=said["name"],
            role=Role(said["role"]),
            member=selectors.row_or_missing(selectors.members(actor), member) if member else None,
            agent=selectors.row_or_missing(selectors.agents(actor), agent) if agent else None,
            expires_at=datetime.combine(last_day + timedelta(days=1), time(), zone) if last_day else None,
        )
        answer = self.show(self.form(), new_key=key, secret=secret)
        answer["Cache-Control"] = "no-store"
        return answer


class KeyRevokePage(WorkspacePage):
    capability = Capability.ADMINISTER

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        try:
            key = keys.revoke_key(actor=self.actor, key_id=pk)
            messages.success(request, _("The key %(name)s no longer works.") % {"name": key.name})
        except Conflict as problem:
            messages.error(request, problem.detail)
        return redirect("settings-keys", slug)


class AuditPage(WorkspaceTemplatePage):
    capability = Capability.ADMINISTER
    tab = "audit"
    template_name = "accounts/audit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        action = self.request.GET.get("action", "")
        events = selectors.audit_events(self.actor)
        actions = events.order_by("action").values_list("action", flat=True).distinct()
        rows = events.filter(action=action) if action in actions else events
        found = page(rows, ("-id",), cursor=self.request.GET.get("cursor"))
        shown = {"events": found.rows, "actions": list(actions), "action": action}
        return super().get_context_data(**kwargs) | shown | page_links(self.request, found)
