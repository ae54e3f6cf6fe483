"""Markdown, hashtags and mentions in comments."""

from __future__ import annotations

import time

import pytest
from django.template import Context, Template

from qa_reviews.markup import LONGEST_TAG, hashtags, mentioned, render

PEOPLE = [(1, "Ana"), (2, "Ana Silva"), (3, "Bo Lind"), (4, "Bo Lind"), (5, "Zoë O'Neil")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Well done #Empathy, #empathy again", ("empathy",)),
        ("(#two) and “#drei”: #vier_5", ("two", "drei", "vier_5")),
        ("order #1001 is a number, #1001b is not", ("1001b",)),
        ("#Straße #हिन्दी #日本語", ("strasse", "हिन्दी", "日本語")),
        ("`#code` and\n\n    #indented\n\n```\n#fenced\n```", ()),
        ("https://example.com/#anchor www.example.com/#b [#link](https://example.com)", ()),
        ("a#b ##c #", ()),
        ("# heading\n\n- #item\n\n> #quoted **#bold**", ("item", "quoted", "bold")),
        ("#" + "x" * LONGEST_TAG, ("x" * LONGEST_TAG,)),
        ("#" + "x" * (LONGEST_TAG + 1), ()),
    ],
)
def test_hashtags(text: str, found: tuple[str, ...]) -> None:
    assert hashtags(text) == found


def test_hashtags_of_several_texts_stand_once_in_order() -> None:
    assert hashtags("#b #a", "", "#A #c") == ("b", "a", "c")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ana Silva, look", {2}),
        ("@Ana look", {1}),
        ("@anabel look", set()),
        ("@ana silva!", {2}),
        ("@Bo Lind", {3, 4}),
        ("(@Zoë O'Neil)", {5}),
        ("`@Ana` and ana@Ana.example", set()),
        ("[@Ana](https://example.com)", set()),
        ("Ana Silva", set()),
    ],
)
def test_mentions(text: str, found: set[int]) -> None:
    assert mentioned(text, PEOPLE) == found


def test_nobody_is_mentioned_where_nobody_is() -> None:
    assert mentioned("@Ana", []) == set()


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://example.com/pixel.png)",
        "<a href='https://example.com' onclick='x()'>a</a>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "@Ana<script>alert(1)</script> #a<b onload=x>",
    ],
)
def test_what_is_hostile_stays_text(hostile: str) -> None:
    html = render(hostile, [*PEOPLE, (9, "<script>alert(1)</script>")])
    for harm in ("<script", "<img", "onerror=alert(1)>", 'href="javascript', 'href="data', "<a ", "<b "):
        assert harm not in html


def test_render_marks_mentions_and_hashtags_outside_code_and_links() -> None:
    html = render("**Hi** @Ana Silva, see #tone and `#code` [#no](https://example.com/#x)", PEOPLE)
    assert '<span class="mention">@Ana Silva</span>' in html
    assert '<span class="hashtag">#tone</span>' in html
    assert "<code>#code</code>" in html
    assert '<a href="https://example.com/#x" rel="noopener noreferrer nofollow">#no</a>' in html


def test_a_name_with_markup_in_it_is_shown_as_text() -> None:
    assert "<i>" not in render("@A <i>b</i>", [(1, "A <i>b</i>")])


def test_the_filter_gives_safe_html() -> None:
    template = Template("{% load markup %}{{ text|markdown }} {{ text|markdown:people }}")
    html = template.render(Context({"text": "*Hi* @Ana <b>", "people": PEOPLE}))
    assert html.count("<em>Hi</em>") == 2
    assert html.count('<span class="mention">@Ana</span>') == 1
    assert "<b>" not in html


@pytest.mark.parametrize(
    "bomb", ["@" * 20_000, "#" * 20_000, "a@" * 10_000, "[" * 20_000, "> " * 10_000, "x" * 20_000]
)
def test_long_nonsense_is_read_in_time(bomb: str) -> None:
    started = time.monotonic()
    hashtags(bomb)
    mentioned(bomb, PEOPLE)
    render(bomb, PEOPLE)
    assert time.monotonic() - started < 5
