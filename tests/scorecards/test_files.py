"""A scorecard as a file: there and back, and every file that is refused with its reason."""

import json
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scorecards.definition import parse, validate
from scorecards.files import FORMATS, InvalidFile, UnreadableFile, from_file, to_file
from scorecards.gallery import FOLDER, gallery
from scorecards.schema import FILE_SCHEMA
from tests.scorecards.cards import one
from tests.scorecards.generated import generated_card, generated_json
from tests.world import DEFINITION

SCHEMA = jsonschema.Draft202012Validator(FILE_SCHEMA)
TERMS: dict[str, Any] = {
    "pass_mark": Decimal("82.5000"),
    "bands": [{"from": "90", "label": "Großartig"}, {"from": "0", "label": "no"}],
    "offer_when": {"channel": ["chat"], "agent_kind": ["bot"]},
}


def scorecard(**terms: Any) -> Any:
    bare: dict[str, Any] = {"name": "Voice: ja/nein", "pass_mark": None, "bands": [], "offer_when": {}}
    return SimpleNamespace(**bare | terms)


def text_of(**fields: Any) -> str:
    return json.dumps({"plumbline": 1, "name": "Voice", "definition": one(), **fields})


@pytest.mark.parametrize("format", FORMATS)
def test_there_and_back(format):
    definition = parse(DEFINITION)
    file = from_file(to_file(scorecard(**TERMS), definition, format))
    assert file.definition == definition
    assert file.terms == {"name": "Voice: ja/nein", **TERMS}
    bare = from_file(to_file(scorecard(), definition, format))
    assert bare.terms == {"name": "Voice: ja/nein"}


names = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30).filter(
    str.strip
)


@given(st.integers(0, 2**32), names, st.sampled_from(FORMATS))
def test_every_scorecard_comes_back_and_meets_the_schema(seed, name, format):
    definition = generated_card(Random(seed))
    text = to_file(scorecard(name=name), definition, format)
    file = from_file(text)
    assert (file.name, file.definition) == (name.strip(), definition)
    SCHEMA.validate(yaml.safe_load(text))


@given(st.integers(0, 2**32))
def test_what_is_written_by_hand_meets_the_schema(seed):
    SCHEMA.validate({"plumbline": 1, "name": "Voice", "definition": generated_json(Random(seed))})


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"plumbline": 2}, [("unknown_version", "/plumbline")]),
        ({"plumbline": True}, [("unknown_version", "/plumbline")]),
        ({"plumbline": None}, [("required", "/plumbline")]),
        ({"colour": 1, "rank": 2}, [("unknown_field", "/colour"), ("unknown_field", "/rank")]),
        ({"name": " "}, [("blank", "/name")]),
        ({"name": "x" * 256}, [("too_long", "/name")]),
        ({"pass_mark": 101}, [("out_of_range", "/pass_mark")]),
        ({"pass_mark": "80.00001"}, [("invalid", "/pass_mark")]),
        (
            {"bands": [{"from": 80, "label": "A"}, {"from": 90, "label": "B"}]},
            [("bands_not_descending", "/bands/1/from")],
        ),
        (
            {"bands": [{"from": 80, "label": "A"}, {"from": 80, "label": "A"}]},
            [("duplicate_value", "/bands/1/label"), ("bands_not_descending", "/bands/1/from")],
        ),
        ({"bands": [{"from": 80}]}, [("required", "/bands/0/label")]),
        (
            {"offer_when": {"agent_kind": ["cat"], "colour": ["red"]}},
            [("unknown_field", "/offer_when/colour"), ("invalid", "/offer_when/agent_kind/0")],
        ),
        ({"offer_when": {"channel": [5]}}, [("invalid", "/offer_when/channel/0")]),
        (
            {"definition": one(weight=-1), "name": 5},
            [("invalid", "/name"), ("out_of_range", "/definition/groups/0/categories/0/weight")],
        ),
        ({"definition": []}, [("invalid", "/definition")]),
    ],
)
def test_errors_name_their_place(fields, found):
    with pytest.raises(InvalidFile) as caught:
        from_file(text_of(**fields))
    assert [(each.code, each.pointer) for each in caught.value.findings] == found


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"plumbline": 1,', "Line 1, column 17"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": ' + "[" * 100_000, "nested too deeply"),
        ("a: [1, 2", "Line 2, column 1"),
        ("a: 1\na: 2\n", "Line 1: an object names one thing twice"),
        (BOMB, "no aliases"),
        ("[" * 41 + "]" * 41, "nested too deeply"),
        ("a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("a: 2026-13-45", "neither YAML nor JSON"),
        ("\x00", "neither YAML nor JSON"),
        ("\ud800", "neither YAML nor JSON"),
        ("#" * 1_000_001, "up to 1000000 characters"),
    ],
)
def test_what_cannot_be_read(text, reason):
    with pytest.raises(UnreadableFile, match=reason):
        from_file(text)


@given(st.text() | st.text("{}[]:,&*!-#'\"\n ab1", max_size=60))
def test_no_text_does_more_than_be_refused(text):
    with pytest.raises((UnreadableFile, InvalidFile)):
        from_file(text)


@pytest.mark.parametrize("card", gallery(), ids=lambda card: card.slug)
def test_the_gallery_needs_no_advice(card):
    text = (FOLDER / f"{card.slug}.yaml").read_text(encoding="utf-8")
    SCHEMA.validate(yaml.safe_load(text))
    assert validate(yaml.safe_load(text)["definition"]) == []
    written = to_file(scorecard(**card.file.terms), card.file.definition, "yaml")
    assert from_file(written) == card.file
    assert card.description.endswith(".")


def test_the_gallery_shows_every_file_there_is():
    assert {path.stem for path in Path(FOLDER).iterdir()} == {card.slug for card in gallery()}
    assert len(gallery()) == 6
