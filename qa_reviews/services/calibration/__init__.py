"""Writes of calibration sessions: setting up, grading, talking over, deciding, reminding."""

from qa_reviews.services.calibration.grading import grade
from qa_reviews.services.calibration.moves import Move, begin_discussion, close_session, open_session
from qa_reviews.services.calibration.reminders import remind_due
from qa_reviews.services.calibration.sessions import (
    SessionInput,
    add_conversation,
    as_input,
    change_session,
    create_session,
    delete_session,
    remove_conversation,
)
from qa_reviews.services.calibration.talk import record_decision, write_note

__all__ = [
    "Move",
    "SessionInput",
    "add_conversation",
    "as_input",
    "begin_discussion",
    "change_session",
    "close_session",
    "create_session",
    "delete_session",
    "grade",
    "open_session",
    "record_decision",
    "remind_due",
    "remove_conversation",
    "write_note",
]
