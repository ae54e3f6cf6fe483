"""One review as it arrives in reviews/import: what it may say, and the checked values. No database.

`parse_review` takes a decoded JSON value and gives frozen values or every error of the row. Whether its
categories and options exist is asked of the scorecard later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any

from common.errors import FieldError
from conversations.fields import (
    Context,
    ListOf,
    Shape,
    Wrong,
    attributes,
    checked_text,
    choice,
    key,
    moment,
    name,
    text,
    whole,
    wrong,
)
from conversations.payload import AgentIn, ConversationRef
from qa_reviews.import_talk_rows import COMMENT, DISPUTE, REPORTED, CommentIn, DisputeIn, PersonIn, person
from qa_reviews.judgement import Choice, Judgement, Passage

MAX_ID = 2**63 - 1
COMMENT_LIMIT = 20_000
MOST_SECONDS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """`submitted_at` is UTC; `score` is what the other system had computed, and `reported` all that it told
    of its score (JSON, numbers as decimal text). `notes` are what a mapping could not take over."""

    source: str
    external_id: str
    conversation: ConversationRef
    reviewer: PersonIn
    scorecard: int
    submitted_at: datetime
    judgement: Judgement
    agent: AgentIn | None = None
    version: int | None = None
    score: Decimal | None = None
    kind: str = "standard"
    selection: str = ""
    queue_item: int | None = None
    active_seconds: int | None = None
    disputes: tuple[DisputeIn, ...] = ()
    comments: tuple[CommentIn, ...] = ()
    reported: dict[str, Any] = field(default_factory=dict)
    notes: tuple[FieldError, ...] = ()
    url: str = ""  # of the conversation, and when it began: for its stub
    opened_at: datetime | None = None

    @property
    def people(self) -> list[PersonIn]:
        """Everybody who spoke after the review, besides its reviewer."""
        raised = [person for each in self.disputes for person in (each.raised_by, each.resolved_by)]
        return [*(person for person in raised if person is not None), *(c.author for c in self.comments)]


def parse_review(raw: Any, zone: tzinfo) -> ReviewRow | list[FieldError]:
    """A decoded JSON value as a review, or all its errors. A date without a time means 12:00 in `zone`."""
    source = raw.get("source") if isinstance(raw, dict) else None
    try:
        return _ROW(raw, Context(zone, source.strip() if isinstance(source, str) else ""))
    except Wrong as bad:
        return bad.errors


def fingerprint(row: ReviewRow) -> str:
    """32 hex digits, equal for equal content."""
    return blake2b(repr(row).encode(), digest_size=16).hexdigest()


def _flag(value: Any, _: Context) -> bool:
    if type(value) is not bool:
        raise wrong("invalid_type", "Must be true or false.")
    return value


def _option(value: Any, context: Context) -> str:
    """The option's key; a plain number is taken as its text."""
    return str(value) if type(value) is int else checked_text(value, 100)


def _score(value: Any, _: Context) -> Decimal:
    """A score from 0 to 100, as a number or as decimal text."""
    try:
        found = Decimal(str(value)) if type(value) in (int, float, str) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite():
        raise wrong("invalid_number", "Must be a number.")
    if not 0 <= found <= 100:
        raise wrong("out_of_range", "Must be a number from 0 to 100.")
    return found.quantize(Decimal("0.0001"))


def _conversation(value: Any, context: Context) -> ConversationRef:
    if type(value) is int:
        return ConversationRef(context.source, id=whole(1, MAX_ID)(value, context))
    return _REF(value, context)


def _choice(category: str, **given: Any) -> Choice:
    return Choice(category, **given)


def _row(
    source: str,
    conversation: ConversationRef,
    ratings: tuple[Choice, ...] = (),
    comment: str = "",
    answers: dict[str, Any] | None = None,
    agent: AgentIn | None = None,
    score: Decimal | None = None,
    reported: dict[str, Any] | None = None,
    **fields: Any,
) -> ReviewRow:
    """An agent who names no source is of the conversation's; `score` is short for the reported score."""
    if agent is not None and not agent.source:
        agent = AgentIn(
            conversation.source, agent.external_id, agent.name, agent.email, agent.kind, agent.team
        )
    judgement = Judgement(ratings, comment, dict(sorted((answers or {}).items())))
    told = dict(reported or {})
    if score is not None:
        told = {"score": f"{score:f}"} | told
    return ReviewRow(
        source,
        conversation=conversation,
        judgement=judgement,
        agent=agent,
        score=Decimal(told["score"]).quantize(Decimal("0.0001")) if "score" in told else None,
        reported=told,
        **fields,
    )


def _agent(external_id: str, source: str = "", **fields: Any) -> AgentIn:
    return AgentIn(source, external_id, **fields)


def _rules(found: dict[str, Any], _: dict[str, Any]) -> Iterator[FieldError]:
    disputes = found.get("disputes", ())
    if disputes and found.get("kind", "standard") in ("self", "calibration"):
        yield FieldError("/disputes", "not_disputable", "Only standard and peer reviews are disputed.")
    if sum(not dispute.outcome for dispute in disputes) > 1:
        yield FieldError("/disputes", "open_twice", "Only one dispute of a review can be open.")


def _passage_rules(found: dict[str, Any], _: dict[str, Any]) -> Iterator[FieldError]:
    if found.get("start", 0) >= found.get("end", 1):
        yield FieldError("/end", "out_of_range", "Must lie after start.")


_source = key(64)
_external_id = key(255)
_REF = Shape(
    ConversationRef, {"source": _source, "external_id": _external_id}, required=("external_id",), sourced=True
)
_AGENT = Shape(
    _agent,
    {
        "source": name(64),
        "external_id": _external_id,
        "name": name(255),
        "email": name(254),
        "kind": choice("human", "bot"),
        "team": name(255),
    },
    required=("external_id",),
)
_REVIEWER = person("A reviewer")
_PASSAGE = Shape(
    Passage,
    {"message": whole(1, MAX_ID), "start": whole(0, 10**8), "end": whole(1, 10**8)},
    required=("message", "start", "end"),
    rules=_passage_rules,
)
_RATING = Shape(
    _choice,
    {
        "category": key(100),
        "option": _option,
        "na": _flag,
        "comment": text(COMMENT_LIMIT),
        "root_causes": ListOf(name(255), 50, distinct=True),
        "evidence": ListOf(_PASSAGE, 50),
    },
    required=("category",),
)
_ROW = Shape(
    _row,
    {
        "source": _source,
        "external_id": _external_id,
        "conversation": _conversation,
        "agent": _AGENT,
        "reviewer": _REVIEWER,
        "scorecard": whole(1, MAX_ID),
        "version": whole(1, 10**6),
        "submitted_at": moment,
        "ratings": ListOf(_RATING, 1000),
        "score": _score,
        "comment": text(COMMENT_LIMIT),
        "kind": choice("standard", "self", "peer", "calibration"),
        "selection": choice("random", "targeted", "manual"),
        "queue_item": whole(1, MAX_ID),
        "answers": attributes,
        "active_seconds": whole(0, MOST_SECONDS),
        "disputes": ListOf(DISPUTE, 50),
        "comments": ListOf(COMMENT, 1000),
        "reported": REPORTED,
    },
    required=("source", "external_id", "conversation", "reviewer", "scorecard", "submitted_at"),
    rules=_rules,
)
