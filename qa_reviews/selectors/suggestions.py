"""Reads of suggestions and their rules, and which suggestion stands beside each category of a review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor
from common.errors import Missing
from conversations.models import Message
from qa_reviews.judgement import Passage, Proposal
from qa_reviews.models import Review, Suggestion, SuggestionRule
from qa_reviews.text_rules import Condition, Line, TextRule, matches
from scorecards.definition import Category, Definition
from scorecards.models import Scorecard, ScorecardVersion
from scorecards.selectors import definition_of, standing_versions

RULE_SOURCE = "text rule"


def rules(actor: Actor) -> QuerySet[SuggestionRule]:
    """The rules the actor sees, by name, with their scorecards. One query."""
    return SuggestionRule.objects.visible_to(actor).select_related("scorecard").order_by("name", "pk")


def rule(actor: Actor, pk: int) -> SuggestionRule:
    """One of them, or Missing. One query."""
    found = rules(actor).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def option_choices(actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a rule may suggest, by "scorecard: category", as choices of a form: their value is
    "<scorecard>:<category>:<option>". Two queries."""
    names = dict(Scorecard.objects.visible_to(actor).values_list("pk", "name"))
    return [
        (f"{names[version.scorecard_id]}: {category.name}", list(_options(version.scorecard_id, category)))
        for version in standing_versions(actor).values()
        if version.state == ScorecardVersion.State.PUBLISHED
        for category in definition_of(version).categories
    ]


def option_words(actor: Actor) -> dict[str, str]:
    """What rules suggest in words, by the same values. Two queries."""
    return {
        value: f"{where}: {words}" for where, choices in option_choices(actor) for value, words in choices
    }


def _options(scorecard_id: int, category: Category) -> Iterator[tuple[str, str]]:
    start = f"{scorecard_id}:{category.key}:"
    yield from ((start + option.key, option.label) for option in category.options)
    if category.allow_na:
        yield start, _("N/A")


def is_hidden(review: Review) -> bool:
    """Whether suggestions stay hidden from the reviewer for now: he grades blind and has not revealed."""
    return review.blind and review.revealed_at is None and review.state == Review.State.DRAFT


def proposals(
    actor: Actor, review: Review, definition: Definition, lines: Sequence[Line] | None = None
) -> dict[str, Proposal]:
    """Category key -> the suggestion that stands beside it: the newest from outside, else that of the first
    text rule that holds. Two queries, a third for the messages where a rule needs them and `lines` are not
    given."""
    categories = {category.key: category for category in definition.categories}
    found = _by_rules(actor, review, categories, lines)
    for row in _from_outside(actor, review):
        if _fits(categories.get(row.category), row.option):
            passages = tuple(Passage(**each) for each in row.passages)
            found[row.category] = Proposal(row.option, row.source, row.version, passages)
    return found


def lines_of(actor: Actor, review: Review) -> list[Line]:
    """The public messages that may speak for or against the reviewed agent: not those of other agents.
    One query."""
    rows = Message.objects.visible_to(actor).filter(conversation_id=review.conversation_id, internal=False)
    others = Q(author_type="agent") & ~Q(agent_id=review.agent_id) & Q(agent_id__isnull=False)
    found = rows.exclude(others).order_by("position", "pk")
    language = review.conversation.language
    return [
        Line(pk, author, spoken or language, text)
        for pk, author, spoken, text in found.values_list("pk", "author_type", "language", "text")
    ]


def _from_outside(actor: Actor, review: Review) -> QuerySet[Suggestion]:
    """Oldest first, so that the newest wins."""
    rows = Suggestion.objects.visible_to(actor).filter(
        Q(agent=None) | Q(agent_id=review.agent_id),
        conversation_id=review.conversation_id,
        scorecard_id=review.scorecard_id,
    )
    return rows.order_by("created_at", "pk")


def _by_rules(
    actor: Actor, review: Review, categories: dict[str, Category], lines: Sequence[Line] | None
) -> dict[str, Proposal]:
    rows = SuggestionRule.objects.visible_to(actor).filter(scorecard_id=review.scorecard_id, active=True)
    fitting = [row for row in rows.order_by("-pk") if _fits(categories.get(row.category), row.option)]
    if not fitting:
        return {}
    read = lines_of(actor, review) if lines is None else lines
    found: dict[str, Proposal] = {}
    for row in fitting:
        proposal = _proposal(row, read)
        if proposal is not None:
            found[row.category] = proposal
    return found


def _proposal(row: SuggestionRule, lines: Iterable[Line]) -> Proposal | None:
    passages = matches(text_rule(row), lines)
    if passages is None:
        return None
    found = tuple(Passage(each.message, each.start, each.end) for each in passages)
    return Proposal(row.option, f"{RULE_SOURCE}: {row.name}"[:64], str(row.edition), found)


def text_rule(row: SuggestionRule) -> TextRule:
    conditions = tuple(Condition(each["op"], each["text"]) for each in row.conditions)
    return TextRule(row.author, tuple(row.languages), row.match, conditions)


def _fits(category: Category | None, option: str) -> bool:
    """Whether the review's own version has the category and the option; a suggestion may be for another."""
    if category is None:
        return False
    if not option:
        return category.allow_na
    return any(each.key == option for each in category.options)
