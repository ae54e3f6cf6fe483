"""Pages on which a calibration session is set up, and a conversation is added to one."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import selectors as people
from accounts.access import Actor, Capability
from accounts.views.forms import FormPage, named
from common.errors import Refused, invalid
from common.refs import Ref
from conversations import selectors as conversation_rows
from qa_reviews.calibration_forms import AddToForm, SessionForm
from qa_reviews.models import CalibrationSession
from qa_reviews.policies.calibration import may_change
from qa_reviews.selectors import calibration as selectors
from qa_reviews.selectors.frames import today
from qa_reviews.selectors.graders import graders
from qa_reviews.services import calibration as services
from scorecards.models import ScorecardVersion
from scorecards.selectors import scorecards, standing_versions

USUAL_DAYS = timedelta(days=7)


def session_form(actor: Actor, data: Any, initial: dict[str, Any]) -> SessionForm:
    published = [
        pk for pk, each in standing_versions(actor).items() if each.state == ScorecardVersion.State.PUBLISHED
    ]
    scope = actor.scope(Capability.PLAN_MANAGE)
    teams = people.teams(actor).order_by("name", "pk")
    return SessionForm(
        data,
        initial=initial,
        scorecards=named(scorecards(actor).filter(pk__in=published).order_by("name")),
        teams=named(teams if scope is None else teams.filter(pk__in=scope)),
        members=[(each.id, each.name) for each in graders(actor)],
        whole=scope is None,
    )


class SessionFormPage(FormPage):
    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/calibration_form.html"

    def write(self, given: services.SessionInput) -> CalibrationSession:
        raise NotImplementedError

    def save(self, form: SessionForm) -> HttpResponse:
        try:
            session = self.write(form.as_input())
        except Refused as refused:
            raise invalid("/team", refused.code, refused.detail) from None
        return redirect("calibration", self.actor.workspace.slug, session.pk)


class CalibrationNewPage(SessionFormPage):
    """A new session, begun with the conversation of the page's address (`?conversation=7`), if any."""

    def form(self, data: Any = None) -> SessionForm:
        due = today(self.actor) + USUAL_DAYS
        return session_form(self.actor, data, {"due_on": due.isoformat()})

    def write(self, given: services.SessionInput) -> CalibrationSession:
        session = services.create_session(actor=self.actor, given=given)
        wanted = self.request.GET.get("conversation", "")
        if wanted.isdecimal():
            ref = Ref(id=int(wanted[:18]))
            services.add_conversation(actor=self.actor, session_id=session.pk, conversation=ref)
        return session


class CalibrationEditPage(SessionFormPage):
    """Terms and participants, until it opens."""

    def session(self) -> CalibrationSession:
        session = selectors.session(self.actor, self.kwargs["pk"])
        may_change(self.actor, session).demand()
        return session

    def context(self) -> dict[str, Any]:
        return {"session": self.session()}

    def form(self, data: Any = None) -> SessionForm:
        given = asdict(services.as_input(self.session()))
        return session_form(self.actor, data, given | {"due_on": given["due_on"].isoformat()})

    def write(self, given: services.SessionInput) -> CalibrationSession:
        messages.success(self.request, _("Saved."))
        return services.change_session(actor=self.actor, session_id=self.kwargs["pk"], changes=_terms(given))


def _terms(given: services.SessionInput) -> dict[str, Any]:
    return {name: getattr(given, name) for name in services.SessionInput.__slots__}


class CalibrationAddPage(FormPage):
    """A conversation for one of the sessions that are being set up."""

    capability = Capability.PLAN_MANAGE
    template_name = "qa_reviews/calibration_add.html"

    def context(self) -> dict[str, Any]:
        conversation = conversation_rows.conversation(self.actor, self.kwargs["pk"])
        return {"conversation": conversation, "conversation_id": str(conversation.pk)}

    def form(self, data: Any = None) -> AddToForm:
        rows = selectors.sessions(self.actor).filter(state=CalibrationSession.State.DRAFT).order_by("-pk")
        return AddToForm(data, sessions=named(row for row in rows if may_change(self.actor, row).allowed))

    def save(self, form: AddToForm) -> HttpResponse:
        session_id = form.cleaned_data["session"]
        ref = Ref(id=self.context()["conversation"].pk)
        services.add_conversation(actor=self.actor, session_id=session_id, conversation=ref)
        messages.success(self.request, _("Added."))
        return redirect("calibration", self.actor.workspace.slug, session_id)
