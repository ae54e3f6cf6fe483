"""A scorecard's definition: its JSON, checked, as frozen values. Pure: no Django."""

from scorecards.definition.findings import Finding, InvalidDefinition, Severity
from scorecards.definition.marks import category_score, fails, is_negative
from scorecards.definition.reader import parse, validate
from scorecards.definition.types import (
    SCALES,
    Category,
    CommentRequired,
    Context,
    Critical,
    Definition,
    Group,
    Option,
    RootCauses,
    ShowWhen,
    applies,
    to_json,
)

__all__ = [
    "SCALES",
    "Category",
    "CommentRequired",
    "Context",
    "Critical",
    "Definition",
    "Finding",
    "Group",
    "InvalidDefinition",
    "Option",
    "RootCauses",
    "Severity",
    "ShowWhen",
    "applies",
    "category_score",
    "fails",
    "is_negative",
    "parse",
    "to_json",
    "validate",
]
