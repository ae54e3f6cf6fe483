"""Answers to the unscored questions of a scorecard, checked. Pure: no Django."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from scorecards.definition import Answer, Definition, Question
from scorecards.definition.fields import exact_number
from scorecards.definition.findings import pointer_to

MOST_TEXT = 4000

AnswerCode = Literal[
    "invalid", "unknown_question", "hidden_question", "unknown_choice", "too_long", "required"
]


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """Why an answer cannot stand; `key` is its question's, empty when the answers are no object at all."""

    key: str
    code: AnswerCode
    detail: str

    @property
    def pointer(self) -> str:
        """The JSON pointer, "/answers/<key>"."""
        return pointer_to("/answers", self.key) if self.key else "/answers"


class _Refused(Exception):
    """One answer does not fit its question."""

    def __init__(self, code: AnswerCode, detail: str) -> None:
        super().__init__(detail)
        self.code: AnswerCode = code


def check_answers(
    definition: Definition, visible_keys: frozenset[str], answers: object, strict: bool
) -> tuple[dict[str, str], list[AnswerProblem]]:
    """The answers as they are kept, by question key in the order of the form, and all problems.

    Numbers are kept as plain decimal text, dates as ISO text. Null and blank text mean no answer; `strict`
    is for submitting: required questions that are shown need one. Takes any JSON value and never raises.
    """
    if not isinstance(answers, dict):
        return {}, [AnswerProblem("", "invalid", "Must be an object of question keys and answers.")]
    questions = {question.key: question for question in definition.questions}
    given = {key: value for key, value in answers.items() if not _is_blank(value)}
    kept: dict[str, str] = {}
    problems: list[AnswerProblem] = []
    for key, value in given.items():
        try:
            kept[key] = _kept(questions.get(key), key in visible_keys, value)
        except _Refused as refusal:
            problems.append(AnswerProblem(str(key), refusal.code, str(refusal)))
    if strict:
        problems += _missing(definition, visible_keys, given)
    return {key: kept[key] for key in questions if key in kept}, problems


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _missing(
    definition: Definition, visible_keys: frozenset[str], given: Mapping[str, object]
) -> list[AnswerProblem]:
    return [
        AnswerProblem(question.key, "required", f'"{question.name}" needs an answer.')
        for question in definition.questions
        if question.required and question.key in visible_keys and question.key not in given
    ]


def _kept(question: Question | None, shown: bool, value: object) -> str:
    if question is None:
        raise _Refused("unknown_question", "This version has no such question.")
    if not shown:
        raise _Refused("hidden_question", f'"{question.name}" is not shown here.')
    return _KEEPS[question.answer](question, value)


def _text(question: Question, value: object) -> str:
    if not isinstance(value, str):
        raise _Refused("invalid", "Must be text.")
    if len(value) > MOST_TEXT:
        raise _Refused("too_long", f"Must have at most {MOST_TEXT} characters.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\r\t" for sign in value):
        raise _Refused("invalid", "Must not hold control characters or halves of surrogates.")
    return value.strip()


def _number(question: Question, value: object) -> str:
    number = exact_number(value.strip() if isinstance(value, str) else value)
    if number is None:
        raise _Refused("invalid", "Must be a number in plain digits.")
    return f"{number:f}"


def _date(question: Question, value: object) -> str:
    try:
        return date.fromisoformat(value.strip()).isoformat() if isinstance(value, str) else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> str:
    raise _Refused("invalid", "Must be a date such as 2026-03-02.")


def _choice(question: Question, value: object) -> str:
    if isinstance(value, str) and value in question.choices:
        return value
    raise _Refused("unknown_choice", f'"{question.name}" has no such choice.')


def _instruction(question: Question, value: object) -> str:
    raise _Refused("invalid", "An instruction has no answer.")


_KEEPS: Mapping[Answer, Callable[[Question, object], str]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "instruction": _instruction,
}
