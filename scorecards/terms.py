"""What stands on a scorecard itself, for all its versions: name, pass mark, bands, when it is offered.

Pure: no Django. Reads JSON of unknown shape into the shape that is stored, and notes every error.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from scorecards.definition.fields import Fields
from scorecards.offering import RULE_FIELDS

NAME_LENGTH = 255
WORD_LENGTH = 100
LABEL_LENGTH = 40
MOST_BANDS = 10
MOST_WORDS = 100
PLACES = 4
BIGGEST_RANK = 1_000_000
AGENT_KINDS = ("human", "bot")

Terms = dict[str, object]
"""Any of `READERS` -> its value: name str, pass_mark Decimal or None, bands [{"from", "label"}], offer_when
{field: [words]}, rank int."""


def read_terms(fields: Fields, body: Mapping[str, object]) -> Terms:
    """The terms among the fields of an object; pointers start at that object."""
    return {name: read(fields, body[name], f"/{name}") for name, read in READERS.items() if name in body}


def _name(fields: Fields, raw: object, pointer: str) -> str:
    return fields.line(raw, pointer, NAME_LENGTH)


def _pass_mark(fields: Fields, raw: object, pointer: str) -> Decimal | None:
    return None if raw is None else _score(fields, raw, pointer)


def _score(fields: Fields, raw: object, pointer: str) -> Decimal:
    value = fields.number(raw, pointer, 0, 100)
    if value != round(value, PLACES):
        fields.error("invalid", pointer, f"Must have at most {PLACES} decimals.")
    return value


def _bands(fields: Fields, raw: object, pointer: str) -> list[dict[str, str]]:
    bands: list[dict[str, str]] = []
    labels: set[str] = set()
    above: Decimal | None = None
    for place, item in enumerate(fields.items([] if raw is None else raw, pointer, most=MOST_BANDS)):
        below = f"{pointer}/{place}"
        body = fields.record(item, below, ("from", "label"))
        if body is None:
            continue
        score = _score(fields, body["from"], f"{below}/from")
        label = fields.line(body["label"], f"{below}/label", LABEL_LENGTH)
        fields.unique(label, labels, f"{below}/label", "duplicate_value")
        if above is not None and score >= above:
            fields.error("bands_not_descending", f"{below}/from", "Bands go from the highest to the lowest.")
        above = score
        bands.append({"from": f"{score:f}", "label": label})
    return bands


def _rule(fields: Fields, raw: object, pointer: str) -> dict[str, list[str]]:
    body = fields.record({} if raw is None else raw, pointer, (), RULE_FIELDS) or {}
    found = {name: _rule_words(fields, name, body[name], pointer) for name in RULE_FIELDS if name in body}
    return {name: words for name, words in found.items() if words}


def _rule_words(fields: Fields, name: str, raw: object, pointer: str) -> list[str]:
    words: list[str] = []
    taken: set[str] = set()
    for place, item in enumerate(
        fields.items([raw] if isinstance(raw, str) else raw, f"{pointer}/{name}", most=MOST_WORDS)
    ):
        below = f"{pointer}/{name}/{place}"
        if name == "agent_kind":
            words.append(fields.choice(item, below, AGENT_KINDS))
        else:
            words.append(fields.line(item, below, WORD_LENGTH))
        fields.unique(words[-1], taken, below, "duplicate_value")
    return words


def _rank(fields: Fields, raw: object, pointer: str) -> int:
    value = fields.number(raw, pointer, -BIGGEST_RANK, BIGGEST_RANK)
    if value != int(value):
        fields.error("invalid", pointer, "Must be a whole number.")
    return int(value)


READERS: Mapping[str, Callable[[Fields, object, str], object]] = {
    "name": _name,
    "pass_mark": _pass_mark,
    "bands": _bands,
    "offer_when": _rule,
    "rank": _rank,
}
