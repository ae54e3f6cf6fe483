"""Pages of calibration sessions: the list, one session, and what is done in it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from accounts.access import Capability
from accounts.forms import Choices
from accounts.views_base import WorkspacePage, WorkspaceTemplatePage
from common.errors import Conflict, Invalid, Problem
from common.refs import Ref
from qa_reviews.calibration_forms import AddForm, DecisionForm, NoteForm
from qa_reviews.models import CalibrationSession
from qa_reviews.policies.calibration import may_plan_for, session_actions
from qa_reviews.selectors import calibration as selectors
from qa_reviews.services import calibration as services
from scorecards.selectors import definition_of

PLAN = Capability.PLAN_MANAGE
STATES = {
    CalibrationSession.State.DRAFT.value: gettext_lazy("Being set up"),
    CalibrationSession.State.OPEN.value: gettext_lazy("Being graded"),
    CalibrationSession.State.DISCUSSING.value: gettext_lazy("Being talked over"),
    CalibrationSession.State.CLOSED.value: gettext_lazy("Closed"),
}


class CalibrationListPage(WorkspaceTemplatePage):
    capability = Capability.GRADE
    template_name = "qa_reviews/calibrations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(selectors.sessions(self.actor).order_by("-pk"))
        missing = selectors.missing(self.actor, rows)
        lines = [
            {"session": row, "state": STATES[row.state], "missing": missing.get(row.pk, [])} for row in rows
        ]
        plans = self.actor.can(PLAN)
        return super().get_context_data(**kwargs) | {"lines": lines, "plans": plans}


class CalibrationPage(WorkspaceTemplatePage):
    """One session, as far as its state lets the actor see it."""

    capability = Capability.GRADE
    template_name = "qa_reviews/calibration.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        session = selectors.session(self.actor, self.kwargs["pk"])
        people = [each.member_id for each in session.participants.all()]
        may = session_actions(self.actor, session, people)
        own = selectors.own_reviews(self.actor, session)
        categories = categories_of(session)
        return super().get_context_data(**kwargs) | {
            "session": session,
            "state": STATES[session.state],
            "may": may,
            "leads": may_plan_for(self.actor, session.team_id).allowed,
            "takes_part": self.actor.member_id in people,
            "standing": selectors.standing(self.actor, session),
            "rows": [(row, own.get(row.pk)) for row in selectors.rows_of(self.actor, session)],
            "compared": selectors.compared(self.actor, session),
            "decisions": self.decisions(session, dict(categories)),
            "proposed": selectors.proposed(self.actor, session) if "update" in may else [],
            "add_form": AddForm(),
            "note_form": NoteForm(categories=categories, auto_id=False) if "note" in may else None,
            "decision_form": DecisionForm(categories=categories) if "decide" in may else None,
        }

    def decisions(self, session: CalibrationSession, names: dict[str, str]) -> list[tuple[str, Any]]:
        found = selectors.decided_in(self.actor, session)
        return [(names.get(each.category, each.category), each) for each in found]


def categories_of(session: CalibrationSession) -> Choices:
    """Key and name of what is graded; nothing before the session has a version."""
    if session.version is None:
        return []
    return [(each.key, each.name) for each in definition_of(session.version).categories]


class CalibrationAction(WorkspacePage):
    """One press in a session; a refusal is told on its page."""

    capability = PLAN
    done: ClassVar[Any] = ""

    def act(self, request: HttpRequest) -> HttpResponse | None:
        raise NotImplementedError

    def post(self, request: HttpRequest, slug: str, pk: int, **kwargs: int) -> HttpResponse:
        try:
            answer = self.act(request)
            if self.done:
                messages.success(request, self.done)
        except (Conflict, Invalid) as problem:
            answer = None
            for text in _told(problem):
                messages.error(request, text)
        return answer or redirect("calibration", slug, pk)


def _told(problem: Problem) -> list[str]:
    return [error.detail for error in problem.errors] or [problem.detail]


class CalibrationMove(CalibrationAction):
    move: ClassVar[services.Move]

    def act(self, request: HttpRequest) -> None:
        self.move(actor=self.actor, session_id=self.kwargs["pk"])


class CalibrationOpenPage(CalibrationMove):
    move = staticmethod(services.open_session)
    done = gettext_lazy("Open: everybody who takes part was told.")


class CalibrationDiscussPage(CalibrationMove):
    move = staticmethod(services.begin_discussion)
    done = gettext_lazy("All grades are shown to everybody who takes part.")


class CalibrationClosePage(CalibrationMove):
    move = staticmethod(services.close_session)
    done = gettext_lazy("The session is closed. Its decisions stand beside their categories.")


class CalibrationDeletePage(CalibrationAction):
    done = gettext_lazy("The session was thrown away.")

    def act(self, request: HttpRequest) -> HttpResponse:
        services.delete_session(actor=self.actor, session_id=self.kwargs["pk"])
        return redirect("calibration-list", self.actor.workspace.slug)


class CalibrationConversationAdd(CalibrationAction):
    """By its id (`conversation`), or the number that its source knows it by."""

    done = gettext_lazy("Added.")

    def act(self, request: HttpRequest) -> None:
        pk = request.POST.get("conversation", "")
        form = AddForm(request.POST)
        number = form.cleaned_data["external_id"] if form.is_valid() else ""
        ref = Ref(id=int(pk[:18])) if pk.isdecimal() else Ref(external_id=number)
        services.add_conversation(actor=self.actor, session_id=self.kwargs["pk"], conversation=ref)


class CalibrationConversationRemove(CalibrationAction):
    done = gettext_lazy("Taken out.")

    def act(self, request: HttpRequest) -> None:
        services.remove_conversation(
            actor=self.actor, session_id=self.kwargs["pk"], row_id=self.kwargs["row"]
        )


class CalibrationGradePage(CalibrationAction):
    """To the workbench, on the actor's own draft."""

    capability = Capability.GRADE

    def act(self, request: HttpRequest) -> HttpResponse:
        review = services.grade(actor=self.actor, session_id=self.kwargs["pk"], row_id=self.kwargs["row"])
        return redirect("review-edit", self.actor.workspace.slug, review.pk)


class CalibrationNotePage(CalibrationAction):
    capability = Capability.GRADE

    def act(self, request: HttpRequest) -> HttpResponse:
        row = self.kwargs["row"]
        services.write_note(
            actor=self.actor,
            session_id=self.kwargs["pk"],
            row_id=row,
            category=request.POST.get("category", ""),
            text=request.POST.get("text", ""),
        )
        page = redirect("calibration", self.actor.workspace.slug, self.kwargs["pk"])
        page["Location"] += f"#calibrated-{row}"
        return page


class CalibrationDecisionPage(CalibrationAction):
    done = gettext_lazy("Recorded. It is shown wherever this category is graded.")

    def act(self, request: HttpRequest) -> None:
        services.record_decision(
            actor=self.actor,
            session_id=self.kwargs["pk"],
            category=request.POST.get("category", ""),
            text=request.POST.get("text", ""),
        )
