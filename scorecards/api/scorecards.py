"""Scorecards and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or
from common.errors import FieldError, Invalid
from scorecards import definition, scoring, selectors, services
from scorecards.bands import band_of
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.serializers import (
    ChangesOut,
    DefinitionIn,
    DryRunIn,
    DryRunOut,
    FindingsOut,
    ScorecardIn,
    ScorecardNameIn,
    ScorecardOut,
    ScorecardTermsIn,
    ScorecardVersionOut,
    VersionIn,
)

READ, WRITE = Capability.SCORECARD_READ, Capability.SCORECARD_WRITE
LISTED = params.PAGING | {"updated_since"}


def parsed(serializer: Any) -> Mapping[str, Any]:
    """The input's values; 422 with pointers otherwise."""
    serializer.is_valid(raise_exception=True)
    values: Mapping[str, Any] = serializer.validated_data
    return values


class ScorecardView(WorkspaceAPIView):
    """Base: how scorecards and versions are shown."""

    def show(self, row: Scorecard) -> dict[str, Any]:
        return ScorecardOut(row, context={"actor": self.actor}).data

    def show_version(self, row: ScorecardVersion) -> dict[str, Any]:
        return ScorecardVersionOut(row, context={"actor": self.actor}).data


class ScorecardListApi(ScorecardView):
    capabilities = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=ScorecardOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        params.check_known(request.query_params, LISTED)
        rows, order = since_or(request, selectors.scorecards(self.actor), ("id",))
        return paged(request, rows, order, self.show)

    @extend_schema(request=ScorecardIn, responses={201: ScorecardOut})
    def post(self, request: Request, slug: str) -> Response:
        given = parsed(ScorecardIn(data=request.data))
        terms = {field: value for field, value in given.items() if field != "definition"}
        scorecard, _ = services.create_scorecard(
            actor=self.actor, name=given["name"], definition=given["definition"], terms=terms
        )
        return Response(self.show(selectors.scorecard(self.actor, scorecard.pk)), status=201)


class ScorecardApi(ScorecardView):
    capabilities = {"GET": READ, "PATCH": WRITE}

    @extend_schema(responses=ScorecardOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(self.show(selectors.scorecard(self.actor, pk)))

    @extend_schema(request=ScorecardTermsIn, responses=ScorecardOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        changes = parsed(ScorecardTermsIn(data=request.data))
        services.update_scorecard(
            actor=self.actor, scorecard_id=pk, changes=changes, if_match=request.headers.get("If-Match")
        )
        return Response(self.show(selectors.scorecard(self.actor, pk)))


class VersionListApi(ScorecardView):
    capabilities = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=ScorecardVersionOut(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        params.check_known(request.query_params, LISTED)
        rows, order = since_or(request, selectors.versions(self.actor, pk), ("number",))
        return paged(request, rows, order, self.show_version)

    @extend_schema(request=VersionIn, responses={201: ScorecardVersionOut})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        given = parsed(VersionIn(data=request.data))
        version = services.add_version(actor=self.actor, scorecard_id=pk, definition=given.get("definition"))
        return Response(self.show_version(version), status=201)


class VersionApi(ScorecardView):
    capabilities = {"GET": READ, "PATCH": WRITE}

    @extend_schema(responses=ScorecardVersionOut)
    def get(self, request: Request, slug: str, pk: int, number: int) -> Response:
        return Response(self.show_version(selectors.version(self.actor, pk, number)))

    @extend_schema(request=DefinitionIn, responses=ScorecardVersionOut)
    def patch(self, request: Request, slug: str, pk: int, number: int) -> Response:
        version = services.change_draft(
            actor=self.actor,
            scorecard_id=pk,
            number=number,
            definition=parsed(DefinitionIn(data=request.data))["definition"],
            if_match=request.headers.get("If-Match"),
        )
        return Response(self.show_version(version))


class VersionPublishApi(ScorecardView):
    capabilities = {"POST": WRITE}

    @extend_schema(request=None, responses={200: ScorecardVersionOut})
    def post(self, request: Request, slug: str, pk: int, number: int) -> Response:
        version = services.publish(
            actor=self.actor, scorecard_id=pk, number=number, if_match=request.headers.get("If-Match")
        )
        return Response(self.show_version(version))


class VersionArchiveApi(ScorecardView):
    capabilities = {"POST": WRITE}

    @extend_schema(request=None, responses={200: ScorecardVersionOut})
    def post(self, request: Request, slug: str, pk: int, number: int) -> Response:
        version = services.archive(
            actor=self.actor, scorecard_id=pk, number=number, if_match=request.headers.get("If-Match")
        )
        return Response(self.show_version(version))


class VersionDuplicateApi(ScorecardView):
    """A new scorecard with this version's definition as its draft."""

    capabilities = {"POST": WRITE}

    @extend_schema(request=ScorecardNameIn, responses={201: ScorecardOut})
    def post(self, request: Request, slug: str, pk: int, number: int) -> Response:
        name = parsed(ScorecardNameIn(data=request.data))["name"]
        copy = services.duplicate(actor=self.actor, scorecard_id=pk, number=number, name=name)
        return Response(self.show(selectors.scorecard(self.actor, copy.pk)), status=201)


class VersionChangesApi(WorkspaceAPIView):
    """What this version changed against another, by default the one before it, in words."""

    capabilities = {"GET": READ}

    @extend_schema(parameters=[OpenApiParameter("against", int)], responses=ChangesOut)
    def get(self, request: Request, slug: str, pk: int, number: int) -> Response:
        params.check_known(request.query_params, {"against"})
        given = params.number(request.query_params, "against", 1, params.BIGGEST_ID)
        against = max(number - 1, 1) if given is None else int(given)
        found = selectors.changes_between(self.actor, pk, number, against)
        return Response(ChangesOut({"against": against, "changes": found}).data)


class ScorecardValidateApi(WorkspaceAPIView):
    capabilities = {"POST": READ}

    @extend_schema(request=DefinitionIn, responses={200: FindingsOut})
    def post(self, request: Request, slug: str) -> Response:
        given = parsed(DefinitionIn(data=request.data))
        return Response(FindingsOut({"findings": definition.validate(given["definition"])}).data)


class VersionScoreApi(WorkspaceAPIView):
    """Scores without saving; omitted categories count as N/A."""

    capabilities = {"POST": READ}

    @extend_schema(request=DryRunIn, responses={200: DryRunOut})
    def post(self, request: Request, slug: str, pk: int, number: int) -> Response:
        version = selectors.version(self.actor, pk, number)
        given = DryRunIn(data=request.data)
        parsed(given)
        try:
            result = scoring.score(
                selectors.definition_of(version), given.rated(), given.conversation(), strict=False
            )
        except scoring.InvalidRatings as error:
            raise Invalid(
                FieldError(f"/ratings{each.pointer}", each.code, each.detail) for each in error.problems
            ) from None
        return Response(self.show(version.scorecard, result))

    def show(self, scorecard: Scorecard, result: scoring.Result) -> dict[str, Any]:
        mark = selectors.pass_mark_of(scorecard, self.actor.workspace.settings.pass_mark)
        body = {
            "score": result.score,
            "unfailed_score": result.unfailed_score,
            "uncapped_score": result.uncapped_score,
            "band": band_of(scorecard.bands, result.score),
            "passed": scoring.passed(result.score, mark),
            "failed_by": result.failed_by,
            "groups": [{"key": key, "score": score} for key, score in result.groups],
            "tags": [{"key": key, "score": score} for key, score in result.tags],
            "categories": result.categories,
        }
        return DryRunOut(body).data
