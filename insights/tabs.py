"""The pages of numbers for who leads, in the order of their tabs: (name of the route, words)."""

from django.utils.translation import gettext_lazy as _

TABS = (
    ("insights-overview", _("Overview")),
    ("insights-iqs-csat", _("IQS and CSAT")),
    ("insights-reviewers", _("Reviewers")),
    ("insights-agreement", _("Agreement")),
    ("insights-ramp", _("New agents")),
    ("insights-benchmarks", _("Benchmarks")),
)
