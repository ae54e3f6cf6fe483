"""Making, changing, pausing, ending and copying sample plans."""

from qa_reviews.services.plans.checks import MOST_DRAWN, MOST_PER_AGENT, MOST_PERIOD_DAYS, quota_errors
from qa_reviews.services.plans.inputs import PlanInput, QuotaInput, ReviewerInput
from qa_reviews.services.plans.moves import Move, clone_plan, end_plan, pause_plan, resume_plan
from qa_reviews.services.plans.writing import (
    as_input,
    change_plan,
    create_plan,
    preview_change,
    preview_plan,
)

__all__ = [
    "MOST_DRAWN",
    "MOST_PERIOD_DAYS",
    "MOST_PER_AGENT",
    "Move",
    "PlanInput",
    "QuotaInput",
    "ReviewerInput",
    "as_input",
    "change_plan",
    "clone_plan",
    "create_plan",
    "end_plan",
    "pause_plan",
    "preview_change",
    "preview_plan",
    "quota_errors",
    "resume_plan",
]
