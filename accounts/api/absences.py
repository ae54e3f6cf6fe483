"""Who is away when, over the API."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.access import Capability
from accounts.api.people import LISTED, parsed
from accounts.serializers import AbsenceIn, AbsenceOut
from accounts.services import absences
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or
from common.refs import Ref, ids_of, refs_in, resolve


class AbsenceListAPI(WorkspaceAPIView):
    capabilities = {"GET": Capability.GRADE_ASSIGNED, "POST": Capability.GRADE_ASSIGNED}

    @extend_schema(responses=AbsenceOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """One's own, and everybody's for who plans; of these members, touching these days."""
        query = request.query_params
        params.check_known(query, LISTED | {"member", "from", "to"})
        rows = selectors.find_absences(
            self.actor,
            member_ids=ids_of(selectors.members(self.actor), refs_in(query, "member"), "member"),
            first=params.day(query, "from"),
            last=params.day(query, "to"),
        )
        rows, order = since_or(request, rows, ("id",))
        return paged(request, rows, order, lambda row: AbsenceOut(row).data)

    @extend_schema(request=AbsenceIn, responses={201: AbsenceOut})
    def post(self, request: Request, slug: str) -> Response:
        body, actor = parsed(AbsenceIn, request), self.actor
        member = body.get("member") or Ref(id=actor.member_id)
        absence = absences.add_absence(
            actor=actor,
            member_id=resolve(selectors.members(actor), member, "/member").pk,
            starts_on=body["starts_on"],
            ends_on=body["ends_on"],
            note=body.get("note", ""),
        )
        return Response(AbsenceOut(absence).data, status=201)


class AbsenceAPI(WorkspaceAPIView):
    capabilities = {"DELETE": Capability.GRADE_ASSIGNED}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        absences.remove_absence(actor=self.actor, absence_id=pk)
        return Response(status=204)
