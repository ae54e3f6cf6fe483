"""Filters and parts as pages use them."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import forms
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation

from common import icons
from common.chart_words import chart_words
from common.charts import Words
from common.templatetags import ui

ROOT = Path(__file__).parents[2]


def part(name, **parameters):
    return render_to_string(f"parts/{name}.html", parameters)


def words(markup):
    """The text of markup, spaces collapsed."""
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


@pytest.mark.parametrize(
    ("value", "pass_mark", "shown"),
    [
        (None, None, "–"),
        ("", None, "–"),
        (84, None, "84"),
        (84.5, None, "85"),
        (100, None, "100"),
        (99.6, None, "99.6"),
        (99.97, None, "99.97"),
        (80, 80, "80"),
        (79.96, 80, "79.96"),
        (79.5, 80, "79.5"),
        (79.4, 80, "79"),
        (0, 80, "0"),
    ],
)
def test_score_never_contradicts_the_pass_mark_or_100(value, pass_mark, shown):
    assert ui.score(value, pass_mark) == shown


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (None, None, "–"),
        ("", None, "–"),
        (0, None, "0"),
        (17193, None, "17,193"),
        (2.345, 1, "2.3"),
        (2.25, 1, "2.3"),
    ],
)
def test_number(value, decimals, shown):
    assert ui.number(value, decimals) == shown


def test_numbers_follow_the_language():
    with translation.override("de"):
        assert ui.number(17193.5, 1) == "17.193,5"
        assert ui.score(99.6) == "99,6"
        assert chart_words().decimal == ","


@pytest.mark.parametrize(
    ("start", "interval", "shown"),
    [
        (None, "week", "–"),
        (date(2025, 3, 3), "day", "3 Mar 2025"),
        (date(2025, 3, 3), "week", "3 to 9 Mar 2025"),
        (date(2025, 2, 24), "week", "24 Feb to 2 Mar 2025"),
        (date(2024, 12, 30), "week", "30 Dec 2024 to 5 Jan 2025"),
        (date(2025, 3, 1), "month", "March 2025"),
        (date(2025, 4, 1), "quarter", "Quarter 2 of 2025"),
    ],
)
def test_period(start, interval, shown):
    assert ui.period(start, interval) == shown


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lovelace", "AL"), ("Bola van der Berg", "BB"), ("Kim", "K"), ("", "")]
)
def test_initials(name, letters):
    assert ui.initials(name) == letters


def test_english_chart_words_are_the_defaults():
    with translation.override("en"):
        assert chart_words() == Words()


def test_an_unknown_icon_fails():
    with pytest.raises(KeyError):
        icons.icon("nonsense")


def test_an_icon_is_hidden_unless_it_has_a_label():
    assert 'aria-hidden="true"' in icons.icon("queue")
    assert 'role="img" aria-label="&lt;Queue&gt;"' in icons.icon("queue", "<Queue>")


def test_templates_name_only_icons_that_exist():
    sources = "".join(path.read_text("utf-8") for path in ROOT.glob("*/templates/**/*.html"))
    assert set(re.findall(r'\{% icon "(\w+)"', sources)) - set(icons.ICONS) == set()


def test_every_template_of_ours_compiles():
    for path in (ROOT / "common/templates").rglob("*.html"):
        engines["django"].from_string(path.read_text("utf-8"))


def test_score_with_range_and_count():
    assert words(part("score", value=84, low=79, high=88, n=12, frame=143)) == "84 (79 to 88) 12 of 143"


def test_a_wide_score_says_how_rough_it_is():
    markup = part("score", value=74, low=50, high=98, n=6, wide=True)
    assert words(markup) == "74 known only to ±24 6 reviews"
    assert "is-wide" in markup


def test_a_refused_score_shows_no_number():
    assert words(part("score", value=84, low=79, high=88, refused="3 of 5 reviews")) == "3 of 5 reviews"


def test_a_score_says_in_words_and_shape_whether_it_passed():
    assert 'aria-label="Not passed"' in part("score", value=79.96, pass_mark=80, passed=False)
    assert 'aria-label="Passed"' in part("score", value=80, pass_mark=80, passed=True)
    assert "aria-label" not in part("score", value=80)


class Invitation(forms.Form):
    name = forms.CharField(help_text="As people will see it.")
    role = forms.ChoiceField(choices=[("reviewer", "Reviewer"), ("lead", "Lead")], widget=forms.RadioSelect)


def test_a_field_is_tied_to_its_label_help_and_error():
    markup = part("field", field=Invitation({})["name"])
    assert '<label for="id_name">' in markup
    described = re.search(r'<input[^>]*aria-describedby="([^"]+)"', markup)
    assert described
    assert all(f'id="{name}"' in markup for name in described[1].split())
    assert "This field is required." in words(markup)


def test_a_group_of_choices_is_a_fieldset():
    markup = part("field", field=Invitation()["role"])
    assert markup.startswith("<fieldset")
    assert "<legend>Role" in markup


def test_error_summary_links_to_controls_that_exist():
    form = Invitation({})
    summary = part("error_summary", form=form)
    fields = "".join(part("field", field=field) for field in form)
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_name", "id_role_0"]
    assert all(f'id="{target}"' in fields for target in targets)
    assert part("error_summary", form=Invitation()).strip() == ""


def test_plain_text_of_a_message_is_escaped_and_takes_its_own_direction():
    markup = part("message", id="m1", author_type="customer", author_name="Lena", text="<b>Hi</b>", lang="ar")
    assert "&lt;b&gt;Hi&lt;/b&gt;" in markup
    assert 'dir="auto" lang="ar"' in markup


def test_an_internal_note_says_so():
    at = datetime(2025, 3, 3, 14, 5, tzinfo=UTC)
    markup = part(
        "message", id="m1", author_type="agent", author_name="Ada", text="x", internal=True, sent_at=at
    )
    assert "Internal note" in words(markup)
    assert "is-internal" in markup


def test_attachments_are_links_and_never_loaded():
    files = [{"url": "https://files.example/a.png", "name": "a.png"}]
    markup = part("message", id="m1", author_type="customer", text="x", attachments=files)
    assert '<a href="https://files.example/a.png" rel="noopener noreferrer nofollow">' in markup
    assert "<img" not in markup


TONE = {
    "key": "tone",
    "name": "Tone",
    "weight": 10,
    "allow_na": True,
    "options": [{"value": "poor", "label": "Poor"}, {"value": "good", "label": "Good"}],
    "position": 1,
    "rating": {"option": "good"},
}


def test_a_category_gives_each_option_its_digit_and_na_the_0():
    markup = part("category_row", category=TONE)
    radios = re.findall(
        r'<input type="radio" name="tone-option" value="(\w+)" data-digit="(\d)"( checked)?>', markup
    )
    assert radios == [("poor", "1", ""), ("good", "2", " checked"), ("na", "0", "")]


def test_a_category_without_na_has_none():
    assert 'value="na"' not in part("category_row", category={**TONE, "allow_na": False})


def test_progress_without_a_total_has_no_value():
    assert "value=" not in part("progress", label="Importing", done=5, id="p")
    assert 'value="1200" max="17193"' in part("progress", label="Importing", done=1200, total=17193, id="p")
