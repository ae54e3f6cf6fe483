"""What customers of the demo ask, and how agents answer, well or badly. All texts are invented."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Story:
    """One kind of request; `{bike}`, `{order}` and `{name}` are filled in. `poor`: answers of a bad day."""

    topic: str
    subject: str
    ask: str
    follow_up: str
    good: tuple[str, str]
    poor: tuple[str, str]
    thanks: str
    anger: str
    note: str
    language: str


_texts = json.loads((Path(__file__).parent / "stories.json").read_text(encoding="utf-8"))
STORIES: tuple[Story, ...] = tuple(Story(**story) for story in _texts["stories"])
BIKES: list[str] = _texts["bikes"]
CUSTOMERS: list[str] = _texts["customers"]
CLOSING: dict[str, str] = _texts["closing"]
GREETING: dict[str, str] = _texts["greeting"]
PRAISE: dict[str, list[str]] = _texts["praise"]
BLAME: dict[str, list[str]] = _texts["blame"]
