"""Ready scorecards to start from: the files of gallery/, in the order in which they are proposed."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from scorecards.files import ScorecardFile, from_file

FOLDER = Path(__file__).parent / "gallery"
DESCRIPTIONS = {
    "general-support": "A balanced start for any support team: solution, communication and process.",
    "chat": "For live chat: pace, several chats at once, and knowing when to move to another channel.",
    "phone": "For calls: opening, listening, silence and hold, and a clear close.",
    "technical": "For technical support: diagnosis, reproduction, escalation with evidence.",
    "compliance-first": "For regulated work: identity, disclosures and records fail the review when missed.",
    "ai-agent": "For bots: grounded answers, honest limits, and handing over to a person in time.",
}


@dataclass(frozen=True, slots=True)
class GalleryCard:
    """One ready scorecard; `slug` names it in addresses."""

    slug: str
    name: str
    description: str
    file: ScorecardFile


@lru_cache(maxsize=1)
def gallery() -> tuple[GalleryCard, ...]:
    """All ready scorecards, read once in a process."""
    return tuple(_card(slug, description) for slug, description in DESCRIPTIONS.items())


def card_of(slug: str) -> GalleryCard | None:
    """The one of that name, if there is one."""
    return next((card for card in gallery() if card.slug == slug), None)


def _card(slug: str, description: str) -> GalleryCard:
    file = from_file((FOLDER / f"{slug}.yaml").read_text(encoding="utf-8"))
    return GalleryCard(slug, file.name, description, file)
