"""When to suggest coaching: rules of three strengths over one agent's evidence.

- clear: the 95 % range lies wholly below the target. Where the work is really at the target this
  happens in 2.5 of 100 evaluations by design, in 3 to 5 with skewed scores and few reviews.
- worth a look: below the target with a probability of 0.7 or more, or a category missed in 3 of
  the last 6 reviews. Where the work is at the target 3 in 10 of these are chance, so they propose
  a talk or a few more reviews.
- event: a critical failure, about that one conversation.

A rule proposes, a person decides. Nothing here is a verdict about anybody: reasons name the
number, its range, its time and its count, and what is not known is said.
"""

from coaching.rules.definition import Kind, Rule, Strength, check_rule
from coaching.rules.evidence import (
    Category,
    CriticalFailure,
    Evidence,
    History,
    Iqs,
    NotProposed,
    Outcome,
    Proposal,
)
from coaching.rules.judging import judge
from coaching.rules.measures import probability_below

__all__ = [
    "Category",
    "CriticalFailure",
    "Evidence",
    "History",
    "Iqs",
    "Kind",
    "NotProposed",
    "Outcome",
    "Proposal",
    "Rule",
    "Strength",
    "check_rule",
    "judge",
    "probability_below",
]
