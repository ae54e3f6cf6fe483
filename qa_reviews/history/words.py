"""The reasons of the parity report in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from qa_reviews.history.parity import Reason

SHOWN_NAMES = 3

HEADINGS: Mapping[str, Promise] = {
    "weights": gettext_lazy("Other weights"),
    "critical": gettext_lazy("Other critical categories"),
    "missing_rating": gettext_lazy("Categories that have no rating here"),
    "not_counted": gettext_lazy("Categories the source did not count"),
    "unknown_option": gettext_lazy("Scores that no option gives"),
    "other_rating": gettext_lazy("Another option"),
    "category_rounding": gettext_lazy("Category scores rounded"),
    "na_as_best": gettext_lazy("N/A counted as 100"),
    "na_as_zero": gettext_lazy("N/A counted as 0"),
    "critical_ignored": gettext_lazy("Critical failures ignored"),
    "critical_for_review": gettext_lazy("Group failures failed the review"),
    "flat_groups": gettext_lazy("Group weights ignored"),
    "bonus_left_out": gettext_lazy("Bonuses and deductions left out"),
    "bonus_in_mean": gettext_lazy("Bonuses rated like other categories"),
    "uncapped": gettext_lazy("Bonus not capped"),
    "rounding": gettext_lazy("Rounded score"),
    "no_score": gettext_lazy("No score here"),
    "unexplained": gettext_lazy("Not explained"),
}
"""A few words for each code, as the summary lists them."""


def sentence(reason: Reason) -> str:
    """One reason as a full sentence, with the score it leads to."""
    names, score = _names(reason.names), "" if reason.score is None else f"{reason.score:.2f}"
    code = "unexplained_names" if reason.code == "unexplained" and reason.names else reason.code
    return _SENTENCES[code]() % {"names": names, "score": score}


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:SHOWN_NAMES])
    more = len(names) - SHOWN_NAMES
    if more <= 0:
        return shown
    return ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % {
        "names": shown,
        "more": more,
    }


_SENTENCES = {
    "weights": lambda: _(
        "With the source's weights (of %(names)s) the score would be %(score)s, as reported."
    ),
    "critical": lambda: _(
        "With what was critical at the source (%(names)s) the score would be %(score)s, as reported."
    ),
    "missing_rating": lambda: _(
        "The source counted %(names)s, which has no rating here; with it the score would be %(score)s."
    ),
    "not_counted": lambda: _(
        "The source did not count %(names)s; without it the score would be %(score)s, as reported."
    ),
    "unknown_option": lambda: _(
        "The source's score of %(names)s belongs to no option here; with it the score would be %(score)s."
    ),
    "other_rating": lambda: _(
        "The source had another rating of %(names)s; with it the score would be %(score)s, as reported."
    ),
    "category_rounding": lambda: _(
        "With the scores of %(names)s rounded first the score would be %(score)s, as reported."
    ),
    "na_as_best": lambda: _("With N/A (%(names)s) counted as 100 the score would be %(score)s, as reported."),
    "na_as_zero": lambda: _("With N/A (%(names)s) counted as 0 the score would be %(score)s, as reported."),
    "critical_ignored": lambda: _(
        "Without the critical failure of %(names)s the score would be %(score)s, as reported."
    ),
    "critical_for_review": lambda: _(
        "Had %(names)s failed the whole review and not its group, the score would be %(score)s, as reported."
    ),
    "flat_groups": lambda: _("Without weights of groups the score would be %(score)s, as reported."),
    "bonus_left_out": lambda: _("Without %(names)s the score would be %(score)s, as reported."),
    "bonus_in_mean": lambda: _(
        "With %(names)s rated like other categories the score would be %(score)s, as reported."
    ),
    "uncapped": lambda: _("Not held between 0 and 100 the score would be %(score)s, as reported."),
    "rounding": lambda: _("The source rounded the score to %(score)s."),
    "no_score": lambda: _("Nothing that counts is rated here, so there is no score."),
    "unexplained_names": lambda: _(
        "No rule that we know gives the reported score. The source says something else of %(names)s."
    ),
    "unexplained": lambda: _(
        "No rule that we know gives the reported score. Look at the ratings one by one."
    ),
}
