"""Disputes of Zendesk QA as those of our import rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa_reviews.history.zendesk_items import Item
from qa_reviews.history.zendesk_scales import Unit, option_at, percent_of
from qa_reviews.history.zendesk_scorecards import category_key
from qa_reviews.history.zendesk_words import People, Person, Problems, dicts, line
from qa_reviews.import_talk_rows import COMMENT_LIMIT, DisputeIn, ProposedIn
from scorecards.definition import Definition


def dispute_of(
    item: Item, people: People, unit: Unit, definition: Definition | None
) -> tuple[DisputeIn, Problems]:
    """A dispute, with what is wrong with it; `definition` is that of its review, for the ratings it asks
    for."""
    raw, problems = item.data, Problems()
    talk = raw.get("comment") if isinstance(raw.get("comment"), dict) else {}
    assert isinstance(talk, dict)
    kind, outcome = _dispute_kind(raw, problems), _outcome(raw, problems)
    resolver = people.of(raw.get("rejectedBy") or raw.get("assignee"))
    thread = dicts(talk.get("thread"))
    proposed = [
        each
        for place, category in enumerate(dicts(raw.get("categories")))
        if (each := _proposed(category, place, unit, definition, problems)) is not None
    ]
    raised_by = people.of(raw.get("createdBy"))
    found = DisputeIn(
        kind=kind,
        raised_at=problems.time(raw, "createdAt"),
        comment=problems.text(talk.get("comment"), "/comment"),
        outcome=outcome,
        answer="\n\n".join(problems.text(each.get("comment"), "/comment/thread") for each in thread)[
            :COMMENT_LIMIT
        ],
        resolved_at=problems.time(raw, "resolvedAt") if outcome else None,
        raised_by=raised_by.as_in if raised_by != Person() else None,
        resolved_by=resolver.as_in if outcome and resolver != Person() else None,
        proposed=tuple(proposed),
    )
    return found, problems


def _dispute_kind(raw: Mapping[str, Any], problems: Problems) -> str:
    text = line(raw.get("type"), 80).casefold()
    if any(word in text for word in ("reviewee", "agent", "user")):
        return "wrong_agent"
    if not text or any(word in text for word in ("rating", "categor", "score", "review")):
        return "ratings"
    problems.error("/type", "invalid_choice", f"“{text}” is no kind of dispute that we know.")
    return ""


def _outcome(raw: Mapping[str, Any], problems: Problems) -> str:
    text = line(raw.get("status"), 80).casefold()
    for word, outcome in (("partial", "partially_accepted"), ("accept", "accepted"), ("reject", "rejected")):
        if word in text:
            return outcome
    if any(word in text for word in ("open", "pending", "active", "new")) or (
        not text and not raw.get("resolvedAt")
    ):
        return ""
    if raw.get("rejectedBy"):
        return "rejected"
    problems.error("/status", "invalid_choice", f"“{text}” is no outcome that we know.")
    return ""


def _proposed(
    raw: Mapping[str, Any], place: int, unit: Unit, definition: Definition | None, problems: Problems
) -> ProposedIn | None:
    """The rating that a dispute asks for."""
    key = category_key(raw.get("id"))
    category = next((c for c in definition.categories if c.key == key), None) if definition else None
    words = raw.get("comment") if isinstance(raw.get("comment"), dict) else {}
    assert isinstance(words, dict)
    causes = [line(cause, 255) for cause in raw.get("rootCause") or () if cause]
    comment = "\n".join(
        [problems.text(words.get("comment"), f"/categories/{place}/comment"), *causes]
    ).strip()
    if category is None:
        problems.error(f"/categories/{place}/id", "unknown_category", "Its scorecard has no such category.")
        return None
    percent = percent_of(raw.get("expectedRating"), unit, len(category.options))
    option = None if percent is None else option_at(percent, category)
    if percent is not None and option is None:
        detail = (
            f"{raw.get('expectedRating')} is no rating of “{category.name}” when numbers are read as {unit}."
        )
        problems.error(f"/categories/{place}/expectedRating", "unknown_option", detail)
    return ProposedIn(key, option, option is None, comment)
