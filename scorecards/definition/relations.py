"""How the parts of a definition fit each other: group weights, and conditions on answers."""

from collections.abc import Iterator, Mapping
from itertools import chain

from scorecards.definition.conditions import has_option
from scorecards.definition.findings import Finding, pointer_to
from scorecards.definition.types import NA, Category, Definition, Group, Question

MOST_ADJUSTMENTS = 50


def relate(definition: Definition) -> list[Finding]:
    """Errors between parts of which each can be read."""
    return [*_group_weights(definition), *_adjustments(definition), *_conditions(definition)]


def located(definition: Definition) -> Iterator[tuple[str, Category | Question]]:
    """Each category and question with its JSON pointer, in the order of the form."""
    for row, group in enumerate(definition.groups):
        yield from _in_group(f"/groups/{row}", group)


def _in_group(pointer: str, group: Group) -> Iterator[tuple[str, Category | Question]]:
    for place, category in enumerate(group.categories):
        yield f"{pointer}/categories/{place}", category
    for place, question in enumerate(group.questions):
        yield f"{pointer}/questions/{place}", question


def _error(code: str, pointer: str, message: str) -> Finding:
    return Finding("error", code, pointer, message)


def _group_weights(definition: Definition) -> Iterator[Finding]:
    if not definition.group_weights:
        return
    for row, group in enumerate(definition.groups):
        if group.rates and group.weight is None:
            message = "Give each group a weight, or none."
            yield _error("group_weight_missing", f"/groups/{row}/weight", message)


def _adjustments(definition: Definition) -> Iterator[Finding]:
    if sum(category.kind != "rated" for category in definition.categories) > MOST_ADJUSTMENTS:
        message = f"Must have at most {MOST_ADJUSTMENTS} bonus and deduction categories."
        yield _error("too_many", "/groups", message)


def _conditions(definition: Definition) -> Iterator[Finding]:
    categories = {category.key: category for category in definition.categories}
    needs = {
        each.key: {key for key, _ in each.show_when.answers if key in categories} for each in definition.asked
    }
    circle = _circle(needs)
    for pointer, each in located(definition):
        below = f"{pointer}/show_when/answers"
        for key, options in each.show_when.answers:
            yield from _named(categories.get(key), key, options, pointer_to(below, key))
        if each.key in circle:
            message = "It would depend on itself."
            yield _error("condition_cycle", below, message)


def _named(category: Category | None, key: str, options: tuple[str, ...], pointer: str) -> Iterator[Finding]:
    if category is None:
        yield _error("unknown_category", pointer, f'There is no category "{key}".')
        return
    for place, option in enumerate(options):
        if option != NA and not has_option(category, option):
            message = f'"{category.name}" has no option "{option}".'
            yield _error("unknown_option", f"{pointer}/{place}", message)


def _circle(needs: Mapping[str, set[str]]) -> set[str]:
    """The keys that need each other in a circle: what is left when nobody's needs and the needless go."""
    left = dict(needs)
    while True:
        named = set(chain.from_iterable(left.values()))
        stay = {key: below for key, each in left.items() if key in named and (below := each & left.keys())}
        if len(stay) == len(left):
            return set(left)
        left = stay
