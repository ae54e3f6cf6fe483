"""calibration/: sessions, their conversations, grading, comparison, notes and decisions."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or
from qa_reviews.api.reviews import ReviewView
from qa_reviews.selectors import calibration as selectors
from qa_reviews.serializers.calibration import (
    CalibrationChangeIn,
    CalibrationComparedOut,
    CalibrationConversationIn,
    CalibrationDecisionIn,
    CalibrationDecisionOut,
    CalibrationDetailOut,
    CalibrationIn,
    CalibrationNoteIn,
    CalibrationNoteOut,
    CalibrationOut,
)
from qa_reviews.serializers.reviews import ReviewDetailOut
from qa_reviews.services import calibration as services

GRADE, PLAN = Capability.GRADE, Capability.PLAN_MANAGE
LISTED = params.PAGING | {"updated_since"}


class CalibrationView(WorkspaceAPIView):
    """How a session is shown."""

    def shown(self, session_id: int, status: int = 200) -> Response:
        session = selectors.session(self.actor, session_id)
        context = {
            "actor": self.actor,
            "rows": selectors.rows_of(self.actor, session),
            "own": selectors.own_reviews(self.actor, session),
            "standing": selectors.standing(self.actor, session),
        }
        return Response(CalibrationDetailOut(session, context=context).data, status=status)


class CalibrationListApi(CalibrationView):
    capabilities = {"GET": GRADE, "POST": PLAN}

    @extend_schema(responses=CalibrationOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, LISTED)
        rows, order = since_or(request, selectors.sessions(self.actor), ("-id",))
        context = {"actor": self.actor}
        return paged(request, rows, order, lambda row: CalibrationOut(row, context=context).data)

    @extend_schema(request=CalibrationIn, responses={201: CalibrationDetailOut})
    def post(self, request: Request, slug: str) -> Response:
        body = CalibrationIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = services.SessionInput(**body.validated_data)
        return self.shown(services.create_session(actor=self.actor, given=given).pk, 201)


class CalibrationApi(CalibrationView):
    capabilities = {"GET": GRADE, "PATCH": PLAN, "DELETE": PLAN}

    @extend_schema(responses=CalibrationDetailOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.shown(pk)

    @extend_schema(request=CalibrationChangeIn, responses=CalibrationDetailOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        body = CalibrationChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        services.change_session(
            actor=self.actor,
            session_id=pk,
            changes=body.validated_data,
            if_match=request.headers.get("If-Match"),
        )
        return self.shown(pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        services.delete_session(actor=self.actor, session_id=pk, if_match=request.headers.get("If-Match"))
        return Response(status=204)


class CalibrationMoveApi(CalibrationView):
    capabilities = {"POST": PLAN}
    move: ClassVar[services.Move]

    @extend_schema(request=None, responses=CalibrationDetailOut)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        self.move(actor=self.actor, session_id=pk, if_match=request.headers.get("If-Match"))
        return self.shown(pk)


class CalibrationOpenApi(CalibrationMoveApi):
    move = staticmethod(services.open_session)


class CalibrationDiscussApi(CalibrationMoveApi):
    move = staticmethod(services.begin_discussion)


class CalibrationCloseApi(CalibrationMoveApi):
    move = staticmethod(services.close_session)


class CalibrationConversationsApi(CalibrationView):
    capabilities = {"POST": PLAN}

    @extend_schema(request=CalibrationConversationIn, responses={201: CalibrationDetailOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = CalibrationConversationIn(data=request.data)
        body.is_valid(raise_exception=True)
        services.add_conversation(actor=self.actor, session_id=pk, **body.validated_data)
        return self.shown(pk, 201)


class CalibrationConversationApi(CalibrationView):
    capabilities = {"DELETE": PLAN}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int, row: int) -> Response:
        services.remove_conversation(actor=self.actor, session_id=pk, row_id=row)
        return Response(status=204)


class CalibrationGradeApi(ReviewView):
    """The caller's own review there, begun now or earlier; it is saved and submitted as any review."""

    capabilities = {"POST": GRADE}

    @extend_schema(request=None, responses=ReviewDetailOut)
    def post(self, request: Request, slug: str, pk: int, row: int) -> Response:
        return self.shown(services.grade(actor=self.actor, session_id=pk, row_id=row).pk)


class CalibrationComparisonApi(WorkspaceAPIView):
    """What everybody gave, the most different first; nothing before the session is talked over."""

    capabilities = {"GET": GRADE}

    @extend_schema(responses=CalibrationComparedOut(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        session = selectors.session(self.actor, pk)
        return Response(CalibrationComparedOut(selectors.compared(self.actor, session), many=True).data)


class CalibrationNotesApi(WorkspaceAPIView):
    capabilities = {"POST": GRADE}

    @extend_schema(request=CalibrationNoteIn, responses={201: CalibrationNoteOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = CalibrationNoteIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        note = services.write_note(actor=self.actor, session_id=pk, row_id=given.pop("conversation"), **given)
        return Response(CalibrationNoteOut(note).data, status=201)


class CalibrationDecisionsApi(WorkspaceAPIView):
    capabilities = {"GET": GRADE, "POST": PLAN}

    @extend_schema(responses=CalibrationDecisionOut(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        session = selectors.session(self.actor, pk)
        return Response(CalibrationDecisionOut(selectors.decided_in(self.actor, session), many=True).data)

    @extend_schema(request=CalibrationDecisionIn, responses={201: CalibrationDecisionOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        body = CalibrationDecisionIn(data=request.data)
        body.is_valid(raise_exception=True)
        decision = services.record_decision(actor=self.actor, session_id=pk, **body.validated_data)
        return Response(CalibrationDecisionOut(decision).data, status=201)
