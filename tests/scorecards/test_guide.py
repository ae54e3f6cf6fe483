"""docs/guides/scorecards.md says what is so."""

import re
from decimal import Decimal
from pathlib import Path

from scorecards.definition import parse
from scorecards.files import from_file
from scorecards.scoring import Rated, score
from tests.scorecards.cards import ANYWHERE, category

GUIDE = Path(__file__).parents[2] / "docs/guides/scorecards.md"


def test_the_table_worked_by_hand():
    outcome = [category("solution", weight=30, scale="4-point"), category("understanding", weight=10)]
    manner = [
        category("tone", weight=10),
        category("clarity", weight=10),
        category("beyond", kind="bonus", weight=5, scale="binary"),
        category("unrecorded", kind="deduction", weight=10, scale="3-point"),
    ]
    definition = parse(
        {
            "groups": [
                {"key": "outcome", "name": "Outcome", "weight": 60, "categories": outcome},
                {"key": "manner", "name": "Manner", "weight": 40, "categories": manner},
            ]
        }
    )
    chosen = {"solution": "3", "tone": "5", "clarity": "1", "beyond": "2", "unrecorded": "2"}
    ratings = [Rated("understanding", na=True), *(Rated(key, option) for key, option in chosen.items())]
    result = score(definition, ratings, ANYWHERE, strict=True)
    assert result.score == Decimal(60)
    assert dict(result.groups) == {"outcome": Decimal("66.6667"), "manner": Decimal(50)}


def test_the_file_it_shows_can_be_read():
    (text,) = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    file = from_file(text)
    assert (file.name, len(file.definition.categories)) == ("Live chat", 4)
