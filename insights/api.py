"""The numbers' endpoints: read the question, ask a selector, write the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Actor, Capability
from accounts.views_base import WorkspaceAPIView
from insights import parameters, selectors
from insights.query import Query
from insights.selectors import CsatRow, IqsRow, TimesRow
from insights.serializers import (
    PARAMETERS,
    RAMP_PARAMETERS,
    CsatAnswer,
    IqsAnswer,
    RampAnswer,
    TimesAnswer,
    csat_json,
    iqs_json,
    ramp_json,
    times_json,
)

Row = IqsRow | CsatRow | TimesRow


class NumbersView(WorkspaceAPIView):
    """One kind of number, read live."""

    capabilities = {"GET": Capability.NUMBERS_READ}
    read: ClassVar[Callable[[Actor, Query], Sequence[Any]]]
    show: ClassVar[Callable[[Any], dict[str, Any]]]

    def answer(self, request: Request) -> Response:
        """{"results", "as_of"}, ordered by period and name."""
        as_of = timezone.now()
        query = parameters.read(self.actor, request.query_params)
        rows = type(self).read(self.actor, query)
        names = selectors.names_of(self.actor, query.group_by, [row.key for row in rows])
        rows = sorted(rows, key=lambda row: (str(row.period_start), names.order(row.key)))
        results = [
            names.json(row.key) | {"period_start": row.period_start} | type(self).show(row) for row in rows
        ]
        return Response({"results": results, "as_of": as_of})


class IqsView(NumbersView):
    read, show = selectors.iqs, iqs_json

    @extend_schema(parameters=PARAMETERS, responses=IqsAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """Reviews counted, their plain mean, and the estimate of all work (statistics: IQS)."""
        return self.answer(request)


class CsatView(NumbersView):
    read, show = selectors.csat, csat_json

    @extend_schema(parameters=PARAMETERS, responses=CsatAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """What the customers who answered said. `plan`, `selection` and `kind` speak of reviews and leave
        answers as they are."""
        return self.answer(request)


class FirstResponseView(NumbersView):
    read, show = selectors.first_response, times_json

    @extend_schema(parameters=PARAMETERS, responses=TimesAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """Seconds to the first answer, by the day of closing: computed from the messages, and as reported by
        the source. Zero and negative times are excluded and counted."""
        return self.answer(request)


class RampView(WorkspaceAPIView):
    """How new agents come along; for those who lead."""

    capabilities = {"GET": Capability.NUMBERS_READ_ALL}

    @extend_schema(parameters=RAMP_PARAMETERS, responses=RampAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """The IQS of those who started in the same quarter or month, in steps of 30 days since they started.
        Groups of fewer than three agents get no number."""
        as_of = timezone.now()
        asked = parameters.read_ramp(self.actor, request.query_params)
        found = selectors.ramps(self.actor, asked.cohort, plan_id=asked.plan_id, teams=asked.teams)
        return Response(ramp_json(found) | {"as_of": as_of})


class ResolutionView(NumbersView):
    read, show = selectors.resolution, times_json

    @extend_schema(parameters=PARAMETERS, responses=TimesAnswer)
    def get(self, request: Request, slug: str) -> Response:
        """Seconds from opening to closing, by the day of closing: computed, and as reported by the source.
        Zero and negative times are excluded and counted."""
        return self.answer(request)
