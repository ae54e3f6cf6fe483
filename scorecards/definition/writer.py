"""A definition as JSON again."""

from fractions import Fraction
from itertools import groupby

from scorecards.definition.types import (
    DECIMAL_PLACES,
    TIER,
    Category,
    Definition,
    Group,
    Option,
    Question,
    RootCauses,
    ShowWhen,
)


def to_json(definition: Definition, *, list_options: bool = False) -> dict[str, object]:
    """The normalised JSON of a definition, defaults filled in; `parse` of it gives the definition back.

    A category with a ready scale names the scale; its options are repeated only with `list_options`,
    for readers that draw the form.
    """
    return {
        "start": definition.start,
        "groups": [_group_json(group, list_options) for group in definition.groups],
    }


def _group_json(group: Group, list_options: bool) -> dict[str, object]:
    weight = {} if group.weight is None else {"weight": plain(Fraction(group.weight))}
    return {
        "key": group.key,
        "name": group.name,
        **weight,
        "categories": [_category_json(category, list_options) for category in group.categories],
        "questions": [_question_json(question) for question in group.questions],
    }


def _category_json(category: Category, list_options: bool) -> dict[str, object]:
    answers: dict[str, object] = {} if category.scale is None else {"scale": category.scale}
    if category.scale is None or list_options:
        answers["options"] = [_option_json(option) for option in category.options]
    return {
        "key": category.key,
        "name": category.name,
        "kind": category.kind,
        "description": category.description,
        "weight": plain(Fraction(category.weight)),
        **answers,
        "critical": category.critical,
        "allow_na": category.allow_na,
        "comment_required": category.comment_required,
        "tags": list(category.tags),
        "show_when": _show_when_json(category.show_when),
        "root_causes": _causes_json(category.root_causes),
    }


def _question_json(question: Question) -> dict[str, object]:
    return {
        "key": question.key,
        "name": question.name,
        "description": question.description,
        "answer": question.answer,
        "required": question.required,
        "choices": list(question.choices),
        "show_when": _show_when_json(question.show_when),
    }


def _causes_json(causes: RootCauses) -> dict[str, object]:
    return {
        "negative": _tiers_json(causes.negative),
        "positive": _tiers_json(causes.positive),
        "other": causes.other,
    }


def _tiers_json(causes: tuple[str, ...]) -> list[object]:
    return [
        {"cause": cause, "details": list(details)} if details else cause for cause, details in tiers(causes)
    ]


def tiers(causes: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """The causes by their first tier, neighbours of one first tier together; no details where there is one
    tier only."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for (cause, tiered), run in groupby(causes, key=_first_tier):
        each = tuple(run)
        if tiered:
            found.append((cause, tuple(one.removeprefix(cause + TIER) for one in each)))
        else:
            found += [(one, ()) for one in each]
    return found


def _first_tier(cause: str) -> tuple[str, bool]:
    """The first tier, and whether there is a second: one sign between two trimmed words."""
    first, _, second = cause.partition(TIER)
    tiered = bool(second) and TIER not in second and (first, second) == (first.strip(), second.strip())
    return (first, True) if tiered else (cause, False)


def _option_json(option: Option) -> dict[str, object]:
    whole = option.points.denominator == 1
    fails: dict[str, object] = {} if option.fails is None else {"fails": option.fails}
    return {
        "key": option.key,
        "label": option.label,
        "points": int(option.points) if whole else plain(option.points),
        "description": option.description,
        **fails,
    }


def _show_when_json(when: ShowWhen) -> dict[str, object]:
    lists = {"channel": when.channel, "topic": when.topic, "tag": when.tag, "language": when.language}
    conditions: dict[str, object] = {name: list(words) for name, words in lists.items() if words}
    if when.csat is not None:
        conditions["csat"] = when.csat
    if when.answers:
        conditions["answers"] = {key: list(options) for key, options in when.answers}
    return conditions


def plain(value: Fraction) -> str:
    """A decimal of up to DECIMAL_PLACES in plain digits; integers, so that no decimal context rounds it."""
    digits = int(abs(value) * 10**DECIMAL_PLACES)
    whole, part = divmod(digits, 10**DECIMAL_PLACES)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{part:0{DECIMAL_PLACES}d}".rstrip("0").rstrip(".")
