"""conversations/import, surveys/import and import-runs over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory

from conversations.models import Conversation, ImportRun
from conversations.uploads import CutShort, rows_of
from tests.conversations.rows import conversation, survey
from tests.world import ApiClient, World

Api = Callable[..., ApiClient]
NDJSON = "application/x-ndjson"


def lines(*payloads: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in payloads)


def ours(external_id: str) -> Any:
    return Conversation.objects.filter(workspace__slug="ours", external_id=external_id)


def test_an_array_is_answered_as_documented(api: Api) -> None:
    body = [conversation(), conversation("2002", status="gone"), conversation(subject="Other")]
    response = api("manager").post("conversations/import", body)
    assert response.status_code == 200
    found = response.json()
    rejected, duplicate = found.pop("rejected")
    run = found.pop("import_run")
    assert found == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected_total": 2,
        "conflicts": [{"row": 3, "external_id": "2001", "first_row": 1}],
        "conflicts_total": 1,
    }
    assert rejected == {
        "row": 2,
        "external_id": "2002",
        "errors": [
            {
                "pointer": "/status",
                "code": "invalid_choice",
                "detail": "Must be one of: open, pending, closed.",
            }
        ],
    }
    assert (duplicate["row"], duplicate["errors"][0]["code"]) == (3, "duplicate")
    assert ImportRun.objects.get(pk=run).member is not None


def test_ndjson_is_the_same(api: Api) -> None:
    response = api("manager").post(
        "conversations/import/", lines(conversation(), conversation("2002")), NDJSON
    )
    assert (response.status_code, response.json()["created"]) == (200, 2)
    assert ours("2002").exists()


def test_a_charset_in_the_content_type_is_fine(api: Api) -> None:
    body = json.dumps([conversation()])
    response = api("manager").post("conversations/import", body, "application/json; charset=utf-8")
    assert response.json()["created"] == 1


@pytest.mark.parametrize("content_type", ["text/csv", "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", ["conversations/import", "surveys/import"])
def test_other_content_types_are_refused(api: Api, content_type: str, path: str) -> None:
    response = api("manager").post(path, b"a,b", content_type)
    assert response.status_code == 415
    assert "application/x-ndjson" in response.json()["detail"]
    assert not ImportRun.objects.filter(origin="api").exists()


def test_an_array_of_more_than_a_thousand_is_too_many(api: Api) -> None:
    rows = [{"source": "x", "external_id": str(n), "status": "open"} for n in range(1001)]
    response = api("manager").post("conversations/import", rows)
    assert (response.status_code, response.json()["type"]) == (413, "urn:plumbline:too_many_rows")
    assert not Conversation.objects.filter(source="x").exists()


def test_an_endless_array_is_refused_before_it_fills_the_memory(api: Api) -> None:
    body = b"[" + b" " * (65 * 1024 * 1024) + b"]"
    response = api("manager").post("conversations/import", body, "application/json")
    assert (response.status_code, response.json()["type"]) == (413, "urn:plumbline:too_large")


@pytest.mark.parametrize("body", [b" ", b"{}", b"[{]", b"\xff[]", b"[" * 100_000])
def test_a_body_that_is_no_array_is_malformed(api: Api, body: bytes) -> None:
    response = api("manager").post("conversations/import", body, "application/json")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert not ImportRun.objects.filter(origin="api").exists()


def test_nothing_to_import_is_fine(api: Api) -> None:
    assert api("manager").post("conversations/import", []).json()["created"] == 0
    assert api("manager").post("conversations/import", b"\n\n", NDJSON).json()["rejected_total"] == 0


def request_of(body: bytes, **environ: Any) -> Any:
    given: dict[str, Any] = {"wsgi.input": io.BytesIO(body)} | environ
    return RequestFactory().generic("POST", "/", b"x", NDJSON, **given)


def test_a_body_without_length_is_read_to_its_end() -> None:
    body = lines({"a": 1}, {"a": 2})
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    assert [row.value for row in rows_of(request_of(body, **chunked))] == [{"a": 1}, {"a": 2}]


def test_a_body_that_ends_early_is_cut_short_and_gives_no_half_row() -> None:
    body = lines({"a": 1}) + b'{"a": 1'
    rows = iter(rows_of(request_of(body, CONTENT_LENGTH=str(len(body) + 5))))
    assert next(rows).value == {"a": 1}
    with pytest.raises(CutShort):
        next(rows)


def test_a_cut_connection_leaves_the_run_interrupted(world: World, api: Api) -> None:
    manager = api("manager")
    body = lines(conversation())
    given: dict[str, Any] = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body) + 100)}
    response = Client().generic(
        "POST",
        manager.url("conversations/import/"),
        b"x",
        NDJSON,
        headers=manager.headers,
        **given,
    )
    assert (response.status_code, response.json()["type"]) == (400, "urn:plumbline:cut_short")
    assert ImportRun.objects.get(origin="api").state == "interrupted"
    assert api("manager").post("conversations/import/", body, NDJSON).json()["created"] == 1


def test_runs_are_listed_latest_first(api: Api) -> None:
    manager = api("manager")
    manager.post("conversations/import", [conversation()])
    manager.post("surveys/import", [])
    found = manager.get("import-runs/").json()["results"]
    assert [one["kind"] for one in found] == ["surveys", "conversations", "conversations"]
    assert (found[1]["state"], found[1]["created"], found[1]["origin"]) == ("done", 1, "api")
    assert found[1]["member"]["name"] == "Manager"


def test_one_run_tells_what_was_rejected(api: Api) -> None:
    manager = api("manager")
    run = manager.post("conversations/import", [conversation(status="gone")]).json()["import_run"]
    response = manager.get(f"import-runs/{run}/")
    found = response.json()
    assert (found["rejected_total"], found["rejected"][0]["external_id"]) == (1, "2001")
    assert response["ETag"] == found["etag"]


def test_a_hundred_rejected_rows_are_told_and_all_can_be_fetched(api: Api) -> None:
    manager = api("manager")
    bad = [{"source": "x", "external_id": str(n), "status": "gone"} for n in range(120)]
    found = manager.post("conversations/import", bad).json()
    assert (len(found["rejected"]), found["rejected_total"]) == (100, 120)
    response = manager.get(f"import-runs/{found['import_run']}/rejected.ndjson")
    assert response.headers["Content-Type"] == NDJSON
    fetched = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    assert [one["row"] for one in fetched] == list(range(1, 121))
    assert json.loads(fetched[7]["raw"]) == bad[7]
    assert set(fetched[7]) == {"row", "external_id", "errors", "raw"}


def test_surveys_come_in_later(api: Api) -> None:
    row = {"source": "helpdesk", "conversation": "1001"} | survey("s2", 5)
    missing = row | {"conversation": {"external_id": "nobody"}}
    found = api("manager").post("surveys/import", [row, missing]).json()
    assert (found["created"], found["rejected_total"]) == (1, 1)
    assert found["rejected"][0]["errors"][0]["pointer"] == "/conversation"
    assert api("manager").post("surveys/import/", lines(row), NDJSON).json()["unchanged"] == 1
