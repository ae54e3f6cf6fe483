"""A change of a scorecard taken apart: the old definition with one thing changed at a time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from scorecards.definition import Category, Definition, Group
from scorecards.definition.changes import changes

MOST_VARIANTS = 40

Edit = Callable[[Category], Category]


@dataclass(frozen=True, slots=True)
class Variant:
    """The old definition with one change, told in `sentences`; `key` is the category's, or empty."""

    key: str
    sentences: tuple[str, ...]
    definition: Definition


def variants(before: Definition, after: Definition) -> list[Variant]:
    """Each change from `before` to `after` that may move a score, on its own; at most MOST_VARIANTS."""
    made = [*_categories(before, after), *_group_weights(before, after)]
    return [
        Variant(key, tuple(change.sentence for change in changes(before, definition)), definition)
        for key, definition in made[:MOST_VARIANTS]
    ]


def _categories(before: Definition, after: Definition) -> Iterator[tuple[str, Definition]]:
    old = {category.key: (group, category) for group in before.groups for category in group.categories}
    for group in after.groups:
        for category in group.categories:
            if category.key not in old:
                yield category.key, _added(before, group, category)
                continue
            home, was = old[category.key]
            for edit in _edits(was, category):
                yield category.key, _edited(before, category.key, edit)
            if home.key != group.key:
                yield category.key, _added(_without(before, category.key), group, was)
    kept = {category.key for category in after.categories}
    for key in old:
        if key not in kept:
            yield key, _without(before, key)


def _edits(was: Category, now: Category) -> Iterator[Edit]:
    """What differs, one thing each. A bonus or deduction is neither critical nor has it N/A."""
    if was.weight != now.weight:
        yield lambda each: replace(each, weight=now.weight)
    if was.kind != now.kind:
        yield lambda each: replace(each, kind=now.kind, critical=now.critical, allow_na=now.allow_na)
    elif (was.critical, was.allow_na) != (now.critical, now.allow_na):
        if was.critical != now.critical:
            yield lambda each: replace(each, critical=now.critical)
        if was.allow_na != now.allow_na:
            yield lambda each: replace(each, allow_na=now.allow_na)
    if _worth(was) != _worth(now):
        yield lambda each: replace(each, options=now.options, scale=now.scale)
    if was.show_when != now.show_when:
        yield lambda each: replace(each, show_when=now.show_when)


def _worth(category: Category) -> list[tuple[object, ...]]:
    return [(option.key, option.points, option.fails) for option in category.options]


def _edited(definition: Definition, key: str, edit: Edit) -> Definition:
    def changed(group: Group) -> Group:
        categories = tuple(edit(each) if each.key == key else each for each in group.categories)
        return replace(group, categories=categories)

    return replace(definition, groups=tuple(changed(group) for group in definition.groups))


def _without(definition: Definition, key: str) -> Definition:
    groups = (
        replace(group, categories=tuple(each for each in group.categories if each.key != key))
        for group in definition.groups
    )
    return replace(definition, groups=tuple(groups))


def _added(definition: Definition, home: Group, category: Category) -> Definition:
    """With the category at the end of its group, which is added where it is missing."""
    if all(group.key != home.key for group in definition.groups):
        made = replace(home, categories=(category,), questions=())
        return replace(definition, groups=(*definition.groups, made))
    groups = (
        replace(group, categories=(*group.categories, category)) if group.key == home.key else group
        for group in definition.groups
    )
    return replace(definition, groups=tuple(groups))


def _group_weights(before: Definition, after: Definition) -> Iterator[tuple[str, Definition]]:
    """The weights of all groups at once: they only mean something together."""
    weights = {group.key: group.weight for group in after.groups}
    groups = tuple(
        replace(group, weight=weights.get(group.key, group.weight if after.group_weights else None))
        for group in before.groups
    )
    if groups != before.groups:
        yield "", replace(before, groups=groups)
