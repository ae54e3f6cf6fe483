"""Reviews, calibrations, disputes and CSAT of Zendesk QA (formerly Klaus) as our import rows. Pure.

The shape is that of its public export API. What has no place here is kept beside the review (`reported`) and
told as a note; a rating off its scale or a missing time makes errors, and the row is not taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from common.errors import FieldError
from conversations.fields import step_to
from conversations.payload import AgentIn, ConversationRef
from qa_reviews.history.zendesk_items import Item
from qa_reviews.history.zendesk_scales import Unit, number, option_at, percent_of
from qa_reviews.history.zendesk_scorecards import category_key, cause_name
from qa_reviews.history.zendesk_words import People, Person, Problems, decimal_text, dicts, line, time_of
from qa_reviews.import_rows import ReviewRow
from qa_reviews.import_talk_rows import MOST_SCORE, CommentIn
from qa_reviews.judgement import Choice, Judgement
from scorecards.definition import OTHER, TIER, Category, Definition

PLACES = Decimal("0.0001")
SOURCE = "zendesk-qa"
LONGEST_REVIEW = 24 * 3600
MAPPED = {
    *("id", "reviewer", "reviewee", "score", "ratings", "comment", "thread", "tags", "created", "createdISO"),
    *("createdAt", "reviewTime", "scorecard"),
}
KEPT = {"updated", "updatedISO", "updatedAt", "received", "pauseTime", "timeTrackingPeriods"}
CONVERSATION = {
    *("externalId", "externalUrl", "sourceType", "createdAtISO", "createdAt", "createdBy", "url"),
    *(
        "lastUpdated",
        "lastUpdatedISO",
        "workspaceId",
        "workspaceName",
        "externalFields",
        "comments",
        "session",
    ),
}


@dataclass(frozen=True, slots=True)
class Options:
    """What an export does not tell of itself: what its numbers count, and which of our sources its
    conversations belong to (empty: its own `sourceType`)."""

    unit: Unit = "percent"
    conversations: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Our scorecard of theirs."""

    scorecard_id: int
    definition: Definition


def review_of(item: Item, target: Target, people: People, options: Options) -> ReviewRow | list[FieldError]:
    """A review, or one of a calibration session, as a row of reviews/import."""
    raw, problems = item.data, Problems()
    ratings = _Ratings(target, options.unit, problems)
    choices, told = ratings.read(dicts(raw.get("ratings")))
    reviewer, reviewee = people.of(raw.get("reviewer")), people.of(raw.get("reviewee"))
    if not (reviewer.email or reviewer.name):
        problems.error("/reviewer", "required", "A review needs its reviewer's e-mail or name.")
    conversation = _conversation(item, options, problems)
    comment = problems.text(raw.get("comment"), "/comment")
    row = ReviewRow(
        source=SOURCE,
        external_id=f"calibration:{item.external_id}" if item.kind == "calibration" else item.external_id,
        conversation=conversation,
        reviewer=reviewer.as_in,
        scorecard=target.scorecard_id,
        submitted_at=problems.time(raw, "createdISO", "created", "createdAt"),
        judgement=Judgement(tuple(choices), comment),
        agent=_agent(raw.get("reviewee"), reviewee, people, problems),
        kind=_kind(item, reviewer, reviewee),
        active_seconds=_seconds(raw.get("reviewTime"), problems),
        comments=tuple(_thread(raw.get("thread"), people, problems)),
        reported=_reported(item, told, options, problems),
        url=_url(item.around.get("externalUrl")),
        opened_at=time_of(item.around.get("createdAtISO")) or time_of(item.around.get("createdAt")),
    )
    _tell_rest(item, comment, problems)
    if problems.errors:
        return problems.errors
    score = row.reported.get("score")
    return replace(
        row,
        score=None if score is None else Decimal(score).quantize(PLACES),
        notes=tuple(problems.notes),
    )


def survey_of(item: Item, options: Options) -> tuple[dict[str, Any], list[FieldError]]:
    """An answer to a CSAT survey as a row of surveys/import, on a scale of 1 to 5; and what was left out."""
    raw, problems = item.data, Problems()
    score = number(raw.get("csatScore"))
    row = {
        "source": conversation_source(raw.get("conversationSource"), options),
        "external_id": item.external_id[:255],
        "conversation": {"external_id": line(raw.get("externalTicketId"), 255)},
        "kind": "csat",
        "score": None if score is None or score <= 0 else float(score),
        "scale_min": 1,
        "scale_max": 5,
        "comment": problems.text(raw.get("csatComment"), "/csatComment"),
        "asked_at": raw.get("csatCreatedAt"),
        "responded_at": raw.get("csatAnsweredAt"),
    }
    for name in ("csatReason", "csatDrivers", "helpdeskTags"):
        if raw.get(name):
            problems.note(f"/{name}", "not_mapped", "Has no place here and is left out.")
    return row, problems.notes


def conversation_source(kind: Any, options: Options) -> str:
    """The source that a conversation is known by here."""
    return options.conversations or line(kind, 64).casefold() or "zendesk"


class _Ratings:
    """Reads the ratings of one review."""

    def __init__(self, target: Target, unit: Unit, problems: Problems) -> None:
        self.categories = {category.key: category for category in target.definition.categories}
        self.unit, self.problems = unit, problems

    def read(self, raw: Sequence[Mapping[str, Any]]) -> tuple[list[Choice], list[dict[str, Any]]]:
        """Our choices, and what the source said of every category."""
        choices, told = [], []
        for place, each in enumerate(raw):
            key = category_key(each.get("categoryId"))
            category = self.categories.get(key)
            size = len(category.options) if category else 2
            percent = percent_of(each.get("score"), self.unit, size)
            told.append(_told(key, each, percent))
            if category is None:
                name = each.get("categoryName") or key
                detail = f"“{name}” is not in the scorecard; its rating is kept as reported only."
                self.problems.note(f"/ratings/{place}", "unknown_category", detail)
            else:
                choices.append(self._choice(category, each, percent, place))
        return choices, told

    def _choice(
        self, category: Category, raw: Mapping[str, Any], percent: Fraction | None, place: int
    ) -> Choice:
        pointer = f"/ratings/{place}"
        option = None if percent is None else option_at(percent, category)
        if percent is not None and option is None:
            detail = (
                f"{raw.get('score')} is no rating of the {len(category.options)}-point scale of "
                f"“{category.name}” when numbers are read as {self.unit}."
            )
            self.problems.error(f"{pointer}/score", "unknown_option", detail)
        na = option is None and category.allow_na
        causes = () if option is None else tuple(self._causes(category, raw, pointer))
        return Choice(category.key, option, na, root_causes=causes)

    def _causes(self, category: Category, raw: Mapping[str, Any], pointer: str) -> Iterator[str]:
        """The causes as they are chosen here: by their whole name, or by that of the last tier."""
        known = (*category.root_causes.negative, *category.root_causes.positive)
        by_name = {cause.rpartition(TIER)[2].casefold(): cause for cause in reversed(known)}
        by_name |= {cause.casefold(): cause for cause in known}
        for cause in _causes_of(raw):
            found = by_name.get(cause_name(cause).casefold()) or by_name.get(cause.casefold())
            if found is not None:
                yield found
            elif category.root_causes.other:
                yield f"{OTHER} {cause}"[:255]
            else:
                detail = f"“{cause}” is no root cause of “{category.name}”; it is kept as reported only."
                self.problems.note(f"{pointer}/causes", "unknown_root_cause", detail)


def _told(key: str, raw: Mapping[str, Any], percent: Fraction | None) -> dict[str, Any]:
    """One category as `Review.reported` keeps it."""
    weight = number(raw.get("weight"))
    return {
        "category": key,
        "name": line(raw.get("categoryName"), 255) or key,
        "score": None if percent is None else decimal_text(percent),
        "weight": None if weight is None else decimal_text(weight),
        "critical": "yes" if raw.get("critical") is True else "none",
        "causes": _causes_of(raw),
    }


def _causes_of(raw: Mapping[str, Any]) -> list[str]:
    several = raw.get("causes") if isinstance(raw.get("causes"), list) else []
    assert isinstance(several, list)
    named = (line(cause, 1000) for cause in [*several, raw.get("cause")])
    return [cause for cause in dict.fromkeys(named) if cause]


def _reported(item: Item, told: list[dict[str, Any]], options: Options, problems: Problems) -> dict[str, Any]:
    """What the source said of its score, and what else of the review has no place here."""
    found: dict[str, Any] = {"categories": told} if told else {}
    score = number(item.data.get("score"))
    if score is not None and score > MOST_SCORE:
        problems.error("/score", "out_of_range", "Is no score.")
    elif score is not None and score >= 0:
        found["score"] = decimal_text(score * 100 if options.unit == "fraction" else score)
    extra = {name: item.data[name] for name in sorted(KEPT) if item.data.get(name) not in (None, "", [])}
    fields = item.around.get("externalFields")
    extra |= {"externalFields": fields} if fields else {}
    extra |= {"session": item.around["session"]} if "session" in item.around else {}
    if tags := [tag for each in dicts(item.data.get("tags")) if (tag := line(each.get("tag"), 255))]:
        found["tags"] = tags
    for name in sorted(item.data.keys() - MAPPED - KEPT):
        extra[name] = item.data[name]
        problems.note(step_to(name), "unknown_field", "Not known; kept as reported only.")
    return found | ({"extra": extra} if extra else {})


def _tell_rest(item: Item, comment: str, problems: Problems) -> None:
    """What else could not be taken over."""
    comments = item.around.get("comments") or []
    if comments:
        detail = f"{len(comments)} comments on the conversation itself have no place here."
        problems.note("/comments", "not_mapped", detail)
    for tag in dicts(item.data.get("tags")):
        if line(tag.get("tag"), 255).lstrip("#@").casefold() not in comment.casefold():
            problems.note(
                "/tags", "not_mapped", f"The tag “{line(tag.get('tag'), 80)}” is kept as reported only."
            )
    for name in sorted(item.around.keys() - CONVERSATION):
        problems.note(step_to(name), "unknown_field", "Not known, left out.")


def _conversation(item: Item, options: Options, problems: Problems) -> ConversationRef:
    external_id = line(item.around.get("externalId"), 255)
    if not external_id:
        problems.error("/externalId", "required", "A conversation needs its externalId.")
    return ConversationRef(conversation_source(item.around.get("sourceType"), options), external_id)


def _agent(raw: Any, reviewee: Person, people: People, problems: Problems) -> AgentIn | None:
    """The agent of that e-mail here; else a new one of this source, in his only group as a team."""
    if not reviewee.email:
        problems.error("/reviewee/email", "required", "A review needs its reviewee's e-mail.")
        return None
    known = people.agents.get(reviewee.email.casefold())
    if known is not None:
        return AgentIn(*known)
    groups = [line(each.get("name"), 255) for each in dicts(raw.get("groups"))]
    if len(groups) > 1:
        problems.note("/reviewee/groups", "not_mapped", "In several groups there; in no team here.")
    team = groups[0] if len(groups) == 1 else ""
    return AgentIn(SOURCE, reviewee.email.casefold(), reviewee.name, reviewee.email, team=team)


def _kind(item: Item, reviewer: Person, reviewee: Person) -> str:
    if item.kind == "calibration":
        return "calibration"
    himself = reviewer.email and reviewer.email.casefold() == reviewee.email.casefold()
    return "self" if himself else "standard"


def _seconds(value: Any, problems: Problems) -> int | None:
    found = number(value)
    if found is None or found <= 0:
        return None
    if found > LONGEST_REVIEW:
        problems.note("/reviewTime", "out_of_range", f"{value} seconds are more than a day and are left out.")
        return None
    return int(found)


def _thread(raw: Any, people: People, problems: Problems) -> Iterator[CommentIn]:
    """The comments under a review, answers to answers in the order they come."""
    for each in dicts(raw):
        body, author = problems.text(each.get("comment"), "/thread"), people.of(each.get("owner"))
        if body and author == Person():
            problems.error("/thread", "required", "A comment needs its owner's e-mail or name.")
        elif body:
            at = problems.time(each, "createdISO", "created", "createdAt")
            yield CommentIn(author.as_in, body, at)
        yield from _thread(each.get("thread"), people, problems)


def _url(value: Any) -> str:
    text = line(value, 2000)
    return text if text.lower().startswith(("https://", "http://")) else ""
