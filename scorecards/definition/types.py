"""What a scorecard version is, as values: groups of categories with options, weights and conditions."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

Critical = Literal["none", "group", "review"]
CommentRequired = Literal["never", "negative", "always"]
Kind = Literal["rated", "bonus", "deduction"]
Answer = Literal["text", "number", "date", "choice", "instruction"]
Start = Literal["empty", "best", "na"]

DECIMAL_PLACES = 20
"""The most decimals a weight or a number of points may have."""

SCALES = MappingProxyType(
    {
        "binary": ("No", "Yes"),
        "3-point": ("Not met", "Partly met", "Met"),
        "4-point": ("Poor", "Needs work", "Good", "Excellent"),
        "5-point": ("Very poor", "Poor", "Acceptable", "Good", "Excellent"),
    }
)
"""The ready scales: their labels from worst to best."""

DEFAULT_SCALE = "5-point"
DEFAULT_WEIGHT = Decimal(10)
NA = "na"
"""How a condition names N/A, unless the category has an option of that key."""
TIER = " > "
"""Between the two tiers of a root cause, as it is chosen and stored."""
OTHER = "Other:"
"""Begins a root cause in the reviewer's own words."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a category. `fails` overrides the rule of 50 in a critical category."""

    key: str
    label: str
    points: Fraction
    description: str = ""
    fails: bool | None = None


@dataclass(frozen=True, slots=True)
class ShowWhen:
    """When a category or question is shown: any value of each list, all conditions given; none given means
    always. `answers` pairs a category's key with the options of which one must be chosen there."""

    channel: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    csat: bool | None = None
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class RootCauses:
    """The causes a reviewer may name for a bad and for a good rating, each as it is chosen: "Wrong product",
    or "Process > No macro" in two tiers. `other` allows one of his own words, "Other: ...", too."""

    negative: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    other: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """One thing that is rated. `options` is always filled, also for a ready `scale`. A `bonus` adds to the
    score and a `deduction` takes from it, each up to its weight in points; they are no part of the mean."""

    key: str
    name: str
    options: tuple[Option, ...]
    description: str = ""
    weight: Decimal = DEFAULT_WEIGHT
    scale: str | None = None
    critical: Critical = "none"
    allow_na: bool = True
    comment_required: CommentRequired = "never"
    tags: tuple[str, ...] = ()
    show_when: ShowWhen = field(default_factory=ShowWhen)
    root_causes: RootCauses = field(default_factory=RootCauses)
    kind: Kind = "rated"


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is noted and never scored; an `instruction` is read and has no answer."""

    key: str
    name: str
    answer: Answer
    description: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    show_when: ShowWhen = field(default_factory=ShowWhen)


@dataclass(frozen=True, slots=True)
class Group:
    """Categories and questions under one heading, with a sub-score. Either all groups that rate have a
    `weight`, or none: then their categories' weights count over the whole form."""

    key: str
    name: str
    categories: tuple[Category, ...]
    weight: Decimal | None = None
    questions: tuple[Question, ...] = ()

    @property
    def asked(self) -> tuple[Category | Question, ...]:
        """Its categories, then its questions."""
        return (*self.categories, *self.questions)

    @property
    def rates(self) -> bool:
        """Whether a category of it counts in the mean."""
        return any(category.kind == "rated" for category in self.categories)


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole scorecard version. Keys of categories and questions are unique over all groups."""

    groups: tuple[Group, ...]
    start: Start = "empty"

    @property
    def categories(self) -> tuple[Category, ...]:
        """All categories, in the order of the form."""
        return tuple(category for group in self.groups for category in group.categories)

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions, in the order of the form."""
        return tuple(question for group in self.groups for question in group.questions)

    @property
    def asked(self) -> tuple[Category | Question, ...]:
        """Categories, then questions: all that can be shown or hidden."""
        return (*self.categories, *self.questions)

    @property
    def group_weights(self) -> bool:
        """Whether groups weigh against each other by a weight of their own."""
        return any(group.weight is not None for group in self.groups)

    @property
    def uses_csat(self) -> bool:
        """Whether something depends on CSAT; such a scorecard cannot be published while blind is on."""
        return any(each.show_when.csat is not None for each in self.asked)


@dataclass(frozen=True, slots=True)
class Context:
    """What a conversation is, as far as conditions ask. Empty text means unknown and meets no condition."""

    channel: str = ""
    topic: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    has_csat: bool = False


def scale_options(scale: str) -> tuple[Option, ...]:
    """The options of a ready scale, keys "1", "2", ... and points 0, 1, ... from worst to best."""
    return tuple(
        Option(key=str(place + 1), label=label, points=Fraction(place))
        for place, label in enumerate(SCALES[scale])
    )
