"""From a reviewer's judgement to a grading: checked, scored once, written with its ratings and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.access import Actor
from common.attach import attach
from common.errors import FieldError, Invalid
from conversations.models import Conversation, Message, SurveyResponse
from qa_reviews.judgement import REMARK, Choice, Judgement, Passage, Proposal, Quotes
from qa_reviews.models import Evidence, Grading, Rating, Remark, Review
from scorecards.answers import check_answers
from scorecards.definition import Context, Definition, visible
from scorecards.ratings import InvalidRatings, RatingProblem, chosen_of
from scorecards.scoring import CategoryResult, Result, score

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
    proposals: Mapping[str, Proposal] = field(default_factory=dict)  # by category key

    def put_result(self) -> None:
        """The newest result, on the review itself; its caller saves it."""
        review, result = self.review, self.result
        review.score, review.unfailed_score = result.score, result.unfailed_score
        review.failed_by = list(result.failed_by)
        review.gradings_count += 1


def context_of(*, conversation: Conversation, definition: Definition) -> Context:
    """What the scorecard's conditions ask of the conversation. A query only where they ask for CSAT."""
    context = context_of_conversation(conversation)
    if not definition.uses_csat:
        return context
    surveys = SurveyResponse.objects.in_workspace(conversation.workspace_id).filter(
        conversation_id=conversation.pk, kind=SurveyResponse.Kind.CSAT, score__isnull=False
    )
    return replace(context, has_csat=surveys.exists())


def context_of_conversation(conversation: Conversation) -> Context:
    """The same, without what the customer answered."""
    return Context(
        channel=conversation.channel,
        topic=conversation.topic,
        tags=tuple(conversation.tags),
        language=conversation.language,
    )


def scored(*, definition: Definition, context: Context, choices: Iterable[Choice], strict: bool) -> Result:
    """The score of the choices; Invalid with pointers below /ratings for those that do not fit."""
    try:
        return score(definition, [choice.rated for choice in choices], context, strict)
    except InvalidRatings as error:
        raise Invalid(_field_errors(error.problems)) from None


def checked(*, definition: Definition, context: Context, judgement: Judgement) -> tuple[Result, Judgement]:
    """The score of a judgement fit to be submitted, and the judgement with its answers as they are kept.
    Invalid for all that is wrong with ratings and answers."""
    errors: list[FieldError] = []
    result = None
    try:
        result = score(definition, [choice.rated for choice in judgement.choices], context, True)
    except InvalidRatings as error:
        errors += _field_errors(error.problems)
    answers, wrong = _answers(definition, context, judgement, strict=True)
    errors += wrong
    if errors or result is None:
        raise Invalid(errors)
    return result, replace(judgement, answers=answers)


def check_draft(*, definition: Definition, context: Context, judgement: Judgement) -> None:
    """Invalid for choices and answers that no further work could make fit; what is missing may still come."""
    errors: list[FieldError] = []
    try:
        score(definition, [choice.rated for choice in judgement.choices], context, False)
    except InvalidRatings as error:
        wrong = [p for p in error.problems if p.code != "option_or_na" or _is_double(judgement, p)]
        errors += _field_errors(wrong)
    errors += _answers(definition, context, judgement, strict=False)[1]
    if errors:
        raise Invalid(errors)


def _answers(
    definition: Definition, context: Context, judgement: Judgement, *, strict: bool
) -> tuple[dict[str, str], list[FieldError]]:
    if not definition.questions and not judgement.answers:
        return {}, []
    shown = visible(definition, context, chosen_of(choice.rated for choice in judgement.choices))
    kept, problems = check_answers(definition, shown, dict(judgement.answers), strict)
    return kept, [FieldError(p.pointer, p.code, p.detail) for p in problems]


def quotes_of(*, actor: Actor, conversation: Conversation, judgement: Judgement) -> Quotes:
    """The quoted words of all evidence and remarks; Invalid for messages of other conversations, or that the
    actor does not see, and for passages outside the text. One query, none without either."""
    wanted = {passage.message for choice in judgement.choices for passage in choice.evidence}
    wanted |= {note.message for note in judgement.remarks}
    if not wanted:
        return Quotes()
    messages = Message.objects.visible_to(actor).filter(conversation_id=conversation.pk, pk__in=wanted)
    texts: dict[int, str] = dict(messages.values_list("pk", "text"))
    errors = [*_evidence_errors(texts, judgement), *_remark_errors(texts, judgement)]
    if errors:
        raise Invalid(errors)
    return Quotes(
        {c.category: [(p, texts[p.message][p.start : p.end]) for p in c.evidence] for c in judgement.choices},
        [texts[note.message][note.start : note.end] if note.end else "" for note in judgement.remarks],
    )


@dataclass(frozen=True, slots=True)
class Written:
    """A grading with its rows; evidence by the id of its rating."""

    grading: Grading
    ratings: Sequence[Rating]
    evidence: Mapping[int, Sequence[Evidence]]
    remarks: Sequence[Remark]

    def attached(self) -> Grading:
        """The grading as if it had been read with all its rows."""
        attach(self.grading, "ratings", self.ratings)
        attach(self.grading, "remarks", self.remarks)
        for rating in self.ratings:
            attach(rating, "evidence", self.evidence[rating.pk])
        return self.grading


def write_gradings(graded: Sequence[Graded]) -> list[Written]:
    """One grading for each saved review, whose result was put, with ratings, evidence and remarks. Two
    inserts however many, one more for evidence and one for remarks."""
    gradings = Grading.objects.bulk_create([_grading(each) for each in graded])
    pairs = list(zip(gradings, graded, strict=True))
    ratings = [_ratings(*pair) for pair in pairs]
    Rating.objects.bulk_create(row for own in ratings for row in own)
    evidence = [
        {row.pk: _evidence(row, each.quotes.evidence) for row in own}
        for own, each in zip(ratings, graded, strict=True)
    ]
    remarks = [_remarks(*pair) for pair in pairs]
    _insert(Evidence, (rows for own in evidence for rows in own.values()))
    _insert(Remark, remarks)
    return [Written(*rows) for rows in zip(gradings, ratings, evidence, remarks, strict=True)]


def _insert(model: type[Evidence] | type[Remark], rows: Iterable[Sequence[Any]]) -> None:
    found = [row for own in rows for row in own]
    if found:
        model.objects.bulk_create(found)


def _evidence(rating: Rating, quotes: Mapping[str, Sequence[tuple[Passage, str]]]) -> list[Evidence]:
    return [
        Evidence(
            workspace_id=rating.workspace_id,
            rating=rating,
            message_id=passage.message,
            start=passage.start,
            end=passage.end,
            quote=words,
        )
        for passage, words in quotes.get(rating.category, ())
    ]


def _remarks(grading: Grading, graded: Graded) -> list[Remark]:
    return [
        Remark(
            workspace_id=grading.workspace_id,
            grading=grading,
            message_id=note.message,
            start=note.start,
            end=note.end,
            quote=words,
            kind=note.kind,
            body=note.body,
        )
        for note, words in zip(graded.judgement.remarks, graded.quotes.remarks, strict=True)
    ]


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
        uncapped_score=result.uncapped_score,
        failed_by=list(result.failed_by),
        groups=_keyed(result.groups),
        tags=_keyed(result.tags),
        answers=dict(graded.judgement.answers),
        comment=graded.judgement.comment,
        reason=graded.reason,
        created_at=graded.at or timezone.now(),
    )


def _ratings(grading: Grading, graded: Graded) -> list[Rating]:
    chosen = {choice.category: choice for choice in graded.judgement.choices}
    return [
        _rating(grading, result, chosen.get(result.key), graded.proposals.get(result.key))
        for result in graded.result.categories
    ]


def _rating(
    grading: Grading, result: CategoryResult, choice: Choice | None, proposal: Proposal | None
) -> Rating:
    row = Rating(
        workspace_id=grading.workspace_id,
        grading=grading,
        category=result.key,
        state=result.state,
        option=result.option or "",
        score=result.score,
        applied_weight=result.applied_weight,
        comment=choice.comment if choice else "",
        root_causes=list(choice.root_causes) if choice else [],
    )
    if proposal is not None:
        row.suggested_option, row.suggestion_source = proposal.option, proposal.source
        row.suggestion_version = proposal.version
        row.suggestion_passages = [passage.as_json() for passage in proposal.passages]
    return row


def _keyed(scores: Iterable[tuple[str, Decimal | None]]) -> list[dict[str, str | None]]:
    return [{"key": key, "score": None if value is None else f"{value:.4f}"} for key, value in scores]


def _field_errors(problems: Iterable[RatingProblem]) -> list[FieldError]:
    return [FieldError(f"/ratings{p.pointer}", p.code, p.detail) for p in problems]


def _is_double(judgement: Judgement, problem: RatingProblem) -> bool:
    return problem.index is not None and judgement.choices[problem.index].answered


def _evidence_errors(texts: Mapping[int, str], judgement: Judgement) -> Iterator[FieldError]:
    for index, choice in enumerate(judgement.choices):
        for place, passage in enumerate(choice.evidence):
            pointer = f"/ratings/{index}/evidence/{place}"
            yield from _passage_errors(texts, passage.message, passage.start, passage.end, pointer)


def _remark_errors(texts: Mapping[int, str], judgement: Judgement) -> Iterator[FieldError]:
    for index, note in enumerate(judgement.remarks):
        pointer = f"/remarks/{index}"
        if (note.start is None) != (note.end is None):
            yield FieldError(f"{pointer}/end", "required", "A passage needs its start and its end.")
        elif note.start is None or note.end is None:
            yield from _passage_errors(texts, note.message, None, None, pointer)
        else:
            yield from _passage_errors(texts, note.message, note.start, note.end, pointer)
        if note.kind == REMARK and not note.body.strip():
            yield FieldError(f"{pointer}/body", "required", "A remark needs words; praise may go without.")


def _passage_errors(
    texts: Mapping[int, str], message: int, start: int | None, end: int | None, pointer: str
) -> list[FieldError]:
    """Without start and end the whole message is meant."""
    text = texts.get(message)
    if text is None:
        detail = "There is no such message in this conversation."
        return [FieldError(f"{pointer}/message", "not_found", detail)]
    if start is not None and end is not None and not 0 <= start < end <= len(text):
        detail = f"The passage must lie inside the message's {len(text)} characters."
        return [FieldError(f"{pointer}/end", "out_of_range", detail)]
    return []
