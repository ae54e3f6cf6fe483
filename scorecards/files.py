"""A scorecard as a file, YAML or JSON. Pure: no Django.

A file is read as hostile: bounded in size and depth, without aliases (which can grow without bound), without
doubled names, and with every unknown key refused by name.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, Protocol

import yaml

from scorecards.definition import Definition, Finding, InvalidDefinition, parse, to_json
from scorecards.definition.fields import Fields
from scorecards.terms import Terms, read_terms

FILE_VERSION = 1
MOST_CHARACTERS = 1_000_000
MOST_DEPTH = 40
WIDTH = 100

Format = Literal["yaml", "json"]
FORMATS: tuple[Format, ...] = ("yaml", "json")
TERMS = ("pass_mark", "bands", "offer_when")


@dataclass(frozen=True, slots=True)
class ScorecardFile:
    """What a file says: the definition, and the terms it names (scorecards/terms.py), `name` always."""

    terms: Terms
    definition: Definition

    @property
    def name(self) -> str:
        return str(self.terms["name"])


class UnreadableFile(ValueError):
    """The text is no YAML or JSON that can be read; says where and why."""


class InvalidFile(ValueError):
    """The file was read and has errors; `findings` holds them all, pointers from the top of the file."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{finding.pointer}: {finding.message}" for finding in findings[:5]))
        self.findings = tuple(findings)


class CardTerms(Protocol):
    """A scorecard, as far as its file tells of it."""

    name: str
    pass_mark: Decimal | None
    bands: Any
    offer_when: Any


def to_file(scorecard: CardTerms, definition: Definition, format: Format) -> str:
    """The text of a file; `from_file` of it gives the same scorecard. Terms that say nothing are left out."""
    mark = scorecard.pass_mark
    terms = {
        "pass_mark": None if mark is None else _plain(mark),
        "bands": scorecard.bands,
        "offer_when": scorecard.offer_when,
    }
    body = {
        "plumbline": FILE_VERSION,
        "name": scorecard.name,
        **{field: value for field, value in terms.items() if value},
        "definition": to_json(definition),
    }
    if format == "json":
        return json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=WIDTH)


def from_file(text: str) -> ScorecardFile:
    """The scorecard that the text describes. Raises UnreadableFile, or InvalidFile with all errors."""
    raw = _loaded(text)
    fields = Fields()
    body = fields.record(raw, "", ("plumbline", "name", "definition"), TERMS)
    if body is None:
        raise InvalidFile(fields.findings)
    if body["plumbline"] != FILE_VERSION or isinstance(body["plumbline"], bool):
        fields.error("unknown_version", "/plumbline", f"This reads files of version {FILE_VERSION}.")
    terms = read_terms(fields, body)
    try:
        definition = parse(body["definition"])
    except InvalidDefinition as error:
        below = [replace(each, pointer=f"/definition{each.pointer}") for each in error.findings]
        raise InvalidFile([*fields.findings, *below]) from None
    if fields.findings:
        raise InvalidFile(fields.findings)
    return ScorecardFile(terms, definition)


def _plain(mark: Decimal) -> str:
    text = f"{mark:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _loaded(text: str) -> object:
    if len(text) > MOST_CHARACTERS:
        raise UnreadableFile(f"A scorecard's file may have up to {MOST_CHARACTERS} characters.")
    try:
        return _json(text) if text.lstrip().startswith("{") else _yaml(text)
    except RecursionError:
        raise UnreadableFile("The file is nested too deeply.") from None


def _json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableFile(f"An object names one of these twice: {', '.join(found)[:200]}.")
    return found


def _no_constant(word: str) -> object:
    raise UnreadableFile(f"{word} is no number.")


class _Loader(yaml.CSafeLoader):
    """Plain values only, and no name twice in one object."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found = super().construct_mapping(node, deep=deep)
        if len(found) < len(node.value):
            raise UnreadableFile(f"Line {node.start_mark.line + 1}: an object names one thing twice.")
        return found


def _yaml(text: str) -> object:
    try:
        _check_shape(text)
        return yaml.load(text, Loader=_Loader)  # a SafeLoader, narrowed further
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UnreadableFile(f"{where}{error.problem or 'not YAML'}.") from None
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile("This is neither YAML nor JSON that can be read.") from None


def _check_shape(text: str) -> None:
    """Refuses aliases, which a few lines can blow up without bound, and depth that no scorecard has."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableFile("A scorecard's file has no aliases.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise UnreadableFile("The file is nested too deeply.")
