"""Words into conditions on `Conversation.search`.

The vector holds every word as it stands, and its stem in the conversation's language with another weight
(services/derived_rows.py). So words in quotes are found as they stand, side by side; others by their stem in
any language that the workspace knows, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_
from typing import Any, NamedTuple

from django.contrib.postgres.search import (
    SearchQuery,
    SearchQueryCombinable,
    SearchQueryField,
    SearchVectorField,
)
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.lookups import Exact

Phrases = tuple[str, ...]
WordLists = Mapping[str, Mapping[str, Phrases]]
"""Words and phrases by kind and language; "" is any language."""

EXACT = "simple"
AS_IT_STANDS = "D"  # the weight of words as they stand; their stems have another
PREFIX_FROM = 3  # letters of a word that is still being typed
_TOKEN = re.compile(r'(-?)"([^"]*)"?|([^\s"]+)')
_QUOTES = str.maketrans("“”„‟«»", '""""""')
MARKS = (
    "[\u00a0-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u037e\u0387\u055a-\u055f\u0589\u05be\u060c"
    "\u061b\u061f\u066a\u06d4\u0964\u0965\u2000-\u200b\u200e-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u3004"
    "\u3008-\u3020\u3030\ufe00-\ufe0f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    "\U0001f000-\U0001faff]"
)
"""Punctuation, symbols and spaces beyond ASCII. PostgreSQL may take all of them for letters."""
_MARK = re.compile(MARKS)


@dataclass(frozen=True, slots=True)
class Home:
    """What a workspace adds to a filter: its zone, the languages of its conversations, its signal words."""

    timezone: str
    languages: tuple[str, ...]
    words: WordLists


class Token(NamedTuple):
    text: str
    exact: bool = False
    excluded: bool = False


def primary(language: str) -> str:
    """The language without its region: "en" of "en-US" and "EN_us"."""
    return language.replace("_", "-").split("-")[0].lower()


class PrimaryLanguage(Func):
    """`primary` of a column."""

    template = "lower(split_part(replace(%(expressions)s, '_', '-'), '-', 1))"
    output_field = TextField()


class Matches(Func):
    """`vector @@ query`, with a query that the planner cannot look into. It would take each of many stems for
    one more chance to match, expect thousands of rows of a rare word, and check all of them one by one."""

    template = "(%(expressions)s))"
    arg_joiner = " @@ (select "
    output_field = BooleanField()


class Unindexed(Func):
    """The vector as no index knows it: to check the rows that are found otherwise."""

    template = "coalesce(%(expressions)s, '')"
    output_field = SearchVectorField()


class AnyOf(SearchQueryCombinable, Func):  # type: ignore[misc]  # as SearchQuery is made
    """A query for any of the queries, each once: most stems are the same in many languages, and each would be
    looked up again."""

    template = (
        "coalesce((select string_agg(distinct '(' || one::text || ')', ' | ')"
        " from unnest(array[%(expressions)s]) as one where numnode(one) > 0), '')::tsquery"
    )
    config = None  # combined queries ask for it
    output_field = SearchQueryField()


class NoneOf(AnyOf):
    """A query for what none of the queries finds."""

    template = f"!!({AnyOf.template})"


def saying(texts: Collection[str], languages: Iterable[str], indexed: bool = True) -> Q:
    """Conversations that say one of the texts: all its words in any order, "phrases in quotes" as they
    stand, none of the -words; `or` between alternatives; the last word may be the beginning of one.
    `languages` are those of the workspace. One condition on one index; on none unless `indexed`."""
    known = sorted({primary(language) for language in languages} - {""})
    query = AnyOf(*[_wanted(group, known) for text in texts for group in _groups(text)])
    return Q(Matches(F("search") if indexed else Unindexed(F("search")), query))


def _groups(text: str) -> Iterator[tuple[list[Token], bool]]:
    """The alternatives of a text, and whether its last word is still being typed; at least one."""
    tokens = list(_tokens(text))
    group: list[Token] = []
    for token in tokens:
        if token.text.lower() == "or" and not (token.exact or token.excluded):
            if group:
                yield group, False
            group = []
        else:
            group.append(token)
    last = tokens[-1] if tokens else Token("")
    typing = not (last.exact or last.excluded) and last.text.isalnum() and len(last.text) >= PREFIX_FROM
    yield group, typing and bool(group)


def _tokens(text: str) -> Iterator[Token]:
    ours = _MARK.sub("'", text.translate(_QUOTES))
    for minus, phrase, word in _TOKEN.findall(ours):
        if word:
            bare = word.removeprefix("-")
            if bare:
                yield Token(bare, excluded=bare != word)
        elif phrase.strip():
            yield Token(phrase, exact=True, excluded=bool(minus))


def _wanted(group: tuple[list[Token], bool], languages: list[str]) -> Any:
    """The alternative as a tsquery. What "-x" hides is what "x" finds."""
    tokens, typing = group
    words = [token.text for token in tokens if not (token.exact or token.excluded)]
    quoted = [token.text for token in tokens if token.exact and not token.excluded]
    parts: list[Any] = [_phrases(quoted, " & ")] if quoted else []
    if words or not tokens:
        found = _stems(words, languages)
        if typing:
            beginning = SearchQuery(f"'{words[-1]}':*", config=EXACT, search_type="raw")
            head = _stems(words[:-1], languages) & beginning if words[:-1] else beginning
            found = found | head
        parts.append(found)
    hidden = [query for token in tokens if token.excluded for query in _hidden(token, languages)]
    if hidden:
        parts.append(NoneOf(*hidden))
    return reduce(and_, parts)


def _hidden(token: Token, languages: list[str]) -> list[SearchQuery]:
    return [_phrases([token.text], " & ")] if token.exact else _each_stem([token.text], languages)


def _stems(words: list[str], languages: list[str]) -> Any:
    return AnyOf(*_each_stem(words, languages))


def _each_stem(words: list[str], languages: list[str]) -> list[SearchQuery]:
    """All of the words, as they stand and by their stems in each language."""
    text = " ".join(words)
    stems = [
        SearchQuery(text, config=Func(Value(language), function="conversations_text_config"))
        for language in languages
    ]
    return [SearchQuery(text, config=EXACT), *stems]


def using(lists: Mapping[str, Phrases]) -> Q:
    """Conversations that use words of the list of their language, or of that for any language; where their
    language is unknown, of any list. The first condition is for the index, the second is exact."""
    every = [phrase for phrases in lists.values() for phrase in phrases]
    if not every:
        return Q(pk__in=[])
    anything = _phrases(every, " | ")
    language = PrimaryLanguage(F("language"))
    fits = Q(Exact(language, "")) & Q(search=anything)
    for name, phrases in lists.items():
        if phrases:
            said = Q(search=_phrases(phrases, " | "))
            fits |= said & Q(Exact(language, name)) if name else said
    return Q(search=anything) & fits


@lru_cache(maxsize=4096)
def phrases(text: str) -> Phrases:
    """One a line."""
    return tuple(line.strip() for line in text.strip().splitlines())


def phrase_query(phrase: str) -> str:
    """A word or phrase as to_tsquery reads it: its words as they stand, side by side, `*` for any ending; ""
    without a word."""
    parts = []
    for word in _MARK.sub(" ", phrase).split():
        if any(character.isalnum() for character in word):
            bare = word.rstrip("*").replace("\\", "\\\\").replace("'", "''")
            parts.append(f"'{bare}':{'*' if word.endswith('*') else ''}{AS_IT_STANDS}")
    return " <-> ".join(parts)


def _phrases(phrases: Collection[str], operator: str) -> SearchQuery:
    """All of the phrases (" & ") or any (" | "), in one query however many there are."""
    queries = [query for phrase in phrases if (query := phrase_query(phrase))]
    return SearchQuery(operator.join(f"({query})" for query in queries), config=EXACT, search_type="raw")
