"""Which of this app's columns follow when agents are merged. What a draw said of whom it drew never moves."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from accounts.merging import follows, stays
from qa_reviews.models import CalibrationConversation, Review

ANY = Q(pk__gt=0)


def _twice(review: Review) -> str:
    said = {
        "reviewer": review.reviewer,
        "conversation": review.conversation.external_id,
        "review": review.pk,
        "agent": review.agent,
    }
    return (
        _(
            "%(reviewer)s reviewed both in conversation %(conversation)s. "
            "Retract review %(review)s of %(agent)s first, or delete it while it is a draft."
        )
        % said
    )


def _calibrated_twice(row: CalibrationConversation) -> str:
    said = {"session": row.session, "conversation": row.conversation.external_id}
    return _("The session %(session)s calibrates both in conversation %(conversation)s.") % said


follows(
    "qa_reviews.Review",
    "agent",
    ngettext_lazy("%(rows)d review", "%(rows)d reviews", "rows"),
    clash=_twice,
)
follows(
    "qa_reviews.CalibrationConversation",
    "agent",
    ngettext_lazy("%(rows)d calibrated conversation", "%(rows)d calibrated conversations", "rows"),
    clash=_calibrated_twice,
)
follows(
    "qa_reviews.Suggestion",
    "agent",
    ngettext_lazy("%(rows)d suggestion", "%(rows)d suggestions", "rows"),
    behind=ANY,  # where both were suggested something, the one who stays keeps his own
)
follows(
    "qa_reviews.Dispute",
    "proposed_agent",
    ngettext_lazy("%(rows)d dispute that names this agent", "%(rows)d disputes that name this agent", "rows"),
)
LEDGER = "The ledger of a draw says what was drawn, and never changes."
stays("qa_reviews.Stratum", ["agent"], LEDGER)
stays("qa_reviews.QueueItem", ["agent"], LEDGER)
stays("qa_reviews.ReviewEvent", ["agent"], "The database's own record of what was.")
stays("qa_reviews.DisputeEvent", ["proposed_agent"], "The database's own record of what was.")
