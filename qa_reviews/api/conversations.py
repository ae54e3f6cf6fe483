"""conversations/: the list with its filters, how many there are, and one with its transcript."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Capability
from accounts.views_base import WorkspaceAPIView
from common import params
from common.api import page_answer, since_or
from conversations import filters
from conversations import selectors as rows_of
from qa_reviews.selectors import conversations as selectors
from qa_reviews.selectors.conversation_columns import ORDER_NAMES, Order
from qa_reviews.serializers.conversations import (
    ConversationCountOut,
    ConversationDetailOut,
    ConversationRowOut,
)

ALSO = params.PAGING | {"updated_since"}
FILTERS = [
    *(OpenApiParameter(name, str, many=True) for name in sorted(filters.NAMES)),
    OpenApiParameter(f"{filters.ATTRIBUTE}<name>", str, many=True, description="An attribute by its name."),
]
ORDER = OpenApiParameter("order", str, enum=ORDER_NAMES)
SINCE = OpenApiParameter("updated_since", str)


class ConversationListApi(WorkspaceAPIView):
    capabilities = {"GET": Capability.CONVERSATION_READ}

    @extend_schema(parameters=[*FILTERS, ORDER, SINCE], responses=ConversationRowOut(many=True))
    def get(self, request: Request, slug: str) -> Response:
        listing = selectors.listed(self.actor, request.query_params, ALSO)
        rows, names = since_or(request, listing.rows, listing.order.names)
        if names != listing.order.names:
            listing = selectors.Listing(rows, Order("updated_at", names))
        query, context = request.query_params, {"actor": self.actor}
        found = selectors.page_of(self.actor, listing, params.limit(query), query.get("cursor"))
        return page_answer(request, found, lambda row: ConversationRowOut(row, context=context).data)


class ConversationCountApi(WorkspaceAPIView):
    """How many a list asks for, exact up to 10,000; `more`: there are more than `count`."""

    capabilities = {"GET": Capability.CONVERSATION_READ}

    @extend_schema(parameters=FILTERS, responses=ConversationCountOut)
    def get(self, request: Request, slug: str) -> Response:
        count, more = selectors.counted(self.actor, request.query_params, ())
        return Response({"count": count, "more": more})


class ConversationApi(WorkspaceAPIView):
    capabilities = {"GET": Capability.CONVERSATION_READ}

    @extend_schema(responses=ConversationDetailOut)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        conversation = rows_of.conversation(self.actor, pk)
        context = {
            "actor": self.actor,
            "flags": selectors.flags_of(self.actor, [conversation]).get(conversation.pk),
            "messages": rows_of.messages_of(self.actor, conversation),
            "surveys": selectors.answers_to(self.actor, conversation),
        }
        return Response(ConversationDetailOut(conversation, context=context).data)
