"""conversations/: the list with its filters, and one conversation with its transcript."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import paged, since_or
from conversations import filters
from conversations import selectors as rows_of
from qa_reviews.selectors import conversations as selectors
from qa_reviews.serializers.conversations import ConversationDetailOut, ConversationRowOut

ALSO = params.PAGING | {"updated_since"}
FILTERS = [
    *(OpenApiParameter(name, str, many=True) for name in sorted(filters.NAMES | {"updated_since"})),
    OpenApiParameter(f"{filters.ATTRIBUTE}<name>", str, many=True, description="An attribute by its name."),
]


class ConversationListApi(WorkspaceAPIView):
    capabilities = {"GET": Capability.CONVERSATION_READ}

    @extend_schema(parameters=FILTERS, responses=ConversationRowOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        rows, order = selectors.listed(self.actor, request.query_params, ALSO)
        rows, order = since_or(request, rows, order)
        context = {"actor": self.actor}
        return paged(request, rows, order, lambda row: ConversationRowOut(row, context=context).data)


class ConversationApi(WorkspaceAPIView):
    capabilities = {"GET": Capability.CONVERSATION_READ}

    @extend_schema(responses=ConversationDetailOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        conversation = rows_of.conversation(self.actor, pk)
        context = {
            "actor": self.actor,
            "messages": rows_of.messages_of(self.actor, conversation),
            "surveys": selectors.answers_to(self.actor, conversation),
        }
        return Response(ConversationDetailOut(conversation, context=context).data)
