"""suggestions/ from outside scorers, and suggestion-rules/."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common.api import paged
from common.errors import FieldError, Malformed, TooLarge
from common.params import PAGING, check_known
from common.problems import field_errors
from qa_reviews.selectors import suggestions as selectors
from qa_reviews.serializers.suggestions import (
    SuggestionIn,
    SuggestionRuleIn,
    SuggestionRuleOut,
    SuggestionsOut,
)
from qa_reviews.services import suggestions as services

READ, WRITE = Capability.SCORECARD_READ, Capability.SCORECARD_WRITE


class SuggestionList(WorkspaceAPIView):
    """An array of up to 1,000. What fits is kept, what does not is told by its place; sent again, a
    suggestion of the same source replaces the earlier one."""

    capabilities = {"POST": Capability.GRADE}

    @extend_schema(request=SuggestionIn(many=True), responses=SuggestionsOut)
    def post(self, request: Request, slug: str) -> Response:
        if not isinstance(request.data, list):
            raise Malformed("Send a JSON array of suggestions.")
        if len(request.data) > services.MOST_SUGGESTIONS:
            raise TooLarge(f"Send up to {services.MOST_SUGGESTIONS:,} suggestions at once.")
        good: list[tuple[int, services.NewSuggestion]] = []
        wrong: list[tuple[int, list[FieldError]]] = []
        for row, raw in enumerate(request.data, 1):
            body = SuggestionIn(data=raw)
            if body.is_valid():
                good.append((row, body.suggestion))
            else:
                wrong.append((row, field_errors(body.errors)))
        taken = services.take_suggestions(actor=self.actor, given=[one for _, one in good])
        wrong += [(good[place - 1][0], errors) for place, errors in taken.rejected]
        rejected = [{"row": row, "errors": errors} for row, errors in sorted(wrong, key=lambda one: one[0])]
        counts = {"created": taken.created, "updated": taken.updated}
        return Response(SuggestionsOut(counts | {"rejected": rejected}).data)


class SuggestionRuleView(WorkspaceAPIView):
    """How a rule is shown."""

    def shown(self, rule_id: int, status: int = 200) -> Response:
        row = selectors.rule(self.actor, rule_id)
        return Response(SuggestionRuleOut(row, context={"actor": self.actor}).data, status=status)


class SuggestionRuleList(SuggestionRuleView):
    capabilities = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=SuggestionRuleOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        check_known(request.query_params, PAGING)
        context = {"actor": self.actor}
        rows = selectors.rules(self.actor)
        return paged(request, rows, ("name", "id"), lambda row: SuggestionRuleOut(row, context=context).data)

    @extend_schema(request=SuggestionRuleIn, responses={201: SuggestionRuleOut})
    def post(self, request: Request, slug: str) -> Response:
        body = SuggestionRuleIn(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(services.save_rule(actor=self.actor, given=body.given()).pk, 201)


class SuggestionRuleDetail(SuggestionRuleView):
    capabilities = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}

    @extend_schema(responses=SuggestionRuleOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.shown(pk)

    @extend_schema(request=SuggestionRuleIn, responses=SuggestionRuleOut)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        body = SuggestionRuleIn(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        given = body.given(selectors.rule(self.actor, pk))
        if_match = request.headers.get("If-Match")
        services.save_rule(actor=self.actor, given=given, rule_id=pk, if_match=if_match)
        return self.shown(pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        services.delete_rule(actor=self.actor, rule_id=pk)
        return Response(status=204)
