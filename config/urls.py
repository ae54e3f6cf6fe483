"""Every address of the product: pages below /w/<slug>/, the API below /api/v1/."""

from __future__ import annotations

from django.urls import include, path

APPS = ["accounts", "notices", "conversations", "scorecards", "qa_reviews", "insights", "coaching", "desk"]

urlpatterns = [
    path("", include("desk.root_urls")),
    path("accounts/", include("allauth.account.urls")),
    *[path("w/<slug:slug>/", include(f"{app}.urls")) for app in APPS],
    *[path("api/v1/w/<slug:slug>/", include(f"{app}.api_urls")) for app in APPS],
]
handler400 = "desk.errors.bad_request"
handler403 = "desk.errors.forbidden"
handler404 = "desk.errors.not_found"
handler500 = "desk.errors.server_error"
