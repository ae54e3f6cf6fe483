from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.access import Capability
from accounts.pages import Entry, add_entry


class QaReviewsConfig(AppConfig):
    name = "qa_reviews"

    def ready(self) -> None:
        import_module("qa_reviews.tasks")
        import_module("qa_reviews.wording")
        import_module("qa_reviews.handing_words")
        import_module("qa_reviews.plan_words")
        import_module("qa_reviews.calibration_words")
        import_module("qa_reviews.followed")
        queue = import_module("qa_reviews.selectors.queue")
        add_entry(
            Entry(
                10,
                "queue",
                _("Queue"),
                "queue",
                "q",
                Capability.GRADE_ASSIGNED,
                queue.waiting,
                queue.has_queue,
            )
        )
        add_entry(Entry(20, "review-list", _("Reviews"), "reviews", "r", Capability.REVIEW_READ))
        add_entry(
            Entry(
                30,
                "conversation-list",
                _("Conversations"),
                "conversations",
                "c",
                Capability.CONVERSATION_READ,
            )
        )
        add_entry(Entry(65, "calibration-list", _("Calibration"), "calibration", "b", Capability.GRADE))
        add_entry(Entry(60, "plan-list", _("Plans"), "plans", "p", Capability.PLAN_MANAGE))
