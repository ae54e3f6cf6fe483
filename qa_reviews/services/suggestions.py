"""Taking in suggestions from outside, and keeping the rules that make them from words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.access import Actor, Capability
from accounts.models import Agent
from accounts.services.audit import record
from common.errors import FieldError, Invalid, Missing
from common.etags import check_match
from common.refs import Ref
from conversations.models import Conversation, Message
from qa_reviews.judgement import Passage
from qa_reviews.models import Suggestion, SuggestionRule
from scorecards.definition import Category
from scorecards.selectors import definition_of, published_version

MOST_SUGGESTIONS = 1000
MOST_CONDITIONS = 20
SAME = ["conversation", "scorecard", "category", "source", "agent"]


@dataclass(frozen=True, slots=True)
class NewSuggestion:
    """What an outside scorer proposes for one category; an empty option is N/A."""

    conversation: Ref
    scorecard: int
    category: str
    option: str
    source: str
    agent: Ref | None = None
    version: str = ""
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """How many were new, how many replaced an earlier one, and what is wrong with the others, by their place
    (from 1)."""

    created: int
    updated: int
    rejected: list[tuple[int, list[FieldError]]]


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A rule as it is asked for. `conditions`: [{"op", "text"}]; an empty option proposes N/A."""

    name: str
    scorecard: int
    category: str
    option: str = ""
    author: str = SuggestionRule.Author.AGENT
    languages: Sequence[str] = ()
    match: str = SuggestionRule.Match.ANY
    conditions: Sequence[Mapping[str, str]] = ()
    active: bool = True


@dataclass(slots=True)
class _Desk:
    """The rows that suggestions name, read once for all of them."""

    conversations: dict[tuple[Any, ...], list[Conversation]]
    agents: dict[tuple[Any, ...], list[Agent]]
    texts: dict[int, tuple[int, int]]  # message -> its conversation and how long its text is
    cards: dict[int, dict[str, Category]] = field(default_factory=dict)


@transaction.atomic
def take_suggestions(*, actor: Actor, given: Sequence[NewSuggestion]) -> Taken:
    """Keep what fits: the newest of each (conversation, agent, scorecard, category, source). Rows that do not
    fit are told and stop nobody. At most eight queries and one for each scorecard, however many."""
    actor.require(Capability.GRADE)
    desk = _desk(actor, given)
    rows: dict[tuple[Any, ...], Suggestion] = {}
    rejected = []
    for place, one in enumerate(given, 1):
        errors = _errors(actor, desk, one)
        if errors:
            rejected.append((place, errors))
        else:
            row = _row(actor, desk, one)
            rows[_key(row)] = row
    known = Suggestion.objects.in_workspace(actor.workspace_id).filter(
        conversation_id__in={row.conversation_id for row in rows.values()}
    )
    updated = len(rows.keys() & {_key(row) for row in known})
    Suggestion.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=SAME,
        update_fields=["option", "version", "passages", "created_at"],
    )
    record(actor, "suggestions.taken", None, {"stored": len(rows), "rejected": len(rejected)})
    return Taken(len(rows) - updated, updated, rejected)


@transaction.atomic
def save_rule(
    *, actor: Actor, given: RuleInput, rule_id: int | None = None, if_match: str | None = None
) -> SuggestionRule:
    """A new rule, or a new edition of one. Missing, Stale (412), Invalid naming each field that is wrong."""
    actor.require(Capability.SCORECARD_WRITE)
    _check_rule(actor, given)
    row = SuggestionRule(workspace=actor.workspace, created_by=actor.member)
    if rule_id is not None:
        row = _locked_rule(actor, rule_id)
        check_match(row, if_match)
        row.edition += 1
    row.scorecard_id = given.scorecard
    for name in ("name", "category", "option", "author", "match", "active"):
        setattr(row, name, getattr(given, name))
    row.languages = list(given.languages)
    row.conditions = [{"op": each["op"], "text": each["text"]} for each in given.conditions]
    row.save()
    record(actor, "suggestion_rule.saved", row, {"name": row.name, "edition": row.edition})
    return row


@transaction.atomic
def delete_rule(*, actor: Actor, rule_id: int) -> None:
    """Suggestions that it gave before stay beside their ratings."""
    actor.require(Capability.SCORECARD_WRITE)
    row = _locked_rule(actor, rule_id)
    record(actor, "suggestion_rule.deleted", row, {"name": row.name})
    row.delete()


def _locked_rule(actor: Actor, rule_id: int) -> SuggestionRule:
    row = SuggestionRule.objects.visible_to(actor).select_for_update().filter(pk=rule_id).first()
    if row is None:
        raise Missing
    return row


def _check_rule(actor: Actor, given: RuleInput) -> None:
    errors = []
    if not given.name.strip():
        errors.append(FieldError("/name", "required", "Give the rule a name."))
    if not given.conditions:
        errors.append(FieldError("/conditions", "required", "Name at least one text to look for."))
    for place, condition in enumerate(given.conditions):
        if not condition["text"].strip():
            errors.append(FieldError(f"/conditions/{place}/text", "required", "Say which words."))
    errors += _option_errors(_categories(actor, given.scorecard), given.category, given.option)
    if errors:
        raise Invalid(errors)


def _desk(actor: Actor, given: Sequence[NewSuggestion]) -> _Desk:
    found = {
        row.pk: row for row in _named(Conversation.objects.visible_to(actor), (g.conversation for g in given))
    }
    people = _named(Agent.objects.visible_to(actor), (g.agent for g in given if g.agent))
    wanted = {passage.message for one in given for passage in one.passages}
    messages = Message.objects.visible_to(actor).filter(pk__in=wanted, conversation_id__in=found)
    texts = {pk: (of, len(text)) for pk, of, text in messages.values_list("pk", "conversation_id", "text")}
    return _Desk(_by_ref(found.values()), _by_ref(people), texts)


def _named(rows: Any, refs: Iterable[Ref]) -> list[Any]:
    """The rows that the references may mean. At most two queries."""
    refs = set(refs)
    ids = {ref.id for ref in refs if ref.id is not None}
    names = {ref.external_id for ref in refs if ref.id is None}
    by_id = list(rows.filter(pk__in=ids)) if ids else []
    return by_id + (list(rows.filter(external_id__in=names)) if names else [])


def _by_ref(rows: Iterable[Any]) -> dict[tuple[Any, ...], list[Any]]:
    found: dict[tuple[Any, ...], list[Any]] = {}
    for row in {row.pk: row for row in rows}.values():
        for key in ((row.pk,), (None, row.external_id), (row.source, row.external_id)):
            found.setdefault(key, []).append(row)
    return found


def _of(rows: Mapping[tuple[Any, ...], list[Any]], ref: Ref) -> list[Any]:
    return rows.get((ref.id,) if ref.id is not None else (ref.source, ref.external_id), [])


def _errors(actor: Actor, desk: _Desk, one: NewSuggestion) -> list[FieldError]:
    errors = _ref_errors(desk.conversations, one.conversation, "conversation")
    if one.agent is not None:
        errors += _ref_errors(desk.agents, one.agent, "agent")
    if one.scorecard not in desk.cards:
        desk.cards[one.scorecard] = _categories(actor, one.scorecard)
    errors += _option_errors(desk.cards[one.scorecard], one.category, one.option)
    if errors:
        return errors
    conversation = _of(desk.conversations, one.conversation)[0]
    for place, passage in enumerate(one.passages):
        of, length = desk.texts.get(passage.message, (None, 0))
        if of != conversation.pk:
            detail = "There is no such message in this conversation."
            errors.append(FieldError(f"/passages/{place}/message", "not_found", detail))
        elif not 0 <= passage.start < passage.end <= length:
            detail = f"The passage must lie inside the message's {length} characters."
            errors.append(FieldError(f"/passages/{place}/end", "out_of_range", detail))
    return errors


def _ref_errors(rows: Mapping[tuple[Any, ...], list[Any]], ref: Ref, name: str) -> list[FieldError]:
    found = _of(rows, ref)
    if not found:
        return [FieldError(f"/{name}", "not_found", f"There is no {name} “{ref}” here.")]
    if len(found) > 1:
        detail = f"“{ref}” exists in several sources: name the source."
        return [FieldError(f"/{name}", "ambiguous", detail)]
    return []


def _categories(actor: Actor, scorecard_id: int) -> dict[str, Category]:
    """The categories of the newest published version by key; none where there is no such scorecard."""
    version = published_version(actor, scorecard_id)
    return {} if version is None else {each.key: each for each in definition_of(version).categories}


def _option_errors(categories: Mapping[str, Category], category: str, option: str) -> list[FieldError]:
    if not categories:
        return [FieldError("/scorecard", "not_found", "There is no such scorecard with a published version.")]
    if category not in categories:
        return [FieldError("/category", "unknown_category", "This scorecard has no such category.")]
    found = categories[category]
    if option and all(each.key != option for each in found.options):
        return [FieldError("/option", "unknown_option", f"“{found.name}” has no such option.")]
    if not option and not found.allow_na:
        return [FieldError("/na", "na_not_allowed", f"“{found.name}” does not allow N/A.")]
    return []


def _row(actor: Actor, desk: _Desk, one: NewSuggestion) -> Suggestion:
    return Suggestion(
        workspace=actor.workspace,
        conversation=_of(desk.conversations, one.conversation)[0],
        agent=_of(desk.agents, one.agent)[0] if one.agent else None,
        scorecard_id=one.scorecard,
        category=one.category,
        option=one.option,
        source=one.source,
        version=one.version,
        passages=[passage.as_json() for passage in one.passages],
    )


def _key(row: Suggestion) -> tuple[Any, ...]:
    return row.conversation_id, row.scorecard_id, row.category, row.source, row.agent_id
