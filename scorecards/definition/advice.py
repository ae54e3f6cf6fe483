"""Warnings and suggestions on a definition that has no errors."""

from collections.abc import Iterator
from fractions import Fraction

from scorecards.definition.findings import Finding
from scorecards.definition.marks import fails
from scorecards.definition.reach import never_shown
from scorecards.definition.relations import located
from scorecards.definition.types import Category, Definition

MANY_CATEGORIES = 9
MANY_OPTIONS = 9
HEAVY = Fraction(1, 2)
MOST_POINTS_MOVED = 50


def advise(definition: Definition) -> list[Finding]:
    """Warnings first, then suggestions, each in the order of the form."""
    found = [*_on_whole(definition), *_on_groups(definition), *_on_conditions(definition)]
    found += [*_on_names(definition), *_on_start(definition)]
    for pointer, category in _located(definition):
        found += [*_on_failing(pointer, category), *_on_form(pointer, category)]
        found += _on_adjustment(pointer, category)
    return sorted(found, key=lambda finding: finding.severity == "suggestion")


def _located(definition: Definition) -> Iterator[tuple[str, Category]]:
    for pointer, asked in located(definition):
        if isinstance(asked, Category):
            yield pointer, asked


def _warning(code: str, pointer: str, message: str) -> Finding:
    return Finding("warning", code, pointer, message)


def _suggestion(code: str, pointer: str, message: str) -> Finding:
    return Finding("suggestion", code, pointer, message)


def _on_whole(definition: Definition) -> Iterator[Finding]:
    shares = whole_weights(definition)
    total = sum(shares.values())
    if total == 0:
        message = "All weights are 0, so no review will have a score."
        yield _warning("no_weight", "/groups", message)
    count = len(definition.categories)
    if count > MANY_CATEGORIES:
        message = f"{count} categories take long to rate; up to {MANY_CATEGORIES} are rated with more care."
        yield _suggestion("many_categories", "/groups", message)
    for pointer, category in _located(definition):
        if len(shares) > 2 and shares.get(category.key, 0) > total * HEAVY:
            message = f'"{category.name}" alone weighs more than all other categories together.'
            yield _suggestion("heavy_category", f"{pointer}/weight", message)


def whole_weights(definition: Definition) -> dict[str, Fraction]:
    """Key of each rated category -> its weight in the whole where all are rated: its own, or its part of its
    group's weight."""
    found: dict[str, Fraction] = {}
    for group in definition.groups:
        own = {each.key: Fraction(each.weight) for each in group.categories if each.kind == "rated"}
        total = sum(own.values())
        if group.weight is not None:
            own = {
                key: weight / total * Fraction(group.weight) if total else Fraction(0)
                for key, weight in own.items()
            }
        found |= own
    return found


def _on_groups(definition: Definition) -> Iterator[Finding]:
    for row, group in enumerate(definition.groups):
        pointer = f"/groups/{row}"
        if group.weight == 0 and group.rates:
            message = f'Group "{group.name}" weighs 0: it is rated, and counts for nothing in the score.'
            yield _warning("group_without_weight", f"{pointer}/weight", message)
        if group.weight and group.rates and not any(c.weight for c in group.categories if c.kind == "rated"):
            message = f'Group "{group.name}" has a weight, but none of its categories has.'
            yield _warning("group_of_no_weight", f"{pointer}/categories", message)


def _on_conditions(definition: Definition) -> Iterator[Finding]:
    hidden = {each.key for each in never_shown(definition)}
    for pointer, asked in located(definition):
        if asked.key in hidden:
            message = f'The conditions of "{asked.name}" contradict each other: it will never be shown.'
            yield _warning("never_shown", f"{pointer}/show_when", message)


def _on_start(definition: Definition) -> Iterator[Finding]:
    if definition.start == "best" and any(each.critical != "none" for each in definition.categories):
        message = "Forms begin with the best ratings: a critical failure is easily passed over."
        yield _warning("best_start_with_critical", "/start", message)


def _on_adjustment(pointer: str, category: Category) -> Iterator[Finding]:
    if category.kind == "rated":
        return
    if category.weight == 0:
        message = f'"{category.name}" weighs 0 points: it will never move a score.'
        yield _warning("adjustment_without_weight", f"{pointer}/weight", message)
    if category.weight > MOST_POINTS_MOVED:
        message = f'"{category.name}" can move a score by {category.weight:f} points, more than all else.'
        yield _warning("heavy_adjustment", f"{pointer}/weight", message)
    if category.tags:
        message = "A bonus or deduction counts in no tag's score."
        yield _suggestion("tags_of_adjustment", f"{pointer}/tags", message)


def _on_names(definition: Definition) -> Iterator[Finding]:
    seen: set[str] = set()
    for pointer, category in _located(definition):
        name = category.name.casefold()
        if name in seen:
            message = f'Two categories are named "{category.name}"; reviewers cannot tell them apart.'
            yield _warning("duplicate_name", f"{pointer}/name", message)
        seen.add(name)


def _on_failing(pointer: str, category: Category) -> Iterator[Finding]:
    if category.critical == "none":
        return
    if not category.description:
        message = "A critical category needs a description that says when it fails."
        yield _warning("critical_without_description", f"{pointer}/description", message)
    if category.allow_na:
        message = "N/A never fails: with it allowed, a failure can be passed over."
        yield _warning("critical_allows_na", f"{pointer}/allow_na", message)
    if category.comment_required == "never":
        message = "Ask for a comment on negative ratings, so that a failure is explained."
        yield _suggestion("critical_without_comment", f"{pointer}/comment_required", message)
    yield from _on_failing_options(pointer, category)


def _on_failing_options(pointer: str, category: Category) -> Iterator[Finding]:
    ranked = sorted(category.options, key=lambda option: option.points)
    failing = [fails(category, option) for option in ranked]
    if not any(failing):
        yield _warning("never_fails", f"{pointer}/options", "No option of this critical category fails.")
    elif all(failing):
        yield _warning("always_fails", f"{pointer}/options", "Every option of this critical category fails.")
    elif failing != sorted(failing, reverse=True):
        message = "An option fails although one with fewer or as many points does not."
        yield _warning("fails_out_of_order", f"{pointer}/options", message)


def _on_form(pointer: str, category: Category) -> Iterator[Finding]:
    if category.critical == "none" and not category.description:
        message = "A description helps reviewers to rate alike."
        yield _suggestion("no_description", f"{pointer}/description", message)
    if len(category.options) > MANY_OPTIONS:
        message = f"Only the first {MANY_OPTIONS} options can be chosen by a digit key."
        yield _suggestion("many_options", f"{pointer}/options", message)
