"""What holds for all templates, style sheets and scripts: a strict CSP, right-to-left, tokens, small size."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "common/static/common"
TEMPLATES = sorted(path for path in ROOT.glob("*/templates/**/*.html") if path.parts[-4] != "var")
SHEETS = sorted(path for path in ROOT.glob("*/static/**/*.css") if "staticfiles" not in path.parts)
INLINE = re.compile(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
PHYSICAL = re.compile(
    r"(?:^|[\s;{])((?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|"
    r"(?:min-|max-)?(?:width|height)|text-align:\s*(?:left|right))\s*:",
    re.MULTILINE,
)
MEDIA = re.compile(r"@(?:media|container)[^{]*\{")


def named(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


def size_of(pattern: str) -> int:
    return sum(path.stat().st_size for path in STATIC.glob(pattern))


def test_the_files_were_found():
    assert len(TEMPLATES) > 20
    assert {path.name for path in SHEETS} >= {"tokens.css", "base.css", "frame.css", "parts.css"}


@named(TEMPLATES)
def test_templates_keep_to_the_content_security_policy(path):
    assert INLINE.findall(path.read_text("utf-8")) == []


@named(SHEETS)
def test_sheets_use_logical_properties(path):
    assert PHYSICAL.findall(MEDIA.sub("", path.read_text("utf-8"))) == []


@named([path for path in SHEETS if path.name not in {"tokens.css", "print.css"}])
def test_sheets_take_their_colours_from_the_tokens(path):
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;,) ])|rgb\(|hsl\(", path.read_text("utf-8")) == []


@named(SHEETS)
def test_sheets_use_only_tokens_that_exist(path):
    declared = set(re.findall(r"(--[\w-]+):", "".join(sheet.read_text("utf-8") for sheet in SHEETS)))
    used = re.findall(r"var\((--[\w-]+)\)", path.read_text("utf-8"))
    assert set(used) - declared == set()


def test_common_styles_and_scripts_are_small():
    assert size_of("css/*.css") < 40_000
    assert size_of("js/*.js") < 40_000


def test_every_part_says_its_parameters():
    parts = [path for path in TEMPLATES if path.parent.name == "parts" and "common" in path.parts]
    silent = [
        path.name
        for path in parts
        if not re.match(r"\{% comment %\}[^%]*[Pp]arameters", path.read_text("utf-8"))
    ]
    assert silent == []
