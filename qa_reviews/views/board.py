"""The lead's boards: of one draw, and of a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import Capability
from accounts.views.pages import page_links
from accounts.views_base import WorkspaceTemplatePage
from common import params
from common.errors import Invalid
from common.paging import page
from qa_reviews.selectors import board as selectors
from qa_reviews.selectors import draws, plans
from qa_reviews.selectors.board import DrawBoard, PlanBoard
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import graders_like
from qa_reviews.selectors.queue import ORDER
from qa_reviews.services import spreading
from qa_reviews.views.tables import address, heads, ordered, part

NOBODY = "nobody"
AGENT_LABELS = {
    "name": gettext_lazy("Agent"),
    "expected": gettext_lazy("To review"),
    "done": gettext_lazy("Reviewed"),
    "completion": gettext_lazy("Done"),
}
AGENT_NUMBERS = {
    "expected": lambda row: row[1].tally.expected,
    "done": lambda row: row[1].tally.done,
    "completion": lambda row: row[1].tally.completion,
}
AGENT_KEYS = AGENT_NUMBERS | {"name": lambda row: str(row[0]).casefold()}


class BoardPage(WorkspaceTemplatePage):
    """What both boards show, and that all of one reviewer's, or of nobody's, is shared out by one press."""

    capability = Capability.PLAN_MANAGE
    at: ClassVar[str]
    """Where on the page the answer is read."""

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        try:
            _say(request, self.move(request, pk))
        except Invalid as problem:
            messages.error(request, problem.detail)
        return redirect(f"{request.path}#{self.at}")

    def move(self, request: HttpRequest, pk: int) -> list[spreading.Outcome]:
        raise NotImplementedError

    def progress(self, board: DrawBoard | PlanBoard) -> dict[str, Any]:
        settings = self.actor.workspace.settings
        return {
            "board": board,
            "away": [line for line in board.reviewers if line.away and line.work.waiting],
            "line": Decimal(f"{board.needed * 100:f}".rstrip("0").rstrip(".")),
            "today": today(self.actor),
            "range_reviews": settings.min_team_range_reviews,
            "range_agents": settings.min_team_range_agents,
        }


class DrawBoardPage(BoardPage):
    template_name = "qa_reviews/board.html"
    at = "waiting"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        board = selectors.draw_board(self.actor, self.kwargs["pk"])
        sort = query.get("sort", "completion")
        agents = part(query, ordered(board.agents, sort, AGENT_KEYS))
        whose = _whose(query.get("reviewer", ""))
        rows = selectors.waiting_items(self.actor, board.cycle.draw.pk, *whose)
        waiting = page(rows, ORDER, params.limit(query), query.get("cursor"))
        return (
            super().get_context_data(**kwargs)
            | self.progress(board)
            | page_links(self.request, waiting)
            | {
                "draw": board.cycle.draw,
                "progress": board.cycle.progress,
                "agents": agents,
                "heads": heads(query, sort, AGENT_LABELS, AGENT_NUMBERS),
                "items": waiting.rows,
                "shown_reviewer": query.get("reviewer", ""),
                "everybody_url": address(query, reviewer=None, cursor=None),
                "members": self.members(board) if waiting.rows else [],
            }
        )

    def members(self, board: DrawBoard) -> Sequence[tuple[int, str]]:
        """Whom items of the draw may be given to, by name."""
        on = today(self.actor)
        found = graders_like(self.actor, board.cycle.draw.plan, on)
        named = [
            (each.id, _("%(name)s (away)") % {"name": each.name} if each.is_absent(on) else each.name)
            for each in found
        ]
        return sorted(named, key=lambda each: each[1].casefold())

    def move(self, request: HttpRequest, pk: int) -> list[spreading.Outcome]:
        """Hand out the ticked items, or share out all of one reviewer's."""
        draw_id = draws.draw(self.actor, pk).pk
        if "spread" not in request.POST:
            return self.hand_out(request)
        reviewer = _giver(request.POST["spread"])
        return spreading.spread(actor=self.actor, reviewer_id=reviewer, draw_id=draw_id)

    def hand_out(self, request: HttpRequest) -> list[spreading.Outcome]:
        items = [params.whole(value, "item") for value in request.POST.getlist("item")]
        chosen = request.POST.get("reviewer", "")
        reviewer = params.whole(chosen, "reviewer") if chosen else None
        return spreading.hand_out(actor=self.actor, item_ids=items, reviewer_id=reviewer)


class PlanBoardPage(BoardPage):
    template_name = "qa_reviews/plan_board.html"
    at = "who"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        board = selectors.plan_board(self.actor, self.kwargs["pk"])
        context = self.progress(board) | {"plan": board.plan, "progress": board.progress}
        return super().get_context_data(**kwargs) | context

    def move(self, request: HttpRequest, pk: int) -> list[spreading.Outcome]:
        plan_id = plans.plan(self.actor, pk).pk
        reviewer = _giver(request.POST.get("spread", ""))
        return spreading.spread(actor=self.actor, reviewer_id=reviewer, plan_id=plan_id)


def _whose(asked: str) -> tuple[int | None, bool]:
    """Whose items are asked for: a reviewer's (None: everybody's), or nobody's."""
    if asked == NOBODY:
        return None, True
    return (params.whole(asked, "reviewer") if asked else None), False


def _giver(asked: str) -> int | None:
    """Whose items are shared out; None: nobody's."""
    return None if asked == NOBODY else params.whole(asked, "reviewer")


def _say(request: HttpRequest, outcomes: Sequence[spreading.Outcome]) -> None:
    """How many moved, and why the others did not."""
    if not outcomes:
        messages.info(request, _("Nothing was chosen: tick the conversations first."))
        return
    moved = sum(each.moved for each in outcomes)
    if moved:
        words = ngettext("%(n)d conversation moved.", "%(n)d conversations moved.", moved)
        messages.success(request, words % {"n": moved})
    for reason, count in Counter(each.reason for each in outcomes if not each.moved).most_common():
        words = ngettext(
            "%(n)d stays where it is: %(reason)s", "%(n)d stay where they are: %(reason)s", count
        )
        messages.warning(request, words % {"n": count, "reason": reason})
