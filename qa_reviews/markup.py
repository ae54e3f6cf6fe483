"""What people write about reviews: Markdown, with hashtags and mentions of members. Pure: no Django."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from itertools import takewhile

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST_TAG = 64
"""Characters of a hashtag; what is longer is no hashtag."""

Person = tuple[int, str]
"""Id and full name."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["strikethrough", "table"])
_CLEANER = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
    },
    attributes={"a": {"href"}, "span": {"class"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]+\.[\w.-]+", re.IGNORECASE)
_HASH = re.compile(r"(?<![^\s(\[{«“‘\"',;:.!?¡¿–—-])#([^\s#]+)")
_HIDING = {"link_open": 1, "link_close": -1}


def hashtags(*texts: str) -> tuple[str, ...]:
    """The hashtags of the texts, casefolded, each once, in order: letters, digits and _, with a letter among
    them, so that "#1001" stays a number. Not in code, links or addresses."""
    found = (_tag(match) for text in texts for part in _plain(text) for match in _HASH.finditer(part))
    return tuple(dict.fromkeys(tag for tag in (_folded(each) for each in found) if tag))


def mentioned(text: str, people: Sequence[Person]) -> set[int]:
    """Ids of the people named as "@Full Name", whatever the case; the longest name counts, up to a word's
    end. Everybody who bears the name is meant. Not in code, links or addresses."""
    pattern = _mention(people)
    if pattern is None or "@" not in text:
        return set()
    names = {_folded(match[1]) for part in _plain(text) for match in pattern.finditer(part)}
    return {pk for pk, name in people if _folded(name) in names}


def render(text: str, people: Sequence[Person] = ()) -> str:
    """The Markdown as safe HTML: no raw HTML, no images; mentions and hashtags as spans of these classes."""
    tokens = _MARKDOWN.parse(text)
    pattern = _mention(people) if "@" in text else None
    for token in tokens:
        if token.children:
            token.children = [piece for child in _marked(token.children, pattern) for piece in child]
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return _CLEANER.clean(html)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


def _tag(match: re.Match[str]) -> str:
    """The characters after # that make the hashtag; "" when it is none."""
    name = "".join(takewhile(_belongs, match[1]))
    fits = len(_folded(name)) <= LONGEST_TAG and any(c.isalpha() for c in name)
    return name if fits else ""


def _belongs(character: str) -> bool:
    """Letters, digits and _, with the marks that many scripts write on letters."""
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def _mention(people: Sequence[Person]) -> re.Pattern[str] | None:
    names = sorted({name for _, name in people if name.strip()}, key=len, reverse=True)
    if not names:
        return None
    return re.compile(rf"(?<!\w)@({'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)


def _plain(text: str) -> Iterator[str]:
    """The text as it is read, without code, links and addresses."""
    if "#" not in text and "@" not in text:
        return
    for token in _MARKDOWN.parse(text):
        depth = 0
        for child in token.children or ():
            depth += _HIDING.get(child.type, 0)
            if child.type == "text" and not depth:
                yield _ADDRESS.sub(" ", child.content)


def _marked(children: Sequence[Token], pattern: re.Pattern[str] | None) -> Iterator[list[Token]]:
    """The children of a line, their plain text split around mentions and hashtags."""
    depth = 0
    for child in children:
        depth += _HIDING.get(child.type, 0)
        yield [child] if child.type != "text" or depth else _pieces(child.content, pattern)


def _pieces(text: str, pattern: re.Pattern[str] | None) -> list[Token]:
    shielded = [match.span() for match in _ADDRESS.finditer(text)]
    spans: dict[int, tuple[int, str]] = {}
    for match in _HASH.finditer(text):
        if tag := _tag(match):
            spans[match.start()] = (match.start() + 1 + len(tag), "hashtag")
    for match in pattern.finditer(text) if pattern else ():
        spans[match.start()] = (match.end(), "mention")
    tokens, position = [], 0
    for start, (end, kind) in sorted(spans.items()):
        if start < position or any(first <= start < last for first, last in shielded):
            continue
        tokens += [_text(text[position:start]), _span(kind, text[start:end])]
        position = end
    return [*tokens, _text(text[position:])]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _span(kind: str, content: str) -> Token:
    return Token("html_inline", "", 0, content=f'<span class="{kind}">{escape(content)}</span>')
