from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views.entrance import HomePage, InvitationPage
from desk import service_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", HomePage.as_view(), name="home"),
    path("invitations/<str:token>/", InvitationPage.as_view(), name="invitation"),
    path("healthz", service_views.HealthView.as_view(), name="healthz"),
    path("readyz", service_views.ReadyView.as_view(), name="readyz"),
    path("api/v1/schema/", service_views.SchemaView.as_view(), name="schema"),
    path("api/v1/docs/", service_views.DocsView.as_view(), name="docs"),
]
