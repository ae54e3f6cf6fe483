"""Which of this app's columns follow when agents are merged."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from accounts.merging import follows, stays


def _two_people(member: Any) -> str:
    said = {"name": member.name, "agent": member.agent}
    return _("Both are linked to a person here. Unlink %(name)s from %(agent)s first.") % said


follows(
    "accounts.Agent",
    "merged_into",
    ngettext_lazy("%(rows)d agent merged before", "%(rows)d agents merged before", "rows"),
)
follows(
    "accounts.Member",
    "agent",
    ngettext_lazy("%(rows)d linked person", "%(rows)d linked people", "rows"),
    clash=_two_people,
)
stays("accounts.TeamMembership", ["agent"], "Who was in which team when is history and does not move.")
stays("accounts.AgentMerge", ["merged", "into"], "It is the record of the merge.")
stays("accounts.MemberEvent", ["agent"], "The database's own record of what was.")
