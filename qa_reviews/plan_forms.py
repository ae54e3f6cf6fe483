"""The form of a sample plan; choices come from the views, writing is the services'."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.forms import Choices
from conversations.risks import READY
from qa_reviews import plan_filters
from qa_reviews.draw_forms import HUNDRED, WORDS
from qa_reviews.models import SamplePlan
from qa_reviews.sampling import KINDS
from qa_reviews.services.plans import PlanInput, QuotaInput, ReviewerInput

APART = _("Any of these, apart by commas. Empty: all.")
NONE_OF = _("None of these, apart by commas.")
STANDARD, PEER = SamplePlan.Kind.STANDARD.value, SamplePlan.Kind.PEER.value
PEOPLE_OF = {STANDARD: "reviewers", PEER: "peers"}
ASSIGNED = SamplePlan.Assignment.ASSIGNED.value
WEIGHTS = {STANDARD: "weight_", PEER: "peer_weight_"}
"""What the names of the fields of their weights begin with; the ids of members follow."""
Describe = Callable[[dict[str, Any]], str]
"""A filter in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoices:
    """What there is to choose from, as (id, name)."""

    scorecards: Choices
    teams: Choices
    agents: Choices
    members: Choices
    peers: Choices


def percent(label: Any, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=help_text, min_value=0, max_value=100, decimal_places=2, required=False
    )


def words(label: Any, help_text: Any = APART) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=1000)


def count(label: Any, help_text: Any = "", least: int = 1, most: int = 2**31 - 1) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, min_value=least, max_value=most, required=False
    )


def several(label: Any, help_text: Any = "", widget: Any = forms.CheckboxSelectMultiple) -> Any:
    return forms.TypedMultipleChoiceField(
        label=label, help_text=help_text, coerce=int, required=False, widget=widget
    )


def one_of(label: Any, choices: Choices, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, help_text=help_text, widget=forms.RadioSelect)


def day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=False, widget=forms.DateInput({"type": "date"})
    )


class PlanForm(forms.Form):
    """A plan as a whole. What the form has no field for (`more`, `risk_more`) is kept as it came."""

    name = forms.CharField(label=_("Name"), max_length=255)
    kind = one_of(
        _("Who grades"),
        [(SamplePlan.Kind.STANDARD, _("Reviewers")), (SamplePlan.Kind.PEER, _("Agents, each other's work"))],
    )
    scorecard = forms.TypedChoiceField(label=_("Scorecard"), coerce=int, required=False, empty_value=None)

    team = several(_("Teams"), _("None ticked: all teams."))
    not_team = several(_("Without these teams"))
    agent = several(_("Only these agents"), _("None chosen: all."), forms.SelectMultiple)
    not_agent = several(_("Without these agents"), "", forms.SelectMultiple)
    tenure_min = count(_("Agents who are here for at least so many days"))
    tenure_max = count(_("Agents who are here for at most so many days"), _("90 samples new agents only."))
    channel = words(_("Channels"))
    not_channel = words(_("Without these channels"), NONE_OF)
    language = words(_("Languages"))
    topic = words(_("Topics"))
    tag = words(_("Tags"))
    not_tag = words(_("Without these tags"), NONE_OF)
    reviewee = one_of(
        _("Whose work a conversation is"),
        [
            (SamplePlan.Reviewee.ASSIGNEE, _("The agent it is assigned to")),
            (SamplePlan.Reviewee.MOST_ACTIVE, _("The agent who wrote most")),
        ],
    )
    more = forms.JSONField(required=False, widget=forms.HiddenInput)
    kept = forms.MultipleChoiceField(
        label=_("And"),
        help_text=_("Conditions from the list of conversations. Take a tick away to leave one out."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    period = one_of(
        _("A sample of every"),
        [
            (SamplePlan.Period.WEEK, _("Week")),
            (SamplePlan.Period.MONTH, _("Month")),
            (SamplePlan.Period.DAYS, _("Number of days")),
        ],
    )
    period_days = count(_("Days of a period"), _("Counted from the first day below."), most=32_767)
    weekly_parts = forms.BooleanField(
        label=_("Draw the month's number in weekly parts"),
        help_text=_("Reviewers get a part each week, and the month's number stays as it is."),
        required=False,
    )
    starts_on = day(_("First day"), _("Nothing closed earlier is drawn."))
    ends_on = day(_("Last day"), _("Nothing closed later is drawn."))
    automatic = forms.BooleanField(
        label=_("Draw by itself, once a period is over"),
        help_text=_("Otherwise somebody presses “Draw”."),
        required=False,
    )
    draw_time = forms.TimeField(
        label=_("At this time of the day after"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        required=False,
    )
    timezone = forms.ChoiceField(label=_("In this time zone"), required=False)

    quota = forms.DecimalField(label=_("Number"), min_value=0)
    unit = forms.ChoiceField(
        label=_("Counted as"),
        choices=[(f"{of}-{kind}", WORDS[of, kind]) for of, kinds in KINDS.items() for kind in kinds],
    )

    risk_ready = forms.MultipleChoiceField(
        label=_("Signs"),
        help_text=_("Any of them will do. None ticked: all conversations are drawn alike."),
        choices=[(signal.key, signal.label) for signal in READY],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    risk_csat_max = forms.DecimalField(
        label=_("CSAT at most, of 1 to 5"), min_value=1, max_value=5, required=False
    )
    risk_messages_min = count(_("At least so many messages"))
    risk_handling_min = count(_("At least so many minutes of handling"))
    risk_tag = words(_("Any of these tags"), _("Apart by commas."))
    risk_more = forms.JSONField(required=False, widget=forms.HiddenInput)
    risk_kept = forms.MultipleChoiceField(
        label=_("Or"),
        help_text=_("Take a tick away to leave one out."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    risk_share = percent(
        _("Their share of the sample, in per cent"),
        _("Empty: 20 per cent below ten conversations of an agent, else 40. Numbers are weighted back."),
    )

    reviewers = several(_("Reviewers"))
    peers = several(_("Only these agents"), _("None ticked: all of the teams below."))
    reviewer_teams = several(
        _("Teams who review"), _("Whoever grades for the team; of a peer plan, the agents of the team.")
    )
    own_team = forms.BooleanField(
        label=_("Agents may grade their own team"), required=False, help_text=_("Never their own work.")
    )
    assignment = one_of(
        _("How conversations are given out"),
        [
            (SamplePlan.Assignment.ASSIGNED, _("Shared out when they are drawn")),
            (SamplePlan.Assignment.POOL, _("A shared pool: whoever is free takes the next")),
        ],
    )
    second_review_share = percent(
        _("Share that a second reviewer sees too, in per cent"),
        _("Blind to the first. It tells how far reviewers agree."),
    )
    due_days = count(
        _("Days to review them in"), _("Empty: 7, or 28 for a month that is drawn at once."), most=32_767
    )
    blind = forms.BooleanField(
        label=_("Grade blind"),
        help_text=_("Reviewers see neither CSAT nor why a conversation was drawn."),
        required=False,
    )
    seed = forms.CharField(
        label=_("Seed"),
        help_text=_("Empty: made by chance. It decides the draws, and never changes."),
        max_length=255,
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        choices: PlanChoices,
        zone: str,
        describe: Describe,
        is_new: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = {
            "scorecard": [("", _("The one that is offered for the conversation")), *choices.scorecards],
            "team": choices.teams,
            "not_team": choices.teams,
            "agent": choices.agents,
            "not_agent": choices.agents,
            "reviewers": choices.members,
            "peers": choices.peers,
            "reviewer_teams": choices.teams,
            "timezone": [("", zone), *((each, each) for each in sorted(available_timezones()))],
        }
        for name, each in offered.items():
            self.fields[name].choices = each  # type: ignore[attr-defined]
        for weight, people in ((WEIGHTS[STANDARD], choices.members), (WEIGHTS[PEER], choices.peers)):
            self.fields |= {f"{weight}{member}": _weight(label) for member, label in people}
        self._offer_kept(describe)
        if "preview" in self.data:
            self.fields["name"].required = False
        if not is_new:
            del self.fields["seed"]

    def reviewer_rows(self) -> Iterator[tuple[Any, BoundField]]:
        """Each reviewer's tick box with the field of his weight."""
        return self._rows(STANDARD)

    def peer_rows(self) -> Iterator[tuple[Any, BoundField]]:
        """Each peer's tick box with the field of his weight."""
        return self._rows(PEER)

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with who reviews stands where he was chosen."""
        if field == PEOPLE_OF[STANDARD]:
            field = PEOPLE_OF.get(self.data.get("kind", ""), field)
        super().add_error(field, error)

    @property
    def narrowed(self) -> bool:
        """Whether something is said of who is sampled and who is not."""
        return self._any(
            *("tenure_min", "tenure_max", "not_channel", "not_tag", "not_team", "agent", "not_agent")
        )

    @property
    def own_risks(self) -> bool:
        """Whether risks are asked for besides the ready ones."""
        return self._any(*(f"risk_{name}" for name in plan_filters.OWN_RISKS))

    def _any(self, *names: str) -> bool:
        return any(self[name].value() or self[name].errors for name in names)

    def _rows(self, kind: str) -> Iterator[tuple[Any, BoundField]]:
        return ((box, self[f"{WEIGHTS[kind]}{box.data['value']}"]) for box in self[PEOPLE_OF[kind]])

    def as_input(self) -> PlanInput:
        """What a valid form asks for; of a change, all but the seed and whether the plan is active."""
        said = self.cleaned_data
        risks = self._risks()
        days = said["period"] == SamplePlan.Period.DAYS
        month = said["period"] == SamplePlan.Period.MONTH
        same = (
            *("kind", "scorecard", "period", "starts_on", "ends_on", "automatic", "timezone"),
            *("own_team", "due_days", "reviewee", "blind"),
        )
        return PlanInput(
            **{name: said[name] for name in same},
            name=said["name"] or str(_("Preview")),
            filter=plan_filters.join(said, {name: said["more"][name] for name in said["kept"]}),
            period_days=said["period_days"] if days else None,
            weekly_parts=said["weekly_parts"] and month,
            draw_time=said["draw_time"] or time(6),
            quota=self._quota(),
            risk_filter=risks or None,
            risk_share=as_share(said["risk_share"]) if risks else None,
            second_review_share=as_share(said["second_review_share"]) or Decimal(0),
            reviewers=tuple(ReviewerInput(member, self._weight(member)) for member in self._named()),
            reviewer_teams=tuple(said["reviewer_teams"]),
            assignment=ASSIGNED if said["kind"] == PEER else said["assignment"],
            seed=said.get("seed", ""),
        )

    def clean_more(self) -> dict[str, Any]:
        return plan_filters.kept(self.cleaned_data["more"])

    def clean_risk_more(self) -> list[dict[str, Any]]:
        return plan_filters.kept_risks(self.cleaned_data["risk_more"])

    def _offer_kept(self, describe: Describe) -> None:
        """What came along that the form has no field for, in words, all of it ticked."""
        more = plan_filters.kept(self._json("more"))
        risks = plan_filters.kept_risks(self._json("risk_more"))
        for name, choices in (
            ("kept", [(name, describe({name: value})) for name, value in more.items()]),
            ("risk_kept", [(str(place), describe(each)) for place, each in enumerate(risks)]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            self.fields[name].initial = [key for key, _words in choices]

    def _json(self, name: str) -> Any:
        """The hidden field as it came, or as the form begins."""
        bound = self[name]
        try:
            return bound.field.to_python(bound.data) if self.is_bound else bound.initial
        except forms.ValidationError:
            return None

    def _risks(self) -> list[dict[str, Any]]:
        own = {name: self.cleaned_data[f"risk_{name}"] for name in plan_filters.OWN_RISKS}
        kept = [self.cleaned_data["risk_more"][int(place)] for place in self.cleaned_data["risk_kept"]]
        return plan_filters.join_risks(self.cleaned_data["risk_ready"], own, kept)

    def _named(self) -> list[int]:
        found: list[int] = self.cleaned_data[PEOPLE_OF[self.cleaned_data["kind"]]]
        return found

    def _quota(self) -> QuotaInput:
        of, _dash, kind = self.cleaned_data["unit"].partition("-")
        value = self.cleaned_data["quota"]
        return QuotaInput(of=of, kind=kind, value=value / HUNDRED if kind == "share" else value)

    def _weight(self, member: int) -> Decimal:
        given: Decimal | None = self.cleaned_data.get(f"{WEIGHTS[self.cleaned_data['kind']]}{member}")
        return Decimal(1) if given is None else given


def initial_of(given: PlanInput) -> dict[str, Any]:
    """A plan's input as the form begins with it."""
    parted, risks = plan_filters.part(given.filter), plan_filters.part_risks(given.risk_filter)
    value = given.quota.value * HUNDRED if given.quota.kind == "share" else given.quota.value
    same = (
        *("name", "kind", "scorecard", "period", "period_days", "weekly_parts", "starts_on", "ends_on"),
        *("automatic", "timezone", "draw_time", "own_team", "assignment", "due_days", "reviewee", "blind"),
        *("reviewer_teams", "seed"),
    )
    return {
        **{name: getattr(given, name) for name in same},
        **parted.fields,
        "more": parted.more or None,
        "quota": f"{value.normalize():f}",
        "unit": f"{given.quota.of}-{given.quota.kind}",
        "risk_ready": risks.ready,
        **{f"risk_{name}": value for name, value in risks.own.items()},
        "risk_more": risks.more or None,
        "risk_share": percent_of(given.risk_share),
        "second_review_share": percent_of(given.second_review_share or None),
        PEOPLE_OF[given.kind]: [each.member for each in given.reviewers],
        **{f"{WEIGHTS[given.kind]}{each.member}": f"{each.weight.normalize():f}" for each in given.reviewers},
    }


class DrawForm(forms.Form):
    """Which period to draw."""

    period_start = forms.DateField(label=_("Period"), widget=forms.Select)

    def __init__(self, *args: Any, periods: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period_start"].widget.choices = periods


def as_share(value: Decimal | None) -> Decimal | None:
    return None if value is None else value / HUNDRED


def percent_of(share: Decimal | None) -> str:
    """A share in per cent, with as many decimals as it has: "12.5"; "" for none."""
    return "" if share is None else f"{(share * HUNDRED).normalize():f}"


def _weight(name: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Weight of %(name)s") % {"name": name},
        min_value=Decimal("0.01"),
        max_value=1000,
        decimal_places=2,
        required=False,
        initial=1,
    )
