"""What reviewers chose in many reviews, as columns of small numbers. Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorecards.definition import Context

Codes = npt.NDArray[np.int16]
Rows = npt.NDArray[np.int64]

UNRATED, NA_CHOSEN = -1, -2
"""Codes beside the places of options; negative, so that they index the last places of a table."""
NO_SCORE = -1
NO_TEAM = 0
SIGN, COMMA = "=", ","
"""Between a category's key and its option's, and between ratings. Keys have neither."""


@dataclass(frozen=True, slots=True)
class Column:
    """One category over all reviews: the place of the option in `options`, NA_CHOSEN or UNRATED."""

    options: tuple[str, ...]
    codes: Codes


@dataclass(frozen=True, slots=True)
class Choices:
    """The columns by category key; `size` reviews."""

    size: int
    columns: Mapping[str, Column]

    def take(self, rows: Rows) -> Choices:
        """Some of the reviews."""
        columns = {key: Column(each.options, each.codes[rows]) for key, each in self.columns.items()}
        return Choices(len(rows), columns)


@dataclass(frozen=True, slots=True)
class Contexts:
    """What the conversations are: the different ones, and for each review the place of its own."""

    distinct: tuple[Context, ...]
    places: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class History:
    """Reviews as they stand, one place each, newest first. `stored` are scores in ten-thousandths of a point,
    NO_SCORE without one; `agents`, `teams` and `versions` are ids, a team of NO_TEAM is none. `cut`: there
    were more, and these are the latest."""

    reviews: Rows
    agents: Rows
    teams: Rows
    versions: Rows
    stored: Rows
    choices: Choices
    contexts: Contexts
    cut: bool


class ChoiceReader:
    """Reads one line a review, "solution=3,tone=": nothing behind the sign is N/A. Takes any number of lines
    at a time, and keeps four bytes a rating."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.ratings: list[npt.NDArray[np.int32]] = []
        self.lengths: list[int] = []

    def add(self, lines: Sequence[str]) -> None:
        words = COMMA.join(filter(None, lines)).split(COMMA) if any(lines) else []
        for word in set(words) - self.known.keys():
            self.known[word] = len(self.known)
        self.ratings.append(np.fromiter(map(self.known.__getitem__, words), np.int32, len(words)))
        self.lengths += [line.count(COMMA) + 1 if line else 0 for line in lines]

    def choices(self) -> Choices:
        """All that was read."""
        size = len(self.lengths)
        ratings = np.concatenate([np.empty(0, np.int32), *self.ratings])
        rows = np.repeat(np.arange(size), self.lengths)
        order = np.argsort(ratings, kind="stable")
        ends = np.searchsorted(ratings[order], np.arange(len(self.known) + 1))
        options: dict[str, list[str]] = {}
        codes: dict[str, Codes] = {}
        for word, place in sorted(self.known.items()):
            category, _, option = word.partition(SIGN)
            named = options.setdefault(category, [])
            column = codes.setdefault(category, np.full(size, UNRATED, np.int16))
            column[rows[order[ends[place] : ends[place + 1]]]] = len(named) if option else NA_CHOSEN
            if option:
                named.append(option)
        return Choices(size, {key: Column(tuple(options[key]), codes[key]) for key in codes})
