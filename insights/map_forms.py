"""The filter of the page of IQS and CSAT."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from insights.forms import PeriodForm
from insights.selectors.quality_map import MapAsked

MIX_WORDS = {"channel": _("Channel"), "topic": _("Topic"), "both": _("Channel and topic")}


class MapForm(PeriodForm):
    """Dates and team, the mix to adjust for, and cuts of one's own."""

    def __init__(self, asked: MapAsked, teams: Iterable[Team]) -> None:
        super().__init__(asked.query, teams)
        self.fields["mix"] = forms.ChoiceField(
            label=_("Adjust for the mix of"), choices=list(MIX_WORDS.items()), initial=asked.mix
        )
        for name, label, value in (
            ("iqs_cut", _("High IQS from"), asked.cuts.iqs),
            ("csat_cut", _("High CSAT from, %"), asked.cuts.csat),
        ):
            self.fields[name] = forms.FloatField(
                label=label,
                help_text=_("Empty: what all have together."),
                required=False,
                initial=value,
                min_value=0,
                max_value=100,
            )
