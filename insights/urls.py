from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from insights import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("insights/", views.OverviewPage.as_view(), name="insights-overview"),
    path("agents/me/", views.MyPage.as_view(), name="my-page"),
    path("agents/<int:pk>/", views.AgentPage.as_view(), name="agent-page"),
]
