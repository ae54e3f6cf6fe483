"""Warnings and suggestions on a definition that has no errors."""

from collections.abc import Iterator
from fractions import Fraction

from scorecards.definition.findings import Finding
from scorecards.definition.marks import fails
from scorecards.definition.types import Category, Definition

MANY_CATEGORIES = 9
MANY_OPTIONS = 9
HEAVY = Fraction(1, 2)


def advise(definition: Definition) -> list[Finding]:
    """Warnings first, then suggestions, each in the order of the form."""
    found = [*_on_whole(definition), *_on_names(definition)]
    for pointer, category in _located(definition):
        found += [*_on_failing(pointer, category), *_on_form(pointer, category)]
    return sorted(found, key=lambda finding: finding.severity == "suggestion")


def _located(definition: Definition) -> Iterator[tuple[str, Category]]:
    for row, group in enumerate(definition.groups):
        for place, category in enumerate(group.categories):
            yield f"/groups/{row}/categories/{place}", category


def _warning(code: str, pointer: str, message: str) -> Finding:
    return Finding("warning", code, pointer, message)


def _suggestion(code: str, pointer: str, message: str) -> Finding:
    return Finding("suggestion", code, pointer, message)


def _on_whole(definition: Definition) -> Iterator[Finding]:
    located = list(_located(definition))
    total = sum(Fraction(category.weight) for _, category in located)
    if total == 0:
        message = "All weights are 0, so no review will have a score."
        yield _warning("no_weight", "/groups", message)
    if len(located) > MANY_CATEGORIES:
        message = (
            f"{len(located)} categories take long to rate; up to {MANY_CATEGORIES} are rated with more care."
        )
        yield _suggestion("many_categories", "/groups", message)
    for pointer, category in located:
        if len(located) > 2 and Fraction(category.weight) > total * HEAVY:
            message = f'"{category.name}" alone weighs more than all other categories together.'
            yield _suggestion("heavy_category", f"{pointer}/weight", message)


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
