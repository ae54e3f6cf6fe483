"""What changed from one grading of a review to the next, category by category. Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Judged:
    """What one grading says of one category: its option in words (or a state such as "not applicable"), its
    score from 0 to 100 or None, and why. `evidence` holds the quoted words."""

    name: str
    choice: str
    score: Decimal | None = None
    comment: str = ""
    causes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One whole grading. `categories` and `answers` by key, in the order of the form; `answers` are (name,
    answer) pairs of unscored questions; `remarks` are the remarks on messages in words."""

    score: Decimal | None
    comment: str = ""
    categories: Mapping[str, Judged] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A text or a choice that is another now; an empty side means that there was, or is, none."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list lost and what it gained, each in its order."""

    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """What is different in one category; a part that stayed the same is None."""

    key: str
    name: str
    choice: Words | None
    score: tuple[Decimal | None, Decimal | None]
    comment: Words | None
    causes: Listed | None
    evidence: Listed | None


@dataclass(frozen=True, slots=True)
class Diff:
    """All that is different between two gradings; scores are given on both sides in any case."""

    score: tuple[Decimal | None, Decimal | None]
    comment: Words | None
    categories: tuple[CategoryChange, ...]
    answers: tuple[tuple[str, Words], ...]
    remarks: Listed | None

    @property
    def rescored(self) -> bool:
        return self.score[0] != self.score[1]

    @property
    def empty(self) -> bool:
        """Whether nothing is different: somebody graded again and came to the same."""
        return not (self.rescored or self.comment or self.categories or self.answers or self.remarks)


def diff(before: Side, after: Side) -> Diff:
    """From `before` to `after`. Categories come in the order of `after`, then those that only `before` had
    (a newer version of the scorecard dropped them, or a condition hides them)."""
    keys = [*after.categories, *(key for key in before.categories if key not in after.categories)]
    changes = (_category(key, before.categories.get(key), after.categories.get(key)) for key in keys)
    return Diff(
        score=(before.score, after.score),
        comment=_words(before.comment, after.comment),
        categories=tuple(change for change in changes if change is not None),
        answers=_answers(before.answers, after.answers),
        remarks=_listed(before.remarks, after.remarks),
    )


def _category(key: str, before: Judged | None, after: Judged | None) -> CategoryChange | None:
    old = before or Judged(name="", choice="")
    new = after or Judged(name="", choice="")
    found = CategoryChange(
        key=key,
        name=new.name or old.name,
        choice=_words(old.choice, new.choice),
        score=(old.score, new.score),
        comment=_words(old.comment, new.comment),
        causes=_listed(old.causes, new.causes),
        evidence=_listed(old.evidence, new.evidence),
    )
    words = found.choice or found.comment or found.causes or found.evidence
    return found if words or old.score != new.score else None


def _answers(
    before: Mapping[str, tuple[str, str]], after: Mapping[str, tuple[str, str]]
) -> tuple[tuple[str, Words], ...]:
    found = []
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key, ("", "")), after.get(key, ("", ""))
        if old[1] != new[1]:
            found.append((new[0] or old[0], Words(old[1], new[1])))
    return tuple(found)


def _words(before: str, after: str) -> Words | None:
    return None if before == after else Words(before, after)


def _listed(before: Sequence[str], after: Sequence[str]) -> Listed | None:
    """Repeated entries count; an order that changed is no difference."""
    gone, new = _without(before, after), _without(after, before)
    return Listed(gone, new) if gone or new else None


def _without(these: Sequence[str], those: Sequence[str]) -> tuple[str, ...]:
    left, found = list(those), []
    for each in these:
        if each in left:
            left.remove(each)
        else:
            found.append(each)
    return tuple(found)
