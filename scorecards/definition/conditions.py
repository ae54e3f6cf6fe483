"""What of a form is shown: by the conversation, and by what has been chosen so far."""

from collections.abc import Mapping

from scorecards.definition.types import NA, Category, Context, Definition, Question, ShowWhen

Chosen = Mapping[str, str | None]
"""Category key -> key of the option chosen there, None for N/A; what is not rated yet is left out."""


def applies(asked: Category | Question, context: Context) -> bool:
    """Whether the conversation meets the conditions on it. Words match whatever their case."""
    when = asked.show_when
    return (
        _meets(when.channel, (context.channel,))
        and _meets(when.topic, (context.topic,))
        and _meets(when.tag, context.tags)
        and _meets(when.language, (context.language,))
        and when.csat in (None, context.has_csat)
    )


def visible(definition: Definition, context: Context, chosen: Chosen) -> frozenset[str]:
    """The keys of the categories and questions that are shown.

    A condition on answers is met by one of the named options in each named category; a category that is
    hidden itself meets nothing. Conditions never go in a circle, so that this has one answer, whatever the
    order of the form: take what the conversation allows, and strike out until nothing more is to be struck.
    """
    shown = frozenset(each.key for each in definition.asked if applies(each, context))
    named = _named(definition, chosen)
    conditions = {each.key: each.show_when for each in definition.asked if each.show_when.answers}
    while struck := {
        key for key, when in conditions.items() if key in shown and not _met(when, shown, named)
    }:
        shown -= struck
    return shown


def _named(definition: Definition, chosen: Chosen) -> dict[str, str]:
    """The choices as conditions name them. N/A has no name where an option took it."""
    named = {key: option for key, option in chosen.items() if option is not None}
    for category in definition.categories:
        if category.key in chosen and chosen[category.key] is None and not has_option(category, NA):
            named[category.key] = NA
    return named


def has_option(category: Category, key: str) -> bool:
    """Whether the category has an option of that key."""
    return any(option.key == key for option in category.options)


def _met(when: ShowWhen, shown: frozenset[str], named: Mapping[str, str]) -> bool:
    return all(key in shown and named.get(key) in options for key, options in when.answers)


def _meets(wanted: tuple[str, ...], present: tuple[str, ...]) -> bool:
    return not wanted or not {word.casefold() for word in wanted}.isdisjoint(
        word.strip().casefold() for word in present
    )
