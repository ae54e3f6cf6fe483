"""What changed between two versions of a scorecard."""

from __future__ import annotations

from typing import Any

from accounts.access import Capability
from accounts.views_base import WorkspaceTemplatePage
from common import params
from scorecards import selectors


class ScorecardChangesPage(WorkspaceTemplatePage):
    """What changed between two versions, in words: `against` (by default the one before) and this one."""

    capability = Capability.SCORECARD_READ
    template_name = "scorecards/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pk, number = kwargs["pk"], kwargs["number"]
        params.check_known(self.request.GET, {"against"})
        versions = list(selectors.versions(self.actor, pk).order_by("number"))
        after = selectors.version(self.actor, pk, number)
        earlier = max((each.number for each in versions if each.number < number), default=number)
        known = {str(each.number) for each in versions}
        against = params.one_of(self.request.GET, "against", known, str(earlier))
        before = selectors.version(self.actor, pk, int(against or earlier))
        found = selectors.changes_between(self.actor, pk, number, before.number)
        return super().get_context_data(**kwargs) | {
            "scorecard": after.scorecard,
            "before": before,
            "after": after,
            "versions": versions,
            "changes": found,
        }
