from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from qa_reviews.views import (
    conversations,
    imports,
    plans,
    queue,
    review_new,
    review_page,
    reviews,
    saved_views,
    workbench,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("conversations/", conversations.ConversationListPage.as_view(), name="conversation-list"),
    path("conversations/<int:pk>/", conversations.ConversationPage.as_view(), name="conversation"),
    path(
        "conversations/by/<str:source>/<path:external_id>/",
        conversations.ConversationBy.as_view(),
        name="conversation-by",
    ),
    path("imports/", imports.ImportListPage.as_view(), name="import-list"),
    path("imports/<int:pk>/", imports.ImportRunPage.as_view(), name="import-run"),
    path("imports/<int:pk>/parity/", imports.ImportParityPage.as_view(), name="import-parity"),
    path("imports/parity/", imports.ParityPage.as_view(), name="parity"),
    path("plans/", plans.PlanListPage.as_view(), name="plan-list"),
    path("plans/new/", plans.PlanNewPage.as_view(), name="plan-new"),
    path("plans/<int:pk>/", plans.PlanPage.as_view(), name="plan"),
    path("plans/<int:pk>/edit/", plans.PlanEditPage.as_view(), name="plan-edit"),
    path("plans/<int:pk>/draw/", plans.PlanDrawPage.as_view(), name="plan-draw"),
    path("draws/<int:pk>/", plans.DrawPage.as_view(), name="draw"),
    path("queue/", queue.QueuePage.as_view(), name="queue"),
    path("queue/next/", queue.QueueNextPage.as_view(), name="queue-next"),
    path("queue/<int:pk>/skip/", queue.QueueSkipPage.as_view(), name="queue-skip"),
    path("queue/<int:pk>/reassign/", queue.QueueReassignPage.as_view(), name="queue-reassign"),
    path("queue/<int:pk>/", workbench.Workbench.as_view(), name="workbench"),
    path("reviews/", reviews.ReviewListPage.as_view(), name="review-list"),
    path("reviews/views/", saved_views.SavedViewNew.as_view(), name="saved-view-new"),
    path("reviews/views/<int:pk>/delete/", saved_views.SavedViewDelete.as_view(), name="saved-view-delete"),
    path("reviews/release/", reviews.ReviewRelease.as_view(), name="review-release"),
    path("reviews/by/<str:source>/<path:external_id>/", reviews.ReviewBy.as_view(), name="review-by"),
    path("reviews/new/", review_new.ReviewNew.as_view(), name="review-new"),
    path("reviews/<int:pk>/", review_page.ReviewPage.as_view(), name="review"),
    path("reviews/<int:pk>/edit/", workbench.ReviewEdit.as_view(), name="review-edit"),
    path("reviews/<int:pk>/revise/", workbench.ReviewRevise.as_view(), name="review-revise"),
]
