"""Forms about draws: a bigger quota, and drawing a period anew."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qa_reviews.sampling import KINDS, Quota
from qa_reviews.services.plans import MOST_DRAWN, QuotaInput

MOST_WORDS = 2000
HUNDRED = Decimal(100)
WORDS = {
    ("agent", "number"): _("conversations of each agent"),
    ("agent", "share"): _("% of each agent's conversations"),
    ("agent", "precision"): _("points: know each agent to ± so many"),
    ("reviewer", "number"): _("conversations for each reviewer"),
    ("total", "number"): _("conversations in all"),
    ("total", "share"): _("% of all conversations"),
}
ONE = {
    "agent": _("conversation of each agent"),
    "reviewer": _("conversation for each reviewer"),
    "total": _("conversation in all"),
}


class RaiseForm(forms.Form):
    """A quota as number and unit; shares in percent."""

    quota = forms.DecimalField(
        label=_("New quota"),
        help_text=_("What is drawn already stays, and counts towards it."),
        min_value=0,
        max_value=MOST_DRAWN,
        decimal_places=4,
    )
    unit = forms.ChoiceField(
        label=_("Unit"),
        choices=[(f"{of}-{kind}", WORDS[of, kind]) for of, kinds in KINDS.items() for kind in kinds],
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=MOST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays on the ledger."),
    )

    def as_quota(self) -> QuotaInput:
        of, _dash, kind = self.cleaned_data["unit"].partition("-")
        value = self.cleaned_data["quota"]
        return QuotaInput(of=of, kind=kind, value=value / HUNDRED if kind == "share" else value)


def shown_quota(quota: Quota) -> dict[str, Any]:
    """The quota as the form begins with it."""
    value = quota.value * HUNDRED if quota.kind == "share" else quota.value
    return {"quota": f"{value.normalize():f}", "unit": f"{quota.of}-{quota.kind}"}


def quota_words(quota: Quota) -> str:
    """The quota in words: "5 conversations of each agent", with its part of a month."""
    value = shown_quota(quota)["quota"]
    words = f"{value} {WORDS[quota.of, quota.kind]}"
    if quota.kind == "precision":
        words = _("enough to know each agent to ±%(points)s points") % {"points": value}
    elif quota.kind == "number" and value == "1":
        words = f"{value} {ONE[quota.of]}"
    if quota.part == (1, 1):
        return words
    part, parts = quota.part
    return _("%(quota)s, part %(part)d of %(parts)d") % {"quota": words, "part": part, "parts": parts}


class RedrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why the period is drawn anew. It stays on the ledger for good."),
    )
