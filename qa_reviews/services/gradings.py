"""From a reviewer's judgement to a grading: checked, scored once, written with its ratings and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.access import Actor
from common.errors import FieldError, Invalid
from conversations.models import Conversation, Message, SurveyResponse
from qa_reviews.models import Evidence, Grading, Rating, Review
from scorecards.definition import Context, Definition, parse
from scorecards.models import ScorecardVersion
from scorecards.scoring import InvalidRatings, Rated, RatingProblem, Result, score


@dataclass(frozen=True, slots=True)
class Passage:
    """Code points start (inclusive) to end (exclusive) of a message's text."""

    message: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for one category, and why."""

    category: str
    option: str | None = None
    na: bool = False
    comment: str = ""
    root_causes: tuple[str, ...] = ()
    evidence: tuple[Passage, ...] = ()

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Choice:
        """From the JSON shape of api.md, already checked."""
        return cls(
            category=raw["category"],
            option=raw.get("option") or None,
            na=bool(raw.get("na")),
            comment=raw.get("comment") or "",
            root_causes=tuple(raw.get("root_causes") or ()),
            evidence=tuple(Passage(**passage) for passage in raw.get("evidence") or ()),
        )

    @property
    def rated(self) -> Rated:
        return Rated(self.category, self.option, self.na, self.comment, self.root_causes)

    @property
    def answered(self) -> bool:
        return self.na or self.option is not None


@dataclass(frozen=True, slots=True)
class Judgement:
    """All choices of a review and its comment."""

    choices: tuple[Choice, ...] = ()
    comment: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Judgement:
        """From {"ratings": [...], "comment": ""}, a draft or a checked request."""
        return cls(tuple(Choice.of(each) for each in raw.get("ratings") or ()), raw.get("comment") or "")

    def as_json(self) -> dict[str, Any]:
        return {"ratings": [asdict(choice) for choice in self.choices], "comment": self.comment}


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage with the words it points at."""

    passage: Passage
    words: str


Quotes = Mapping[str, Sequence[Quote]]
"""The evidence by category key."""


RESULT_FIELDS = ("score", "unfailed_score", "failed_by", "gradings_count")


@dataclass(frozen=True, slots=True)
class Graded:
    """A review about to get a grading."""

    review: Review
    judgement: Judgement
    result: Result
    quotes: Quotes
    grader_id: int | None
    reason: str = ""
    at: datetime | None = None  # when it was graded; None means now

    def put_result(self) -> None:
        """The newest result, on the review itself; its caller saves it."""
        review, result = self.review, self.result
        review.score, review.unfailed_score = result.score, result.unfailed_score
        review.failed_by = list(result.failed_by)
        review.gradings_count += 1


def definition_of(version: ScorecardVersion) -> Definition:
    return parse(version.definition)


def context_of(*, conversation: Conversation, definition: Definition) -> Context:
    """What the scorecard's conditions ask of the conversation. A query only where they ask for CSAT."""
    surveys = SurveyResponse.objects.in_workspace(conversation.workspace_id).filter(
        conversation_id=conversation.pk, kind=SurveyResponse.Kind.CSAT, score__isnull=False
    )
    return Context(
        channel=conversation.channel,
        topic=conversation.topic,
        tags=tuple(conversation.tags),
        language=conversation.language,
        has_csat=definition.uses_csat and surveys.exists(),
    )


def scored(*, definition: Definition, context: Context, choices: Iterable[Choice], strict: bool) -> Result:
    """The score of the choices; Invalid with pointers below /ratings for those that do not fit."""
    try:
        return score(definition, [choice.rated for choice in choices], context, strict)
    except InvalidRatings as error:
        raise Invalid(_field_errors(error.problems)) from None


def check_draft(*, definition: Definition, context: Context, judgement: Judgement) -> None:
    """Invalid for choices that no further work could make fit; what is missing may still come."""
    try:
        score(definition, [choice.rated for choice in judgement.choices], context, False)
    except InvalidRatings as error:
        wrong = [p for p in error.problems if p.code != "option_or_na" or _is_double(judgement, p)]
        if wrong:
            raise Invalid(_field_errors(wrong)) from None


def quotes_of(*, actor: Actor, conversation: Conversation, judgement: Judgement) -> Quotes:
    """The quoted words of all evidence; Invalid for messages of other conversations, or that the actor does
    not see, and for passages outside the text. One query, none without evidence."""
    wanted = {passage.message for choice in judgement.choices for passage in choice.evidence}
    messages = Message.objects.visible_to(actor).filter(conversation_id=conversation.pk, pk__in=wanted)
    texts: dict[int, str] = dict(messages.values_list("pk", "text")) if wanted else {}
    errors = [
        error
        for index, choice in enumerate(judgement.choices)
        for place, passage in enumerate(choice.evidence)
        for error in _passage_errors(texts, passage, f"/ratings/{index}/evidence/{place}")
    ]
    if errors:
        raise Invalid(errors)
    return {
        choice.category: [Quote(p, texts[p.message][p.start : p.end]) for p in choice.evidence]
        for choice in judgement.choices
    }


def write_gradings(graded: Sequence[Graded]) -> None:
    """One grading for each saved review, whose result was put, with ratings and evidence. Three inserts
    however many."""
    gradings = Grading.objects.bulk_create([_grading(each) for each in graded])
    ratings = Rating.objects.bulk_create(
        rating for grading, each in zip(gradings, graded, strict=True) for rating in _ratings(grading, each)
    )
    quotes = {grading.pk: each.quotes for grading, each in zip(gradings, graded, strict=True)}
    Evidence.objects.bulk_create(
        Evidence(
            workspace_id=rating.workspace_id,
            rating=rating,
            message_id=quote.passage.message,
            start=quote.passage.start,
            end=quote.passage.end,
            quote=quote.words,
        )
        for rating in ratings
        for quote in quotes[rating.grading_id].get(rating.category, ())
    )


def _grading(graded: Graded) -> Grading:
    review, result = graded.review, graded.result
    return Grading(
        workspace_id=review.workspace_id,
        review=review,
        number=review.gradings_count,
        version_id=review.version_id,
        grader_id=graded.grader_id,
        score=result.score,
        unfailed_score=result.unfailed_score,
        failed_by=list(result.failed_by),
        groups=_keyed(result.groups),
        tags=_keyed(result.tags),
        comment=graded.judgement.comment,
        reason=graded.reason,
        created_at=graded.at or timezone.now(),
    )


def _ratings(grading: Grading, graded: Graded) -> list[Rating]:
    chosen = {choice.category: choice for choice in graded.judgement.choices}
    return [
        Rating(
            workspace_id=grading.workspace_id,
            grading=grading,
            category=result.key,
            state=result.state,
            option=result.option or "",
            score=result.score,
            applied_weight=result.applied_weight,
            comment=chosen[result.key].comment if result.key in chosen else "",
            root_causes=list(chosen[result.key].root_causes) if result.key in chosen else [],
        )
        for result in graded.result.categories
    ]


def _keyed(scores: Iterable[tuple[str, Decimal | None]]) -> list[dict[str, str | None]]:
    return [{"key": key, "score": None if value is None else f"{value:.4f}"} for key, value in scores]


def _field_errors(problems: Iterable[RatingProblem]) -> list[FieldError]:
    return [FieldError(f"/ratings{p.pointer}", p.code, p.detail) for p in problems]


def _is_double(judgement: Judgement, problem: RatingProblem) -> bool:
    return problem.index is not None and judgement.choices[problem.index].answered


def _passage_errors(texts: Mapping[int, str], passage: Passage, pointer: str) -> list[FieldError]:
    text = texts.get(passage.message)
    if text is None:
        return [
            FieldError(f"{pointer}/message", "not_found", "There is no such message in this conversation.")
        ]
    if not 0 <= passage.start < passage.end <= len(text):
        detail = f"The passage must lie inside the message's {len(text)} characters."
        return [FieldError(f"{pointer}/end", "out_of_range", detail)]
    return []
