"""The rows of an export of Zendesk QA (formerly Klaus): out of answers of its public export API. Pure.

Taken are whole answers as they came, our own object of lists, and NDJSON lines of either, or of single things
as {"type": "review", "data": {...}}. Conversations and calibration sessions come apart into their reviews.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from common.errors import FieldError, TooLarge
from conversations.fields import step_to
from conversations.streams import BOM, Row, read_array

MOST_ITEMS = 5000
SECTIONS: Mapping[str, str] = {
    "users": "user",
    "scorecards": "scorecard",
    "data": "scorecard",
    "reviews": "review",
    "conversations": "review",
    "calibrations": "calibration",
    "calibrationSessions": "calibration",
    "disputes": "dispute",
    "csat": "csat",
    "tickets": "csat",
}
"""What each list of an object holds, our names and those of the answers, in the order they are needed."""
PAGING = {"pagination", "total", "nextCursor"}
IDS: Mapping[str, str] = {
    "user": "id",
    "scorecard": "id",
    "review": "id",
    "calibration": "id",
    "dispute": "disputeId",
    "csat": "externalTicketId",
}
NOTHING = "There is no review in it; {} comments on the conversation itself have no place here."


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of the export. `around` is the conversation, and for a calibration its session, that holds
    a review."""

    kind: str
    external_id: str
    data: Mapping[str, Any]
    around: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """32 hex digits, equal for equal content."""
        text = json.dumps([self.kind, self.data, self.around], sort_keys=True)
        return blake2b(text.encode(), digest_size=16).hexdigest()


def rows_of_object(body: bytes) -> list[Row]:
    """The rows of one JSON object. Malformed when it is none; TooLarge over MOST_ITEMS things."""
    [row] = read_array(b"[" + body.removeprefix(BOM) + b"]") or [Row(1, b"", None)]
    rows = list(_expanded(row))
    if len(rows) > MOST_ITEMS:
        raise TooLarge(
            f"An object may hold up to {MOST_ITEMS:,} things; send more as application/x-ndjson.",
            code="too_many_rows",
        )
    return [Row(number, each.raw, each.value, each.errors) for number, each in enumerate(rows, start=1)]


def rows_of_lines(lines: Iterable[Row]) -> Iterator[Row]:
    """The rows of NDJSON lines; things of one line share its number."""
    for line in lines:
        yield from [line] if line.errors else _expanded(line)


def item_of(raw: Any) -> Item | list[FieldError]:
    """What a row's value is, or its errors."""
    kind, data, around = raw["type"], raw["data"], raw["around"]
    name = IDS[kind]
    found = data.get(name)
    if type(found) not in (str, int) or not str(found).strip():
        return [FieldError(f"/{name}", "required", "This field is required.")]
    external_id = str(found).strip()[:255]
    if kind == "csat":
        external_id = f"{external_id}:{data.get('csatCreatedAt') or data.get('csatAnsweredAt') or ''}"
    return Item(kind, external_id, data, around)


def _expanded(row: Row) -> Iterator[Row]:
    value = row.value
    if not isinstance(value, dict):
        yield _wrong(row, "", "invalid_type", "Must be an object.")
    elif "type" in value and "data" in value:
        kind: Any = "review" if value["type"] == "conversation" else value["type"]
        if not isinstance(kind, str) or kind not in IDS:
            yield _wrong(row, "/type", "invalid_choice", f"Must be one of: {', '.join(IDS)}.")
        else:
            yield from _things(row, kind, value["data"], "/data")
    else:
        yield from _sections(row, value)


def _sections(row: Row, value: dict[str, Any]) -> Iterator[Row]:
    for name, kind in SECTIONS.items():
        given = value.get(name) or []
        if not isinstance(given, list):
            yield _wrong(row, step_to(name), "invalid_type", "Must be a list.")
            continue
        for place, data in enumerate(given):
            yield from _things(row, kind, data, f"{step_to(name)}/{place}")
    for name in value:
        if name not in SECTIONS and name not in PAGING:
            yield _wrong(row, step_to(name), "unknown_field", "There is no such field.")


def _things(row: Row, kind: str, data: Any, pointer: str) -> Iterator[Row]:
    if not isinstance(data, dict):
        yield _wrong(row, pointer, "invalid_type", "Must be an object.")
    elif kind == "review":
        yield from _reviews(row, kind, data, {}, pointer)
    elif kind == "calibration":
        session = {name: item for name, item in data.items() if name != "conversations"}
        for conversation in _dicts(data.get("conversations")):
            yield from _reviews(row, kind, conversation, {"session": session}, pointer)
    else:
        yield _row(row, kind, data, {})


def _reviews(
    row: Row, kind: str, conversation: dict[str, Any], more: dict[str, Any], pointer: str
) -> Iterator[Row]:
    """The reviews of a conversation, each with what the conversation is."""
    around = {name: item for name, item in conversation.items() if name not in ("reviews", "comments")}
    reviews, comments = _dicts(conversation.get("reviews")), conversation.get("comments") or []
    if not reviews:
        yield _wrong(row, f"{pointer}/reviews", "no_review", NOTHING.format(len(comments)))
    for place, review in enumerate(reviews):
        left = {"comments": comments} if comments and place == 0 else {}
        yield _row(row, kind, review, around | more | left)


def _row(row: Row, kind: str, data: dict[str, Any], around: dict[str, Any]) -> Row:
    raw = json.dumps(data, ensure_ascii=False).encode(errors="replace")
    return Row(row.number, raw, {"type": kind, "data": data, "around": around})


def _wrong(row: Row, pointer: str, code: str, detail: str) -> Row:
    return Row(row.number, row.raw, None, (FieldError(pointer, code, detail),))


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
