"""A scorecard's definition: its JSON, checked, as frozen values. Pure: no Django."""

from scorecards.definition.conditions import Chosen, applies, visible
from scorecards.definition.findings import Finding, InvalidDefinition, Severity
from scorecards.definition.marks import category_score, fails, is_negative
from scorecards.definition.reader import parse, validate
from scorecards.definition.types import (
    NA,
    OTHER,
    SCALES,
    TIER,
    Answer,
    Category,
    CommentRequired,
    Context,
    Critical,
    Definition,
    Group,
    Kind,
    Option,
    Question,
    RootCauses,
    ShowWhen,
    Start,
)
from scorecards.definition.writer import tiers, to_json

__all__ = [
    "NA",
    "OTHER",
    "SCALES",
    "TIER",
    "Answer",
    "Category",
    "Chosen",
    "CommentRequired",
    "Context",
    "Critical",
    "Definition",
    "Finding",
    "Group",
    "InvalidDefinition",
    "Kind",
    "Option",
    "Question",
    "RootCauses",
    "Severity",
    "ShowWhen",
    "Start",
    "applies",
    "category_score",
    "fails",
    "is_negative",
    "parse",
    "tiers",
    "to_json",
    "validate",
    "visible",
]
