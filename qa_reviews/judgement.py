"""What a reviewer says of a conversation, as values: choices, comments, answers, remarks. Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scorecards.ratings import Rated

REMARK, PRAISE = "remark", "praise"


@dataclass(frozen=True, slots=True)
class Passage:
    """Code points start (inclusive) to end (exclusive) of a message's text."""

    message: int
    start: int
    end: int

    def as_json(self) -> dict[str, int]:
        return {"message": self.message, "start": self.start, "end": self.end}


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

    def as_json(self) -> dict[str, Any]:
        return {
            "category": self.category,
            "option": self.option,
            "na": self.na,
            "comment": self.comment,
            "root_causes": list(self.root_causes),
            "evidence": [passage.as_json() for passage in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Note:
    """A remark or praise on a message, or on the code points start to end of its text. Counts nowhere."""

    message: int
    body: str = ""
    kind: str = REMARK
    start: int | None = None
    end: int | None = None

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Note:
        return cls(
            message=raw["message"],
            body=raw.get("body") or "",
            kind=raw.get("kind") or REMARK,
            start=raw.get("start"),
            end=raw.get("end"),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "message": self.message,
            "start": self.start,
            "end": self.end,
            "kind": str(self.kind),
            "body": self.body,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that a review says: choices, comment, answers to unscored questions by key, remarks on messages."""

    choices: tuple[Choice, ...] = ()
    comment: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[Note, ...] = ()

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Judgement:
        """From {"ratings", "comment", "answers", "remarks"}, a draft or a checked request."""
        return cls(
            choices=tuple(Choice.of(each) for each in raw.get("ratings") or ()),
            comment=raw.get("comment") or "",
            answers=dict(raw.get("answers") or {}),
            remarks=tuple(Note.of(each) for each in raw.get("remarks") or ()),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "ratings": [choice.as_json() for choice in self.choices],
            "comment": self.comment,
            "answers": dict(self.answers),
            "remarks": [remark.as_json() for remark in self.remarks],
        }

    @property
    def texts(self) -> tuple[str, ...]:
        """All its comments, for hashtags and mentions."""
        return (self.comment, *(c.comment for c in self.choices), *(note.body for note in self.remarks))


@dataclass(frozen=True, slots=True)
class Quotes:
    """The words that evidence (by category key) and remarks (in their order) point at."""

    evidence: Mapping[str, Sequence[tuple[Passage, str]]] = field(default_factory=dict)
    remarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The suggestion that stood beside a rating; an empty option is N/A."""

    option: str
    source: str
    version: str = ""
    passages: tuple[Passage, ...] = ()
