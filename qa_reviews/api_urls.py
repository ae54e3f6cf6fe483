from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from qa_reviews.api import conversations, draws, plans, queue, reviews
from qa_reviews.api import review_moves as moves

urlpatterns: list[URLPattern | URLResolver] = [
    path("conversations/", conversations.ConversationListApi.as_view(), name="api-conversation-list"),
    path("conversations/<int:pk>/", conversations.ConversationApi.as_view(), name="api-conversation"),
    path("sample-plans/", plans.SamplePlanListApi.as_view(), name="api-sample-plan-list"),
    path("sample-plans/preview/", plans.SamplePreviewApi.as_view(), name="api-sample-plan-preview"),
    path("sample-plans/<int:pk>/", plans.SamplePlanApi.as_view(), name="api-sample-plan"),
    path("sample-plans/<int:pk>/draws/", draws.DrawListApi.as_view(), name="api-sample-plan-draws"),
    path("draws/<int:pk>/", draws.DrawApi.as_view(), name="api-draw"),
    path("draws/<int:pk>/verify/", draws.DrawVerifyApi.as_view(), name="api-draw-verify"),
    path("draws/<int:pk>/ledger.ndjson/", draws.DrawLedgerApi.as_view(), name="api-draw-ledger"),
    path("queue/", queue.QueueApi.as_view(), name="api-queue"),
    path("queue/next/", queue.QueueNextApi.as_view(), name="api-queue-next"),
    path("queue/<int:pk>/skip/", queue.QueueSkipApi.as_view(), name="api-queue-skip"),
    path("queue/<int:pk>/reassign/", queue.QueueReassignApi.as_view(), name="api-queue-reassign"),
    path("reviews/", reviews.ReviewList.as_view(), name="api-review-list"),
    path("reviews/import/", reviews.ReviewImport.as_view(), name="api-review-import"),
    path("reviews/export.csv/", reviews.ReviewExport.as_view(), name="api-review-export"),
    path("reviews/<int:pk>/", reviews.ReviewDetail.as_view(), name="api-review"),
    path("reviews/<int:pk>/submit/", reviews.ReviewSubmit.as_view(), name="api-review-submit"),
    path("reviews/<int:pk>/revise/", moves.ReviewRevise.as_view(), name="api-review-revise"),
    path("reviews/<int:pk>/retract/", moves.ReviewRetract.as_view(), name="api-review-retract"),
    path(
        "reviews/<int:pk>/acknowledge/",
        moves.ReviewAcknowledge.as_view(),
        name="api-review-acknowledge",
    ),
]
