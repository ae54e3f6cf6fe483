"""One conversation, or one survey answer, as it arrives: what it may say, and the checked values.

The contract is api.md, "Conversations". Pure: no database, no Django. `parse_conversation` takes a decoded
JSON value and gives frozen values or every error of the row; it never raises on any JSON.

Lenient where the domain says "excluded and counted" (a close before the opening, negative reported times,
odd e-mail addresses), strict where a number would come out wrong (scores off their scale, times without
offset). A field left out or null is empty: a conversation sent again is replaced by what it now says, only
messages and surveys that are missing stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Literal, TypeVar

from common.errors import FieldError
from conversations.fields import (
    Context,
    ListOf,
    Reader,
    Shape,
    Wrong,
    attributes,
    choice,
    key,
    moment,
    name,
    number,
    printable,
    required,
    score,
    text,
    url,
    whole,
    wrong,
)

AuthorType = Literal["customer", "agent", "bot", "system"]
AgentKind = Literal["human", "bot"]
Status = Literal["open", "pending", "closed"]
SurveyKind = Literal["csat", "ces", "nps"]
BODY_LIMIT = 1_000_000
MAX_ID = 2**63 - 1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CustomerIn:
    """`external_id` is the e-mail address where the helpdesk has no id of its own."""

    external_id: str
    name: str = ""
    email: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class AgentIn:
    """`source` is the conversation's unless it names its own; `kind` and `team` are "" when not said."""

    source: str
    external_id: str
    name: str = ""
    email: str = ""
    kind: AgentKind | Literal[""] = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class AuthorIn:
    type: AuthorType
    source: str
    external_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentIn:
    """A file or a recording, as a link to where it lies; shown, never fetched."""

    name: str = ""
    url: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class MessageIn:
    """Its position is its index in the conversation's messages; `sent_at` is UTC."""

    author: AuthorIn
    external_id: str = ""
    sent_at: datetime | None = None
    language: str = ""
    body: str = ""
    format: Literal["text", "html"] = "text"
    visibility: Literal["public", "internal"] = "public"
    attachments: tuple[AttachmentIn, ...] = ()


@dataclass(frozen=True, slots=True)
class SurveyIn:
    """Answered: `score` on its scale (four decimals) and `responded_at`. Offered: no score, `asked_at`."""

    kind: SurveyKind
    scale_min: Decimal
    scale_max: Decimal
    score: Decimal | None = None
    external_id: str = ""
    comment: str = ""
    asked_at: datetime | None = None
    responded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportedIn:
    """The vendor's own figures in seconds; may be negative or zero, which later excludes them."""

    first_response_seconds: float | None = None
    handling_seconds: float | None = None
    resolution_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ConversationIn:
    """All times UTC; `closed_at` is set when `status` is closed; tags are distinct, in order."""

    source: str
    external_id: str
    status: Status
    url: str = ""
    subject: str = ""
    channel: str = ""
    language: str = ""
    topic: str = ""
    tags: tuple[str, ...] = ()
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_count: int = 0
    attributes: dict[str, Any] = field(default_factory=dict)
    customer: CustomerIn | None = None
    agent: AgentIn | None = None
    messages: tuple[MessageIn, ...] = ()
    surveys: tuple[SurveyIn, ...] = ()
    reported: ReportedIn = ReportedIn()


@dataclass(frozen=True, slots=True)
class ConversationRef:
    """Either our own `id`, or the key (source, external_id)."""

    source: str
    external_id: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class SurveyRowIn:
    """A survey that arrives after its conversation."""

    source: str
    conversation: ConversationRef
    survey: SurveyIn


def parse_conversation(raw: Any, default_zone: tzinfo) -> ConversationIn | list[FieldError]:
    """A decoded JSON value as a conversation, or all its errors (up to 50), pointers into `raw`.

    `default_zone` is the workspace's: a date without a time means 12:00 there.
    """
    return _parsed(CONVERSATION, raw, default_zone)


def parse_survey_row(raw: Any, default_zone: tzinfo) -> SurveyRowIn | list[FieldError]:
    """A decoded JSON value as a row of surveys/import, or all its errors."""
    return _parsed(SURVEY_ROW, raw, default_zone)


def external_id_of(raw: Any) -> str:
    """What a row that could not be read calls itself, for the list of rejected rows; "" if nothing."""
    found = raw.get("external_id") if isinstance(raw, dict) else None
    return printable(found, 255) if isinstance(found, str) else ""


def message_key(message: MessageIn, position: int) -> str:
    """What a message is known by inside its conversation: its external id, else its position."""
    return message.external_id or f"#{position}"


def survey_key(survey: SurveyIn, position: int) -> str:
    """What an answer is known by inside its conversation: its external id, else kind and position."""
    return survey.external_id or f"{survey.kind}#{position}"


def _parsed(shape: Shape[T], raw: Any, zone: tzinfo) -> T | list[FieldError]:
    source = raw.get("source") if isinstance(raw, dict) else None
    context = Context(zone, source.strip() if isinstance(source, str) else "")
    try:
        return shape(raw, context)
    except Wrong as bad:
        return bad.errors


def _conversation_ref(value: Any, context: Context) -> ConversationRef:
    if type(value) is str:
        return ConversationRef(context.source, _external_id(value, context))
    if type(value) is int:
        return ConversationRef(context.source, id=whole(1, MAX_ID)(value, context))
    if type(value) is dict:
        return _REF(value, context)
    raise wrong("invalid_type", 'Must be an external id, {"external_id": ...}, or a numeric id.')


def _survey_rules(found: dict[str, Any], raw: dict[str, Any]) -> Iterator[FieldError]:
    if raw.get("score") is None:
        if raw.get("asked_at") is None:
            yield required("/asked_at", "A survey without a score was only offered: say when it was asked.")
    elif raw.get("responded_at") is None:
        yield required("/responded_at", "A survey with a score needs the time of the answer.")
    low, high, score = found.get("scale_min"), found.get("scale_max"), found.get("score")
    if low is None or high is None:
        return
    if low >= high:
        yield FieldError("/scale_max", "invalid_scale", "Must be above scale_min.")
    elif score is not None and not low <= score <= high:
        shown, bottom, top = (f"{n.normalize():f}" for n in (score, low, high))
        yield FieldError("/score", "out_of_scale", f"{shown} is off the scale {bottom} to {top}.")


def _customer_rules(_: dict[str, Any], raw: dict[str, Any]) -> Iterator[FieldError]:
    if not raw.get("external_id") and not raw.get("email"):
        yield required("/external_id", "A customer needs an external_id or an email.")


def _attachment_rules(_: dict[str, Any], raw: dict[str, Any]) -> Iterator[FieldError]:
    if not raw.get("name") and not raw.get("url"):
        yield required("/url", "An attachment needs a url or a name.")


def _conversation_rules(found: dict[str, Any], raw: dict[str, Any]) -> Iterator[FieldError]:
    if found.get("status") == "closed" and raw.get("closed_at") is None:
        yield required("/closed_at", "A closed conversation needs closed_at.")
    messages, surveys = found.get("messages", ()), found.get("surveys", ())
    yield from _repeated("messages", (message_key(m, index) for index, m in enumerate(messages)))
    yield from _repeated("surveys", (survey_key(s, index) for index, s in enumerate(surveys)))


def _repeated(part: str, keys: Iterable[str]) -> Iterator[FieldError]:
    seen: dict[str, int] = {}
    for index, own in enumerate(keys):
        first = seen.setdefault(own, index)
        if first != index:
            detail = f"The same external_id as /{part}/{first}."
            yield FieldError(f"/{part}/{index}/external_id", "duplicate", detail)


def _customer(email: str = "", external_id: str = "", **fields: str) -> CustomerIn:
    return CustomerIn(external_id or email.lower(), email=email, **fields)


def _survey_row(source: str, conversation: ConversationRef, **survey: Any) -> SurveyRowIn:
    return SurveyRowIn(source, conversation, SurveyIn(**survey))


_external_id = key(255)
_source = key(64)
_seconds = number(-1e10, 1e10)

AUTHOR = Shape(
    AuthorIn,
    {
        "type": choice("customer", "agent", "bot", "system"),
        "source": _source,
        "external_id": name(255),
        "name": name(255),
    },
    required=("type",),
    sourced=True,
)
ATTACHMENT = Shape(
    AttachmentIn,
    {"name": name(255), "url": url, "content_type": name(255)},
    rules=_attachment_rules,
)
MESSAGE = Shape(
    MessageIn,
    {
        "external_id": name(255),
        "author": AUTHOR,
        "sent_at": moment,
        "language": name(35),
        "body": text(BODY_LIMIT),
        "format": choice("text", "html"),
        "visibility": choice("public", "internal"),
        "attachments": ListOf(ATTACHMENT, 100),
    },
    required=("author",),
)
_survey_fields: dict[str, Reader] = {
    "external_id": name(255),
    "kind": choice("csat", "ces", "nps"),
    "score": score,
    "scale_min": score,
    "scale_max": score,
    "comment": text(100_000),
    "asked_at": moment,
    "responded_at": moment,
}
SURVEY = Shape(SurveyIn, _survey_fields, required=("kind", "scale_min", "scale_max"), rules=_survey_rules)
CUSTOMER = Shape(
    _customer,
    {"external_id": name(255), "name": name(255), "email": name(254), "account": name(255)},
    rules=_customer_rules,
)
AGENT = Shape(
    AgentIn,
    {
        "source": _source,
        "external_id": _external_id,
        "name": name(255),
        "email": name(254),
        "kind": choice("human", "bot"),
        "team": name(255),
    },
    required=("external_id",),
    sourced=True,
)
REPORTED = Shape(
    ReportedIn,
    {"first_response_seconds": _seconds, "handling_seconds": _seconds, "resolution_seconds": _seconds},
)
CONVERSATION = Shape(
    ConversationIn,
    {
        "source": _source,
        "external_id": _external_id,
        "status": choice("open", "pending", "closed"),
        "url": url,
        "subject": text(1000),
        "channel": name(64),
        "language": name(35),
        "topic": name(255),
        "tags": ListOf(name(100), 100, distinct=True),
        "opened_at": moment,
        "closed_at": moment,
        "reopened_count": whole(0, 1_000_000),
        "attributes": attributes,
        "customer": CUSTOMER,
        "agent": AGENT,
        "messages": ListOf(MESSAGE, 10_000),
        "surveys": ListOf(SURVEY, 100),
        "reported": REPORTED,
    },
    required=("source", "external_id", "status"),
    rules=_conversation_rules,
)
SURVEY_ROW = Shape(
    _survey_row,
    {"source": _source, "conversation": _conversation_ref, **_survey_fields},
    required=("source", "conversation", "kind", "scale_min", "scale_max"),
    rules=_survey_rules,
)
_REF = Shape(
    ConversationRef, {"source": _source, "external_id": _external_id}, required=("external_id",), sourced=True
)
