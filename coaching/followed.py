"""Which of this app's columns follow when agents are merged."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from accounts.merging import follows
from coaching.models import Assignment


def _twice(assignment: Assignment) -> str:
    said = {
        "rule": assignment.rule.name,
        "day": assignment.period_start.isoformat(),
        "agent": assignment.agent,
    }
    return (
        _(
            "Both have coaching by the rule “%(rule)s” for the period of %(day)s. "
            "Dismiss that of %(agent)s first."
        )
        % said
    )


follows(
    "coaching.Assignment",
    "agent",
    ngettext_lazy("%(rows)d coaching assignment", "%(rows)d coaching assignments", "rows"),
    clash=_twice,
    behind=Q(state=Assignment.State.DISMISSED),  # what never happened need not follow
)
