"""Shape of the lead's board, and of handing out many items."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.params import BIGGEST_ID
from common.serializers import Fixed4, RefOut, Strict
from qa_reviews.models import Band
from qa_reviews.pace import Pace
from qa_reviews.services.spreading import MOST_ITEMS


class Row(serializers.IntegerField):
    """The id of a row in a body."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=BIGGEST_ID, **kwargs)


class HandOutIn(Strict):
    """`reviewer` null: shared out fairly among those whom the plans name."""

    items = serializers.ListField(child=Row(), allow_empty=False, max_length=MOST_ITEMS)
    reviewer = Row(allow_null=True)


class SpreadIn(Strict):
    """All that waits for the reviewer, in one draw, in those of a plan, or in all; `reviewer` null: all that
    is nobody's, of the draw or plan."""

    reviewer = Row(allow_null=True)
    draw = Row(required=False, allow_null=True, default=None)
    plan = Row(required=False, allow_null=True, default=None)


class ReasonOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField(source="reason")


class HandedItemOut(serializers.Serializer[Any]):
    """What became of one item: whose it was and is, or why it stays."""

    item = serializers.IntegerField()
    moved = serializers.BooleanField()
    before = serializers.IntegerField(allow_null=True)
    reviewer = serializers.IntegerField(allow_null=True)
    refused = serializers.SerializerMethodField()

    @extend_schema_field(ReasonOut(allow_null=True))
    def get_refused(self, row: Any) -> Any:
        return None if row.moved else ReasonOut(row).data


class HandedOut(serializers.Serializer[Any]):
    moved = serializers.IntegerField()
    results = HandedItemOut(many=True)


class StandingOut(serializers.Serializer[Any]):
    """Conversations: `expected` to review, drawn less not reviewable; `more` until a range can be shown, null
    with nothing to review."""

    frame = serializers.IntegerField(source="tally.frame")
    drawn = serializers.IntegerField(source="tally.drawn")
    not_reviewable = serializers.IntegerField(source="tally.not_reviewable")
    expected = serializers.IntegerField(source="tally.expected")
    done = serializers.IntegerField(source="tally.done")
    completion = Fixed4(source="tally.completion", allow_null=True)
    more = serializers.IntegerField(allow_null=True)
    reached = serializers.BooleanField()


class BandStandingOut(StandingOut):
    band = serializers.ChoiceField(Band.choices)


class TeamStandingOut(StandingOut):
    team = RefOut(allow_null=True)


class AgentStandingOut(StandingOut):
    agent = RefOut()


@extend_schema_field({"type": ["string", "null"]})
class PaceOut(serializers.Field[Pace, Any, Any, Any]):
    """Reviews a day, four decimals; null while there was none to tell by."""

    def to_representation(self, value: Pace) -> str | None:
        return None if value.per_day is None else f"{float(value.per_day):.4f}"


class WorkOut(serializers.Serializer[Any]):
    """Queue items by what became of them, second reviews too."""

    done = serializers.IntegerField(source="work.done")
    open = serializers.IntegerField(source="work.open")
    claimed = serializers.IntegerField(source="work.claimed")
    skipped = serializers.IntegerField(source="work.skipped")
    overdue = serializers.IntegerField(source="work.overdue")
    waiting = serializers.IntegerField(source="work.waiting")
    due_on = serializers.DateField(source="work.due_on", allow_null=True)
    pace_per_day = PaceOut(source="pace", read_only=True)
    finish = serializers.DateField(allow_null=True)


class AbsentOut(serializers.Serializer[Any]):
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


class ReviewerWorkOut(WorkOut):
    """Null for what is nobody's. `absent`: absences that run or begin within a week."""

    reviewer = RefOut(source="member", allow_null=True)
    away = serializers.BooleanField()
    absent = serializers.SerializerMethodField()

    @extend_schema_field(AbsentOut(many=True))
    def get_absent(self, row: Any) -> list[dict[str, str]]:
        return [{"starts_on": str(first), "ends_on": str(last)} for first, last in row.absent]


class ProgressOut(WorkOut):
    """`late`: at this pace it ends after its last deadline."""

    whole = StandingOut()
    bands = serializers.SerializerMethodField()
    unassigned = serializers.IntegerField()
    late = serializers.BooleanField()

    @extend_schema_field(BandStandingOut(many=True))
    def get_bands(self, row: Any) -> list[dict[str, Any]]:
        return [{"band": band} | StandingOut(standing).data for band, standing in row.bands]


class CycleOut(serializers.Serializer[Any]):
    """`counts`: whether estimates use its reviews; not once it is superseded, or peers do not count here."""

    draw = serializers.IntegerField(source="draw.pk")
    plan = RefOut(source="draw.plan")
    period_start = serializers.DateField(source="draw.period_start")
    period_end = serializers.DateField(source="draw.period_end")
    counts = serializers.BooleanField()
    progress = ProgressOut()


class PlanCycleOut(CycleOut):
    """`agents`: of whom something is in the draw; `covered`: of whom something is reviewed."""

    agents = serializers.IntegerField()
    covered = serializers.IntegerField()


class DrawBoardOut(serializers.Serializer[Any]):
    """`needed`: the share of the expected that a range needs. `covered`: agents of whom something is
    reviewed."""

    cycle = CycleOut()
    needed = Fixed4()
    covered = serializers.IntegerField()
    teams = serializers.SerializerMethodField()
    agents = serializers.SerializerMethodField()
    reviewers = ReviewerWorkOut(many=True)

    @extend_schema_field(TeamStandingOut(many=True))
    def get_teams(self, row: Any) -> list[dict[str, Any]]:
        return [
            {"team": RefOut(team).data if team else None} | StandingOut(each).data for team, each in row.teams
        ]

    @extend_schema_field(AgentStandingOut(many=True))
    def get_agents(self, row: Any) -> list[dict[str, Any]]:
        return [{"agent": RefOut(agent).data} | StandingOut(each).data for agent, each in row.agents]


class PlanBoardOut(serializers.Serializer[Any]):
    """The newest cycles, newest first, and who has done what in them."""

    plan = RefOut()
    needed = Fixed4()
    progress = ProgressOut()
    cycles = serializers.SerializerMethodField()
    reviewers = ReviewerWorkOut(many=True)

    @extend_schema_field(PlanCycleOut(many=True))
    def get_cycles(self, row: Any) -> list[dict[str, Any]]:
        return [CycleOut(cycle).data | row.coverage[cycle.draw.pk]._asdict() for cycle in row.cycles]
