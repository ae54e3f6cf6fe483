"""Sample plans, draws, the queue; reviews with their gradings, and what is said and suggested about them."""

from qa_reviews.models.calibration import (
    CalibrationConversation,
    CalibrationDecision,
    CalibrationNote,
    CalibrationParticipant,
    CalibrationSession,
)
from qa_reviews.models.checks import ReviewCheck
from qa_reviews.models.history import SourceScorecard
from qa_reviews.models.reviews import COUNTED_KINDS, COUNTED_STATES, Evidence, Grading, Rating, Review
from qa_reviews.models.sampling import (
    Band,
    Draw,
    PlanReviewer,
    PlanReviewerTeam,
    QueueItem,
    QueueQuestion,
    SamplePlan,
    Stratum,
)
from qa_reviews.models.saved import SavedView, ViewSchedule
from qa_reviews.models.suggestions import Suggestion, SuggestionRule
from qa_reviews.models.talk import CommentTemplate, Dispute, Remark, ReviewComment

__all__ = [
    "COUNTED_KINDS",
    "COUNTED_STATES",
    "Band",
    "CalibrationConversation",
    "CalibrationDecision",
    "CalibrationNote",
    "CalibrationParticipant",
    "CalibrationSession",
    "CommentTemplate",
    "Dispute",
    "Draw",
    "Evidence",
    "Grading",
    "PlanReviewer",
    "PlanReviewerTeam",
    "QueueItem",
    "QueueQuestion",
    "Rating",
    "Remark",
    "Review",
    "ReviewCheck",
    "ReviewComment",
    "SamplePlan",
    "SavedView",
    "SourceScorecard",
    "Stratum",
    "Suggestion",
    "SuggestionRule",
    "ViewSchedule",
]
