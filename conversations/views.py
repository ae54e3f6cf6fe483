"""Settings: the words that make a conversation a risk."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts.access import Capability
from accounts.views.forms import SettingsPage
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from conversations import selectors
from conversations.filter_words import CHOICES
from conversations.forms import SignalWordsForm
from conversations.services.signal_words import reset_signal_words, set_signal_words

ANY = "any"  # in an address


def language_name(code: str) -> str:
    """In the reader's language; the code where nobody has a name for it."""
    if code == selectors.ANY_LANGUAGE:
        return _("Any language")
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


class SignalsPage(WorkspaceTemplatePage):
    """All lists, by kind and language."""

    capability = Capability.ADMINISTER
    template_name = "conversations/signals.html"
    tab = "signals"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds: dict[str, list[dict[str, Any]]] = {}
        for each in selectors.signal_word_lists(self.actor):
            row = {"list": each, "name": language_name(each.language), "address": each.language or ANY}
            kinds.setdefault(each.kind, []).append(row)
        shown = [{"kind": kind, "title": CHOICES[kind], "lists": rows} for kind, rows in kinds.items()]
        return super().get_context_data(**kwargs) | {"kinds": shown}


class SignalWordsPage(SettingsPage):
    """One list, to read and to change."""

    template_name = "conversations/signal_words.html"
    tab = "signals"

    @property
    def language(self) -> str:
        return "" if self.kwargs["language"] == ANY else str(self.kwargs["language"])

    def context(self) -> dict[str, Any]:
        found = selectors.signal_word_list(self.actor, self.kwargs["kind"], self.language)
        return {"list": found, "title": CHOICES[found.kind], "name": language_name(found.language)}

    def form(self, data: Any = None) -> SignalWordsForm:
        found = selectors.signal_word_list(self.actor, self.kwargs["kind"], self.language)
        return SignalWordsForm(data, initial={"words": "\n".join(found.words)})

    def save(self, form: SignalWordsForm) -> HttpResponse:
        set_signal_words(
            actor=self.actor, kind=self.kwargs["kind"], language=self.language, words=form.as_words()
        )
        messages.success(self.request, _("Saved. Flags and filters look for these words from now on."))
        return redirect("settings-signals", self.actor.workspace.slug)


class SignalWordsResetPage(WorkspacePage):
    capability = Capability.ADMINISTER

    def post(self, request: HttpRequest, slug: str, kind: str, language: str) -> HttpResponse:
        found = selectors.signal_word_list(self.actor, kind, "" if language == ANY else language)
        reset_signal_words(actor=self.actor, kind=found.kind, language=found.language)
        messages.success(request, _("The default list is back."))
        return redirect("settings-signals", slug)
