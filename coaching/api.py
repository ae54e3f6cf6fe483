"""The API of coaching: parse, call one service or selector, render."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors as accounts
from accounts.access import Capability
from accounts.api.people import parsed
from accounts.models import Member
from accounts.serializers import JobOut
from accounts.views_base import WorkspaceAPIView
from coaching import policies
from coaching.lifecycle import Move
from coaching.models import Assignment
from coaching.selectors import assignments as found
from coaching.selectors import rules as known
from coaching.selectors import runs as passes
from coaching.serializers import (
    AssignIn,
    AssignmentOut,
    CoachingRuleOut,
    CoachingRunDetailOut,
    CoachingRunOut,
    CompleteIn,
    DismissIn,
    RuleIn,
    RulePatch,
    RunIn,
    RunRequestedOut,
)
from coaching.services import assignments, rules, runs
from common import params
from common.api import paged, since_or
from common.refs import Ref, ids_of, refs_in, resolve

READ, MANAGE, RULES = Capability.COACHING_READ, Capability.COACHING_MANAGE, Capability.COACHING_RULES
LISTED = params.PAGING | {"updated_since"}


class CoachingAPI(WorkspaceAPIView):
    """Base: how coaching's rows are shown, and how a coach is named."""

    def member(self, given: Ref | None) -> Member | None:
        return resolve(accounts.members(self.actor), given, "/coach") if given else None

    def show(self, shape: type[Any], row: Any) -> dict[str, Any]:
        shown: dict[str, Any] = shape(row, context={"actor": self.actor}).data
        return shown


class RuleListAPI(CoachingAPI):
    capabilities = {"GET": MANAGE, "POST": RULES}

    @extend_schema(responses=CoachingRuleOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, LISTED)
        rows, order = since_or(request, known.rules(self.actor), ("id",))
        return paged(request, rows, order, lambda row: self.show(CoachingRuleOut, row))

    @extend_schema(request=RuleIn, responses={201: CoachingRuleOut})
    def post(self, request: Request, slug: str) -> Response:
        given = parsed(RuleIn, request)
        given["coach"] = self.member(given.get("coach"))
        rule = rules.create_rule(actor=self.actor, given=rules.RuleFields(**given))
        return Response(self.show(CoachingRuleOut, rule), status=201)


class RuleAPI(CoachingAPI):
    capabilities = {"GET": MANAGE, "PATCH": RULES, "DELETE": RULES}

    @extend_schema(responses=CoachingRuleOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(self.show(CoachingRuleOut, known.rule(self.actor, pk)))

    @extend_schema(request=RulePatch, responses=CoachingRuleOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        accounts.row_or_missing(known.rules(self.actor), pk)
        given = parsed(RulePatch, request)
        if "coach" in given:
            given["coach"] = self.member(given["coach"])
        if_match = request.headers.get("If-Match")
        rule = rules.change_rule(actor=self.actor, rule_id=pk, changes=given, if_match=if_match)
        return Response(self.show(CoachingRuleOut, rule))

    @extend_schema(responses={204: None}, description="Switches the rule off; what it proposed stays.")
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        rules.deactivate_rule(actor=self.actor, rule_id=pk, if_match=request.headers.get("If-Match"))
        return Response(status=204)


class ProposalsRunAPI(CoachingAPI):
    capabilities = {"POST": MANAGE}

    @extend_schema(request=RunIn, responses={202: RunRequestedOut})
    def post(self, request: Request, slug: str) -> Response:
        given = parsed(RunIn, request)
        run, job = runs.request_run(
            actor=self.actor, period=given["period"], period_start=given["period_start"]
        )
        shown = self.show(CoachingRunDetailOut, passes.run(self.actor, run.pk))
        return Response({"job": JobOut(job).data, "run": shown}, status=202)


class RunListAPI(CoachingAPI):
    capabilities = {"GET": MANAGE}

    @extend_schema(responses=CoachingRunOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, params.PAGING)
        rows = passes.runs(self.actor)
        return paged(request, rows, ("-id",), lambda row: self.show(CoachingRunOut, row))


class RunAPI(CoachingAPI):
    capabilities = {"GET": MANAGE}

    @extend_schema(responses=CoachingRunDetailOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(self.show(CoachingRunDetailOut, passes.run(self.actor, pk)))


class AssignmentListAPI(CoachingAPI):
    capabilities = {"GET": READ}

    @extend_schema(responses=AssignmentOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        query, actor = request.query_params, self.actor
        params.check_known(query, LISTED | {"agent", "team", "rule", "state"})
        rows = found.find(
            actor,
            agent_ids=ids_of(accounts.agents(actor), refs_in(query, "agent"), "agent"),
            team_ids=ids_of(accounts.teams(actor), refs_in(query, "team"), "team"),
            rule_ids=ids_of(known.rules(actor), refs_in(query, "rule"), "rule"),
            states=params.any_of(query, "state", Assignment.State.values),
        )
        rows, order = since_or(request, rows, ("-id",))
        return paged(request, rows, order, lambda row: self.show(AssignmentOut, row))


class AssignmentAPI(CoachingAPI):
    capabilities = {"GET": READ}

    @extend_schema(responses=AssignmentOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(self.show(AssignmentOut, found.assignment(self.actor, pk)))


class MoveAPI(CoachingAPI):
    """Base of the moves. What is not visible is not there (404), and what is not his to do is refused (403),
    before the body is looked at."""

    capabilities = {"POST": READ}
    move: ClassVar[Move]

    def given(self, request: Request, pk: int) -> dict[str, Any]:
        """What every move is told."""
        policies.may(self.actor, found.assignment(self.actor, pk), self.move).demand()
        return {"actor": self.actor, "assignment_id": pk, "if_match": request.headers.get("If-Match")}

    def done(self, pk: int) -> Response:
        return Response(self.show(AssignmentOut, found.assignment(self.actor, pk)))


class AssignAPI(MoveAPI):
    move = Move.ASSIGN

    @extend_schema(request=AssignIn, responses={200: AssignmentOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        given, body = self.given(request, pk), parsed(AssignIn, request)
        coach = self.member(body.get("coach"))
        assignments.assign(**given, coach=coach, due_on=body.get("due_on"))
        return self.done(pk)


class AcknowledgeAPI(MoveAPI):
    move = Move.ACKNOWLEDGE

    @extend_schema(request=None, responses={200: AssignmentOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        assignments.acknowledge(**self.given(request, pk))
        return self.done(pk)


class StartAPI(MoveAPI):
    move = Move.START

    @extend_schema(request=None, responses={200: AssignmentOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        assignments.start(**self.given(request, pk))
        return self.done(pk)


class CompleteAPI(MoveAPI):
    move = Move.COMPLETE

    @extend_schema(request=CompleteIn, responses={200: AssignmentOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        given, body = self.given(request, pk), parsed(CompleteIn, request)
        assignments.complete(**given, outcome=body.get("outcome", ""))
        return self.done(pk)


class DismissAPI(MoveAPI):
    move = Move.DISMISS

    @extend_schema(request=DismissIn, responses={200: AssignmentOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        given, body = self.given(request, pk), parsed(DismissIn, request)
        assignments.dismiss(**given, reason=body["reason"])
        return self.done(pk)
