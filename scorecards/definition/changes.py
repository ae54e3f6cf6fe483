"""What differs between two versions, in words. Their parts join by their keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Literal, Protocol, TypeVar

from scorecards.definition.types import Category, Definition, Group, Option, Question, ShowWhen
from scorecards.definition.writer import plain

ChangeKind = Literal["added", "removed", "changed", "moved"]

NOTHING = "nothing"
LABELS = {"allow_na": "N/A allowed", "show_when": "shown when", "fails": "fails the category"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `key` names what changed by the keys of the form, such as "solution" or
    "solution/weight"; empty for the form itself. The sentence is for people."""

    kind: ChangeKind
    key: str
    sentence: str


class Keyed(Protocol):
    """A part of a form."""

    @property
    def key(self) -> str: ...


Part = TypeVar("Part", bound=Keyed)

Facts = Mapping[str, str]
"""What is said of a part: field -> its value in words."""


def changes(before: Definition, after: Definition) -> list[Change]:
    """All differences from `before` to `after`; empty for definitions that say the same."""
    return [
        *_differences("", "The form", {"start": before.start}, {"start": after.start}),
        *_parts("", before.groups, after.groups, _group_name, _group_changes),
        *_parts("", before.categories, after.categories, _category_name, _category_changes),
        *_parts("", before.questions, after.questions, _question_name, _question_changes),
        *_moves(before, after),
    ]


def _parts(
    below: str,
    before: Sequence[Part],
    after: Sequence[Part],
    name: Callable[[Part], str],
    inside: Callable[[Part, Part], Iterator[Change]],
) -> Iterator[Change]:
    """What was added, removed and changed among parts of one kind."""
    old = {part.key: part for part in before}
    for part in after:
        if part.key in old:
            yield from inside(old[part.key], part)
        else:
            yield Change("added", f"{below}{part.key}", f"{name(part)} was added.")
    kept = {part.key for part in after}
    for part in before:
        if part.key not in kept:
            yield Change("removed", f"{below}{part.key}", f"{name(part)} was removed.")


def _differences(below: str, name: str, before: Facts, after: Facts) -> Iterator[Change]:
    for field in dict.fromkeys([*before, *after]):
        old, new = before.get(field, NOTHING), after.get(field, NOTHING)
        if old == new:
            continue
        label = LABELS.get(field, field.replace("_", " "))
        words = (
            f"{label} is {new}, was {old}" if max(len(old), len(new)) < 100 else f"the {label} was rewritten"
        )
        yield Change("changed", f"{below}{field}", f"{name}: {words}.")


def _group_name(group: Group) -> str:
    return f'Group "{group.name}"'


def _group_changes(before: Group, after: Group) -> Iterator[Change]:
    return _differences(f"{after.key}/", _group_name(before), _group_facts(before), _group_facts(after))


def _group_facts(group: Group) -> Facts:
    return {
        "name": _said(group.name),
        "weight": NOTHING if group.weight is None else plain(Fraction(group.weight)),
    }


def _category_name(category: Category) -> str:
    return f'Category "{category.name}"'


def _category_changes(before: Category, after: Category) -> Iterator[Change]:
    name, below = _category_name(before), f"{after.key}/"
    yield from _differences(below, name, _category_facts(before), _category_facts(after))
    if before.scale is None or after.scale is None:
        yield from _option_changes(f"{below}options/", name, before.options, after.options)


def _category_facts(category: Category) -> Facts:
    return {
        "name": _said(category.name),
        "kind": category.kind,
        "description": _said(category.description),
        "weight": plain(Fraction(category.weight)),
        "scale": category.scale or "options of its own",
        "critical": category.critical,
        "allow_na": _yes(category.allow_na),
        "comment_required": category.comment_required,
        "tags": _listed(category.tags),
        "show_when": _when(category.show_when),
        "negative_root_causes": _listed(category.root_causes.negative),
        "positive_root_causes": _listed(category.root_causes.positive),
        "other_root_cause": _yes(category.root_causes.other),
    }


def _option_changes(
    below: str, name: str, before: Sequence[Option], after: Sequence[Option]
) -> Iterator[Change]:
    def named(option: Option) -> str:
        return f'{name}: option "{option.label}"'

    def inside(old: Option, new: Option) -> Iterator[Change]:
        return _differences(f"{below}{new.key}/", named(old), _option_facts(old), _option_facts(new))

    yield from _parts(below, before, after, named, inside)
    yield from _reordered(below, before, after, named)


def _option_facts(option: Option) -> Facts:
    return {
        "label": _said(option.label),
        "points": plain(option.points),
        "description": _said(option.description),
        "fails": "by its score" if option.fails is None else _yes(option.fails),
    }


def _question_name(question: Question) -> str:
    return f'Question "{question.name}"'


def _question_changes(before: Question, after: Question) -> Iterator[Change]:
    return _differences(
        f"{after.key}/", _question_name(before), _question_facts(before), _question_facts(after)
    )


def _question_facts(question: Question) -> Facts:
    return {
        "name": _said(question.name),
        "description": _said(question.description),
        "answer": question.answer,
        "required": _yes(question.required),
        "choices": _listed(question.choices),
        "show_when": _when(question.show_when),
    }


def _moves(before: Definition, after: Definition) -> Iterator[Change]:
    """Groups and their parts in another order, and parts in another group."""
    yield from _reordered("", before.groups, after.groups, _group_name)
    old = {group.key: group for group in before.groups}
    homes = {each.key: group for group in before.groups for each in group.asked}
    for group in after.groups:
        was = old.get(group.key, group)
        yield from _brought(group, group.categories, homes, _category_name)
        yield from _brought(group, group.questions, homes, _question_name)
        yield from _reordered("", was.categories, group.categories, _category_name)
        yield from _reordered("", was.questions, group.questions, _question_name)


def _brought(
    group: Group, parts: Sequence[Part], homes: Mapping[str, Group], name: Callable[[Part], str]
) -> Iterator[Change]:
    for part in parts:
        home = homes.get(part.key)
        if home is not None and home.key != group.key:
            sentence = f'{name(part)} was moved from group "{home.name}" to "{group.name}".'
            yield Change("moved", part.key, sentence)


def _reordered(
    below: str, before: Sequence[Part], after: Sequence[Part], name: Callable[[Part], str]
) -> Iterator[Change]:
    """The fewest parts whose move makes the one order out of the other."""
    both = {part.key for part in before} & {part.key for part in after}
    old, new = ([part for part in each if part.key in both] for each in (before, after))
    matcher = SequenceMatcher(None, [part.key for part in old], [part.key for part in new], autojunk=False)
    stayed = {new[block.b + at].key for block in matcher.get_matching_blocks() for at in range(block.size)}
    for part in new:
        if part.key not in stayed:
            yield Change("moved", f"{below}{part.key}", f"{name(part)} was moved.")


def _said(text: str) -> str:
    return f'"{text}"' if text else NOTHING


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or NOTHING


def _when(when: ShowWhen) -> str:
    """A condition in words: "channel chat or phone, and answer of tone poor"."""
    lists = {"channel": when.channel, "topic": when.topic, "tag": when.tag, "language": when.language}
    parts = [f"{name} {' or '.join(words)}" for name, words in lists.items() if words]
    if when.csat is not None:
        parts.append("a CSAT answer" if when.csat else "no CSAT answer")
    parts += [f"answer of {key} {' or '.join(options)}" for key, options in when.answers]
    return ", and ".join(parts) or "always"
