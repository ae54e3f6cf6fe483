"""Every text reads and every mark shows on every background, in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "common/static/common/css/tokens.css").read_text("utf-8")
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
COLOURS = {name: {"light": light, "dark": dark} for name, light, dark in PAIR.findall(TOKENS)}
BACKGROUNDS = [name for name in COLOURS if name.startswith("bg-")]
TEXTS = [name for name in COLOURS if name == "text" or name.startswith("text-")]
MARKS = [name for name in COLOURS if name.startswith("mark-")]
FILLED = [name for name in COLOURS if f"on-{name}" in COLOURS]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_ratio_of_known_pairs():
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_tokens_were_found():
    assert len(BACKGROUNDS) >= 7
    assert len(TEXTS) >= 5
    assert len(MARKS) >= 3
    assert FILLED == ["accent", "accent-strong"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_text_reads_on_every_background(background, theme):
    ratios = {text: ratio(COLOURS[text][theme], COLOURS[background][theme]) for text in TEXTS}
    assert {text: round(found, 2) for text, found in ratios.items() if found < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_marks_show_on_every_background(background, theme):
    ratios = {mark: ratio(COLOURS[mark][theme], COLOURS[background][theme]) for mark in MARKS}
    assert {mark: round(found, 2) for mark, found in ratios.items() if found < 3} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("fill", FILLED)
def test_words_on_filled_buttons_read(fill, theme):
    assert ratio(COLOURS[f"on-{fill}"][theme], COLOURS[fill][theme]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("background", ["bg-canvas", "bg-surface"])
def test_the_accent_shows_as_a_line(background, theme):
    assert ratio(COLOURS["accent"][theme], COLOURS[background][theme]) >= 3
