"""Sample plans, draws and their ledger, the queue, reviews with their gradings and ratings."""

from qa_reviews.models.reviews import COUNTED_KINDS, COUNTED_STATES, Evidence, Grading, Rating, Review
from qa_reviews.models.sampling import Band, Draw, PlanReviewer, QueueItem, SamplePlan, Stratum

__all__ = [
    "COUNTED_KINDS",
    "COUNTED_STATES",
    "Band",
    "Draw",
    "Evidence",
    "Grading",
    "PlanReviewer",
    "QueueItem",
    "Rating",
    "Review",
    "SamplePlan",
    "Stratum",
]
