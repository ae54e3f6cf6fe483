"""Bodies as plain text and as safe HTML."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text import DEPTH_LIMIT, HTML_LIMIT, clean_html, plain_text, visible_bidi, within_limits

OVER = " " * HTML_LIMIT  # makes a markup too large to be parsed, without adding to its text


@pytest.mark.parametrize("padding", ["", OVER], ids=["parsed", "stripped"])
@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Hi <b>Sam</b>,</p><p>one<br>two</p>", "Hi Sam,\n\none\ntwo"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("<div>a</div><div>b</div><div><div>c</div></div>", "a\nb\nc"),
        ("<p>\n  wrapped\n  text</p>\n\n<p>next</p>", "wrapped text\n\nnext"),
        ("<ul><li>one</li><li><p>two</p></li></ul>after", "- one\n- two\n\nafter"),
        (
            "<table><tr><td>Name</td><td>Ana</td></tr><tr><td>City</td><td>Graz</td></tr></table>",
            "Name Ana\nCity Graz",
        ),
        ("<pre>x = 1\ny = 2\n</pre>ok", "x = 1\ny = 2\n\nok"),
        ("a &amp; b &lt;c&gt;&nbsp;d &#8364;", "a & b <c> d €"),
        ("1 < 2 and I <3 you", "1 < 2 and I <3 you"),
        ("<style>p{}</style><script>x()</script><title>t</title>seen", "seen"),
        ("a<!-- <p>b</p> -->c<!-- open", "ac"),
        ("<P CLASS=x>one</P>two", "one\n\ntwo"),
        ("<p>مرحبا <b>Sam</b></p>", "مرحبا Sam"),
        ('see <a href="https://x.example">the page</a>', "see the page"),
        ("no markup at all", "no markup at all"),
        ("", ""),
    ],
)
def test_plain_text(markup, text, padding):
    assert plain_text(markup + padding) == text


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p>Hi <b>Sam</b></p>", "<p>Hi <b>Sam</b></p>"),
        ("<script>x()</script><style>p{}</style>ok", "ok"),
        ('<img src="https://track.example/1.gif" onerror="x()">ok', "ok"),
        ('<p style="color:red" class="a" id="b" onclick="x()">ok</p>', "<p>ok</p>"),
        ('<p dir="rtl" lang="ar">مرحبا</p>', '<p dir="rtl" lang="ar">مرحبا</p>'),
        ("<form action=/x><input name=a><button>go</button></form>", "go"),
        ('<a href="javascript:x()">a</a>', '<a rel="noopener noreferrer nofollow">a</a>'),
        ('<a href="/w/ours/settings/">a</a>', '<a rel="noopener noreferrer nofollow">a</a>'),
        (
            '<a href="https://x.example" target="_top">a</a>',
            '<a href="https://x.example" rel="noopener noreferrer nofollow">a</a>',
        ),
        ("abc &#8238;fdp.exe", "abc ⇠fdp.exe"),
        ("<p>open <b>bold", "<p>open <b>bold</b></p>"),
    ],
)
def test_clean_html(markup, shown):
    assert clean_html(markup) == shown


def test_html_over_the_limit_becomes_text():
    markup = "<p>1 &lt; 2</p><p>next<br>line \u202e</p>" + OVER
    assert clean_html(markup) == "<p>1 &lt; 2<br><br>next<br>line ⇠</p>"


@pytest.mark.parametrize(
    ("markup", "parsed"),
    [
        ("x" * HTML_LIMIT, True),
        ("x" * (HTML_LIMIT + 1), False),
        ("<div>" * DEPTH_LIMIT, True),
        ("<div>" * (DEPTH_LIMIT + 1), False),
        ("<div></other>" * (DEPTH_LIMIT + 1), False),
        ("<DIV>" * (DEPTH_LIMIT + 1), False),
        ("<div></div>" * 1000, True),
        ("<p>a<br><li>b<td>c" * 1000, True),
    ],
)
def test_limits(markup, parsed):
    assert within_limits(markup) is parsed


@pytest.mark.parametrize(
    "unit",
    [
        "<div>",
        "<div></x>",
        "<b></p>",
        "<p><b>",
        "<table><b>",
        "<!--",
        "<",
        "<a",
        "<a ",
        "</",
        "<!",
        "<li>",
        "\n",
        "-\n",
    ],
)
@pytest.mark.parametrize("size", [HTML_LIMIT, 1_000_000], ids=["parsed", "stripped"])
def test_hostile_markup_costs_linear_time(unit, size):
    markup = unit * (size // len(unit))
    start = perf_counter()
    plain_text(markup)
    clean_html(markup)
    assert perf_counter() - start < 20  # measured 0.1 to 4 s; the quadratic parser took minutes


def test_bidi_controls_are_shown_one_for_one():
    text = "a\u202ab\u202bc\u202cd\u202de\u202ef\u2066g\u2067h\u2068i\u2069j"
    assert visible_bidi(text) == "a⇢b⇠c⇥d⇢e⇠f⇢g⇠h⇢i⇥j"
    assert visible_bidi("\u200eمرحبا\u200f") == "\u200eمرحبا\u200f"


TAGS = ["<p>", "</p>", "<b>", "<script>", "</script>", "<!--", "-->", "<img/onerror=x()>", "&lt;", "<", ">"]
LINK = "<a href='javascript:1'>"
markups = st.lists(st.sampled_from([*TAGS, LINK]) | st.text(max_size=5), max_size=20).map("".join)


@given(markups, st.sampled_from(["", OVER]))
def test_nothing_that_acts_survives(markup, padding):
    shown = clean_html(markup + padding)
    assert not re.search(r"<(script|img|style)|<[^>]*(javascript:|onerror)", shown)
    assert "\n\n\n" not in plain_text(markup + padding)
