"""Writes of the queue: taking, finishing, setting aside, asking, handing over, and what returns by itself.
Two callers never take the same item."""

from qa_reviews.services.queue.asking import answer_question, ask_lead
from qa_reviews.services.queue.returning import return_lapsed, return_left
from qa_reviews.services.queue.skipping import pass_on, set_aside, skip
from qa_reviews.services.queue.taking import claim, finish, hand_back, next_item, reassign

__all__ = [
    "answer_question",
    "ask_lead",
    "claim",
    "finish",
    "hand_back",
    "next_item",
    "pass_on",
    "reassign",
    "return_lapsed",
    "return_left",
    "set_aside",
    "skip",
]
