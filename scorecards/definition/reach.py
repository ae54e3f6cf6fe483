"""Conditions that can never hold, whatever the conversation and the answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from scorecards.definition.conditions import has_option
from scorecards.definition.types import NA, Category, Definition, Question, ShowWhen


@dataclass(frozen=True, slots=True)
class _Needs:
    """What must hold for something to be shown: fact -> the values of which it must have one."""

    facts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def with_all(self, others: Iterable["_Needs"]) -> "_Needs":
        facts = dict(self.facts)
        for other in others:
            for name, values in other.facts.items():
                facts[name] = facts[name] & values if name in facts else values
        return _Needs(facts)

    @property
    def possible(self) -> bool:
        return all(self.facts.values())


def never_shown(definition: Definition) -> Iterator[Category | Question]:
    """The categories and questions that no conversation with no answers shows, in the order of the form.

    What one of them needs, its conditions on answers hand on from the categories they name: a category for
    chats only that needs an answer of a category for calls only is never shown.
    """
    needs = _needs(definition)
    for each in definition.asked:
        if not needs[each.key].possible:
            yield each


def _needs(definition: Definition) -> dict[str, _Needs]:
    categories = {category.key: category for category in definition.categories}
    found: dict[str, _Needs] = {}
    waiting = {each.key: each.show_when for each in definition.asked}
    while waiting:
        ready = {
            key: when for key, when in waiting.items() if all(named in found for named, _ in when.answers)
        }
        for key, when in ready.items():
            found[key] = _own(when, categories).with_all(found[named] for named, _ in when.answers)
            del waiting[key]
    return found


def _own(when: ShowWhen, categories: Mapping[str, Category]) -> _Needs:
    lists = {"channel": when.channel, "topic": when.topic, "language": when.language}
    facts = {name: frozenset(word.casefold() for word in words) for name, words in lists.items() if words}
    if when.csat is not None:
        facts["csat"] = frozenset([str(when.csat)])
    for key, options in when.answers:
        facts[f"answer of {key}"] = frozenset(o for o in options if _can_be_chosen(categories[key], o))
    return _Needs(facts)


def _can_be_chosen(category: Category, option: str) -> bool:
    return has_option(category, option) or (option == NA and category.allow_na)
