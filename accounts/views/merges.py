"""Settings: agents who turn out to be one person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import selectors
from accounts.access import Capability
from accounts.models import Agent
from accounts.selectors.merges import Preview, candidates, merge_preview
from accounts.services import merging
from accounts.views_base import WorkspacePage
from common.errors import Conflict


class AgentMergePage(WorkspacePage):
    """Choose who the agent turned out to be, see what would move, and let it."""

    capability = Capability.ADMINISTER
    tab = "agents"

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        agent, q = self.agent(), request.GET.get("q", "").replace("\0", "").strip()
        other = self.other(request.GET.get("into", ""))
        if other is not None:
            return self.preview(agent, other)
        found = [(one, selectors.team_now(one)) for one in candidates(self.actor, agent, q)]
        return self.show(agent, q=q, found=found)

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        agent, other = self.agent(), self.other(request.POST.get("into", ""))
        if other is None:
            return redirect("settings-agent-merge", slug, pk)
        try:
            merge = merging.merge_agent(actor=self.actor, agent_id=pk, into_id=other.pk)
        except Conflict:
            return self.preview(agent, other, status=409)
        said = {"merged": merge.merged, "into": merge.into}
        messages.success(request, _("%(merged)s is %(into)s from now on.") % said)
        return redirect("settings-agent", slug, merge.into_id)

    def agent(self) -> Agent:
        return selectors.row_or_missing(selectors.agents_with_team(self.actor), self.kwargs["pk"])

    def other(self, given: str) -> Agent | None:
        """The agent that the address or the form names; None where it names none."""
        pk = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
        rows = selectors.agents_with_team(self.actor)
        return selectors.row_or_missing(rows, pk) if pk is not None else None

    def preview(self, agent: Agent, other: Agent, status: int = 200) -> HttpResponse:
        """What would move, and the teams of both, which do not."""
        found = merge_preview(self.actor, agent.pk, other.pk)
        teams = {"merged_team": selectors.team_now(agent), "into_team": selectors.team_now(other)}
        return self.show(agent, status, found, **teams)

    def show(
        self, agent: Agent, status: int = 200, preview: Preview | None = None, **context: Any
    ) -> HttpResponse:
        context |= {"agent": agent, "preview": preview, "view": self}
        return render(self.request, "accounts/agent_merge.html", context, status=status)


class AgentUnmergePage(WorkspacePage):
    capability = Capability.ADMINISTER

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        try:
            undone = merging.unmerge_agent(actor=self.actor, agent_id=pk)
        except Conflict as problem:
            messages.error(request, problem.detail)
        else:
            messages.success(request, _undone_in_words(undone))
        return redirect("settings-agent", slug, pk)


def _undone_in_words(undone: merging.Undone) -> str:
    said: dict[str, Any] = {"merged": undone.merge.merged, "into": undone.merge.into.person}
    words = _("%(merged)s stands for himself again, with everything that had moved.") % said
    late = sum(count.rows for count in undone.stayed)
    if not late:
        return words
    stayed = ngettext(
        "%(rows)d row that came since stays with %(into)s.",
        "%(rows)d rows that came since stay with %(into)s.",
        late,
    )
    return f"{words} {stayed % (said | {'rows': late})}"
