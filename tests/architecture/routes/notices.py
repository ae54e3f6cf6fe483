from __future__ import annotations

from tests.architecture.routes import EVERYBODY, GRADERS, Routes
from tests.architecture.routes import Route as R

KINDS: dict[str, list[str]] = {"kinds": []}
CHAT = {"url": "https://192.0.2.1/hook", "kinds": []}  # an address that is refused: 422

ROUTES: Routes = {
    ("api-notice-list", "GET"): R(EVERYBODY),
    ("api-notices-read", "POST"): R(EVERYBODY),
    ("api-notice-read", "POST"): R("agent", hidden=f"{GRADERS} other_agent", rows={"pk": "notice"}),
    ("api-notice-preferences", "GET"): R(EVERYBODY),
    ("api-notice-preferences", "PATCH"): R(EVERYBODY, body=KINDS),
    ("api-notice-defaults", "GET"): R("admin"),
    ("api-notice-defaults", "PATCH"): R("admin", body=KINDS),
    ("api-chat-webhook", "GET"): R("admin"),
    ("api-chat-webhook", "PUT"): R("admin", body=CHAT),
    ("api-chat-webhook", "PATCH"): R("admin", body=CHAT),
    ("api-chat-webhook", "DELETE"): R("admin"),
    ("api-chat-webhook-test", "POST"): R("admin"),
    ("settings-notices", "GET"): R(EVERYBODY),
    ("settings-notices", "POST"): R(EVERYBODY),
    ("settings-notices-workspace", "GET"): R("admin"),
    ("settings-notices-workspace", "POST"): R("admin"),
    ("settings-chat", "GET"): R("admin"),
    ("settings-chat", "POST"): R("admin"),
    ("settings-chat-test", "POST"): R("admin"),
    ("settings-chat-remove", "POST"): R("admin"),
}
