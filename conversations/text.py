"""Message bodies: plain text for search and evidence, sanitised HTML for the page. Nothing is ever fetched.

Large or deeply nested HTML costs a parser quadratic time (500 KB of nested <div> took 25 s), so over the
limits the markup is only stripped, in one linear pass: its patterns never read a character twice.
"""

from __future__ import annotations

import html
import re
from collections import Counter

import nh3

HTML_LIMIT = 64 * 1024  # characters
DEPTH_LIMIT = 200  # elements open at once; quoted mail threads reach a few dozen


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


PARAGRAPHS = _names("p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote pre hr")
LINES = _names("div li tr dt dd section article header footer caption")
CELLS = frozenset({"td", "th"})
INLINE = _names("a b strong i em u s del ins small sub sup code kbd q span bdi")
TABLE_PARTS = frozenset({"thead", "tbody", "tfoot"})
HIDDEN = _names("script style title template iframe noembed noframes svg math")
# Never hold another element of the same name: an unclosed one does not nest.
FLAT = _names("br hr img input meta link area base col embed source wbr p li dt dd td th tr a option")

_TOKEN = re.compile(r"<(/?)([a-zA-Z][^\s<>/]*+)[^<>]*+>|<[!?/][^<>]*+>|[^<]++|<")
_SPACES = re.compile(r" {2,}")
_BLANKS = re.compile(r"\s+")
_BREAKS = re.compile(r" ?[\n\v\f][ \n\v\f]*")
_LONE_DASH = re.compile(r"^-\n+", re.MULTILINE)

_TEXT_CLEANER = nh3.Cleaner(
    tags={"br", *PARAGRAPHS, *LINES, *CELLS, *TABLE_PARTS},
    clean_content_tags=set(HIDDEN),
    attributes={},
)
_HTML_CLEANER = nh3.Cleaner(
    tags={"br", *PARAGRAPHS, *LINES, *CELLS, *TABLE_PARTS, *INLINE},
    clean_content_tags=set(HIDDEN),
    attributes={"a": {"href"}, "*": {"dir", "lang"}},
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)
_RIGHTWARDS, _LEFTWARDS, _END = "\u202a\u202d\u2066\u2068", "\u202b\u202e\u2067", "\u202c\u2069"
_BIDI = str.maketrans(
    {**dict.fromkeys(_RIGHTWARDS, "⇢"), **dict.fromkeys(_LEFTWARDS, "⇠"), **dict.fromkeys(_END, "⇥")}
)


def plain_text(markup: str) -> str:
    """What an HTML body says, with readable line breaks; no scripts, styles, comments or tags.

    A paragraph is set off by an empty line, list items start with "- ". The same markup always gives the
    same text, so that evidence can count its characters.
    """
    if within_limits(markup):
        markup = _TEXT_CLEANER.clean(markup)
    text = "".join(_pieces(_without_comments(markup)))
    text = _BREAKS.sub(_line_breaks, _SPACES.sub(" ", text)).strip()
    return _LONE_DASH.sub("- ", text)


def clean_html(markup: str) -> str:
    """An HTML body fit to be shown in our page: text structure and outside links only.

    No styles, classes, images, forms or relative links; bidi controls are made visible. Over the limits
    it is the plain text instead.
    """
    if within_limits(markup):
        return visible_bidi(_HTML_CLEANER.clean(markup))
    escaped = html.escape(visible_bidi(plain_text(markup)))
    return f"<p>{escaped}</p>".replace("\n", "<br>")


def visible_bidi(text: str) -> str:
    """Each control character that turns the writing around, as an arrow: one for one, so that positions
    in the text hold. Direction marks (U+200E, U+200F) are harmless and stay."""
    return text.translate(_BIDI)


def within_limits(markup: str) -> bool:
    """Whether parsing is cheap: size and the number of elements open at once, counted from above."""
    if len(markup) > HTML_LIMIT:
        return False
    unclosed: Counter[str] = Counter()
    depth = 0
    for token in _TOKEN.finditer(markup):
        end, name = token[1], (token[2] or "").lower()
        if not name or name in FLAT:
            continue
        if not end:
            unclosed[name] += 1
            depth += 1
        elif unclosed[name]:
            unclosed[name] -= 1
            depth -= 1
        if depth > DEPTH_LIMIT:
            return False
    return True


def _without_comments(markup: str) -> str:
    first, *rest = markup.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in rest)


def _pieces(markup: str) -> list[str]:
    """Texts and breaks in order: "\\n" is a break, "\\v" one unless there is one, "\\f" an empty line."""
    found: list[str] = []
    hidden, preformatted = "", False
    for token in _TOKEN.finditer(markup):
        end, name = token[1], (token[2] or "").lower()
        if hidden:
            hidden = "" if end and name == hidden else hidden
        elif not name:
            found.append(_words(token[0], preformatted))
        elif name in HIDDEN:
            hidden = "" if end else name
        else:
            found.append(_break_of(name, end))
            if name == "pre":
                preformatted = not end
    return found


def _words(token: str, preformatted: bool) -> str:
    """The text of a token without markup; blanks become one, line breaks count in <pre> only."""
    if token.startswith(("<!", "<?", "</")):
        return ""
    words = html.unescape(token)
    if preformatted:
        return "\n".join(_BLANKS.sub(" ", line) for line in words.split("\n"))
    return _BLANKS.sub(" ", words)


def _break_of(name: str, end: str) -> str:
    if name == "br":
        return "\n"
    if name in PARAGRAPHS:
        return "\f"
    if name == "li" and not end:
        return "\v- "
    if name in LINES:
        return "\v"
    return " " if name in CELLS else ""


def _line_breaks(run: re.Match[str]) -> str:
    if "\f" in run[0]:
        return "\n\n"
    return "\n" * min(max(run[0].count("\n"), 1), 2)
