"""Lines of pointers in YAML and JSON texts."""

from __future__ import annotations

import json

import pytest

from scorecards.lines import line_of

YAML = """name: X
definition:
  groups:
    - key: a
    - key: b
      "odd/name~": 1
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", None),
        ("/name", 1),
        ("/definition/groups", 3),
        ("/definition/groups/1", 5),
        ("/definition/groups/1/odd~1name~0", 6),
        ("/definition/groups/1/absent/below", 5),
        ("/definition/groups/7", 3),
        ("/absent", None),
    ],
)
def test_the_line_of_a_pointer(pointer: str, line: int | None) -> None:
    assert line_of(YAML, pointer) == line


def test_json_has_lines_too() -> None:
    text = json.dumps({"definition": {"groups": [{"key": "a"}]}}, indent=2)
    assert line_of(text, "/definition/groups/0/key") == 5


@pytest.mark.parametrize("text", ["a: [", "[" * 100_000, ""])
def test_a_text_that_cannot_be_read_has_none(text: str) -> None:
    assert line_of(text, "/a") is None
