"""The names of all jobs: how a lower app asks for work of a higher one without importing it."""

from __future__ import annotations

from enum import StrEnum


class JobName(StrEnum):
    FORGET_ANSWERS = "accounts.forget_answers"
    FOLLOW_MERGES = "accounts.follow_merges"
    FOLLOW_MERGES_OF = "accounts.follow_merges_of"
    CLOSE_INTERRUPTED_IMPORTS = "conversations.close_interrupted_imports"
    TOPIC_LENGTHS = "conversations.topic_lengths"
    TOPIC_LENGTHS_OF = "conversations.topic_lengths_of"
    FORGET_QUOTES = "qa_reviews.forget_quotes"
    RETURN_LAPSED_CLAIMS = "qa_reviews.return_lapsed_claims"
    ANNOUNCE_RELEASED = "qa_reviews.announce_released"
    ESCALATE_DISPUTES = "qa_reviews.escalate_disputes"
    DRAW_DUE = "qa_reviews.draw_due"
    DRAW_WORKSPACE = "qa_reviews.draw_workspace"
    REMIND_CALIBRATIONS = "qa_reviews.remind_calibrations"
    DELIVER_NOTICES = "notices.deliver"
    SWEEP_NOTICES = "notices.sweep"
    FORGET_DELIVERIES = "notices.forget_deliveries"
    COACHING_NIGHTLY = "coaching.nightly"
    COACHING_NIGHT = "coaching.night"
    COACHING_PROPOSE = "coaching.propose"
