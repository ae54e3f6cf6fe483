"""Settings of notices: everybody's own, and for administrators the workspace's."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views.forms import FormPage, SettingsPage
from accounts.views_base import WorkspacePage
from common.errors import Conflict
from notices import selectors
from notices.forms import ChatForm, KindsForm
from notices.registry import chat_kinds
from notices.services import chat, choices


class PreferencesPage(FormPage):
    capability = Capability.ENTER
    tab = "notices"
    template_name = "notices/preferences.html"

    def form(self, data: Any = None) -> KindsForm:
        return KindsForm(data, rows=selectors.preferences(self.actor))

    def save(self, form: KindsForm) -> HttpResponse:
        choices.set_preferences(actor=self.actor, changes=form.changes())
        messages.success(self.request, _("Saved."))
        return redirect("settings-notices", self.actor.workspace.slug)


class WorkspaceNotices(SettingsPage):
    """The page of both forms; each is posted to a view of its own, and the other is shown as it stands."""

    tab = "notices"
    template_name = "notices/workspace.html"

    def kinds_form(self, data: Any = None) -> KindsForm:
        return KindsForm(data, rows=selectors.defaults(self.actor), lockable=True)

    def chat_form(self, data: Any = None) -> ChatForm:
        row = selectors.chat_webhooks(self.actor).first()
        return ChatForm(data, kinds=chat_kinds(), chosen=row.kinds if row else [])

    def context(self) -> dict[str, Any]:
        row = selectors.chat_webhooks(self.actor).first()
        return {
            "kinds_form": self.kinds_form(),
            "chat_form": self.chat_form(),
            "webhook": row,
            "address": selectors.address_hint(row) if row else "",
            "deliveries": selectors.recent_deliveries(self.actor),
        }


class DefaultsPage(WorkspaceNotices):
    def form(self, data: Any = None) -> KindsForm:
        return self.kinds_form(data)

    def show(self, form: Any, status: int = 200, **extra: Any) -> HttpResponse:
        return super().show(form, status, kinds_form=form, **extra)

    def save(self, form: KindsForm) -> HttpResponse:
        choices.set_defaults(actor=self.actor, changes=form.changes())
        messages.success(self.request, _("Saved."))
        return redirect("settings-notices-workspace", self.actor.workspace.slug)


class ChatPage(WorkspaceNotices):
    def form(self, data: Any = None) -> ChatForm:
        return self.chat_form(data)

    def show(self, form: Any, status: int = 200, **extra: Any) -> HttpResponse:
        return super().show(form, status, chat_form=form, **extra)

    def save(self, form: ChatForm) -> HttpResponse:
        said = form.cleaned_data
        chat.set_chat(actor=self.actor, url=said["url"] or None, kinds=said["kinds"])
        messages.success(self.request, _("Saved. Send a test message to see that it arrives."))
        return redirect("settings-notices-workspace", self.actor.workspace.slug)


class ChatTestPage(WorkspacePage):
    capability = Capability.ADMINISTER

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        try:
            chat.send_test(actor=self.actor)
            messages.success(request, _("A test message is on its way. How it went stands below."))
        except Conflict as problem:
            messages.error(request, problem.detail)
        return redirect("settings-notices-workspace", slug)


class ChatRemovePage(WorkspacePage):
    capability = Capability.ADMINISTER

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        chat.remove_chat(actor=self.actor)
        messages.success(request, _("The chat gets no messages any more."))
        return redirect("settings-notices-workspace", slug)
