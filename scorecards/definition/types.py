"""What a scorecard version is, as values: groups of categories with options, weights and conditions."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

Critical = Literal["none", "group", "review"]
CommentRequired = Literal["never", "negative", "always"]

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
    """When a category is shown: any value of each list, all conditions given; none given means always."""

    channel: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    csat: bool | None = None


@dataclass(frozen=True, slots=True)
class RootCauses:
    """The causes a reviewer may name for a bad and for a good rating."""

    negative: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """One thing that is rated. `options` is always filled, also for a ready `scale`."""

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


@dataclass(frozen=True, slots=True)
class Group:
    """Categories under one heading, with a sub-score of their own."""

    key: str
    name: str
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole scorecard version. Category keys are unique over all groups."""

    groups: tuple[Group, ...]

    @property
    def categories(self) -> tuple[Category, ...]:
        """All categories, in the order of the form."""
        return tuple(category for group in self.groups for category in group.categories)

    @property
    def uses_csat(self) -> bool:
        """Whether a category depends on CSAT; such a scorecard cannot be published while blind is on."""
        return any(category.show_when.csat is not None for category in self.categories)


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


def applies(category: Category, context: Context) -> bool:
    """Whether the category is shown for this conversation. Words match whatever their case."""
    when = category.show_when
    return (
        _meets(when.channel, (context.channel,))
        and _meets(when.topic, (context.topic,))
        and _meets(when.tag, context.tags)
        and _meets(when.language, (context.language,))
        and when.csat in (None, context.has_csat)
    )


def _meets(wanted: tuple[str, ...], present: tuple[str, ...]) -> bool:
    return not wanted or not {word.casefold() for word in wanted}.isdisjoint(
        word.strip().casefold() for word in present
    )


def to_json(definition: Definition, *, list_options: bool = False) -> dict[str, object]:
    """The normalised JSON of a definition, defaults filled in; `parse` of it gives the definition back.

    A category with a ready scale names the scale; its options are repeated only with `list_options`,
    for readers that draw the form.
    """
    return {"groups": [_group_json(group, list_options) for group in definition.groups]}


def _group_json(group: Group, list_options: bool) -> dict[str, object]:
    return {
        "key": group.key,
        "name": group.name,
        "categories": [_category_json(category, list_options) for category in group.categories],
    }


def _category_json(category: Category, list_options: bool) -> dict[str, object]:
    answers: dict[str, object] = {} if category.scale is None else {"scale": category.scale}
    if category.scale is None or list_options:
        answers["options"] = [_option_json(option) for option in category.options]
    return {
        "key": category.key,
        "name": category.name,
        "description": category.description,
        "weight": _plain(Fraction(category.weight)),
        **answers,
        "critical": category.critical,
        "allow_na": category.allow_na,
        "comment_required": category.comment_required,
        "tags": list(category.tags),
        "show_when": _show_when_json(category.show_when),
        "root_causes": {
            "negative": list(category.root_causes.negative),
            "positive": list(category.root_causes.positive),
        },
    }


def _option_json(option: Option) -> dict[str, object]:
    whole = option.points.denominator == 1
    fails: dict[str, object] = {} if option.fails is None else {"fails": option.fails}
    return {
        "key": option.key,
        "label": option.label,
        "points": int(option.points) if whole else _plain(option.points),
        "description": option.description,
        **fails,
    }


def _show_when_json(when: ShowWhen) -> dict[str, object]:
    lists = {"channel": when.channel, "topic": when.topic, "tag": when.tag, "language": when.language}
    conditions: dict[str, object] = {name: list(words) for name, words in lists.items() if words}
    return conditions if when.csat is None else {**conditions, "csat": when.csat}


def _plain(value: Fraction) -> str:
    """A decimal of up to DECIMAL_PLACES in plain digits; integers, so that no decimal context rounds it."""
    digits = int(abs(value) * 10**DECIMAL_PLACES)
    whole, part = divmod(digits, 10**DECIMAL_PLACES)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{part:0{DECIMAL_PLACES}d}".rstrip("0").rstrip(".")
