"""The shapes of people in the API: what comes in (In), what goes out (Out)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import policies, selectors
from accounts.access import Capability, Role
from accounts.merging import undo_until
from accounts.models import Absence, Agent, AgentMerge, ApiKey, Member, MemberRole, WorkspaceSettings
from accounts.selectors.merges import Count
from common.etags import etag
from common.refs import ref_json
from common.serializers import PlainText, RefField, RefOut, Strict
from jobs.models import Job

ROLES = [role.value for role in Role]


class TeamIn(Strict):
    name = PlainText(max_length=255)


class AgentPatch(Strict):
    name = PlainText(max_length=255, allow_blank=True, required=False)
    email = serializers.EmailField(max_length=254, allow_blank=True, required=False)
    kind = serializers.ChoiceField(Agent.Kind.choices, required=False)
    starts_on = serializers.DateField(allow_null=True, required=False)
    team = RefField(allow_null=True, required=False)
    team_from = serializers.DateField(
        allow_null=True, required=False, help_text="First day in the team; today unless said."
    )


class AgentIn(AgentPatch):
    source = PlainText(max_length=64)  # type: ignore[assignment]  # a field, not Field.source
    external_id = PlainText(max_length=255)


class MergeIn(Strict):
    into = RefField(help_text="The agent who stays; where that one was merged, the other.")


class RoleIn(Strict):
    role = serializers.ChoiceField(ROLES)
    team = RefField(allow_null=True, required=False)


class MemberFields(Strict):
    name = PlainText(max_length=255, required=False)
    roles = RoleIn(many=True, required=False, allow_empty=False)
    agent = RefField(allow_null=True, required=False)


def _texts(longest: int) -> serializers.ListField:
    child = PlainText(max_length=longest)
    return serializers.ListField(child=child, required=False, help_text="Empty: anything.")


class MePatch(Strict):
    """What everybody sets for himself."""

    languages = _texts(35)
    goal_reviews = serializers.IntegerField(
        min_value=1, max_value=1000, allow_null=True, required=False, help_text="Null: no goal."
    )
    goal_period = serializers.ChoiceField(Member.GoalPeriod.choices, required=False)


class MemberPatch(MePatch, MemberFields):
    channels = _texts(64)
    topics = _texts(255)


class MemberIn(MemberFields):
    email = serializers.EmailField(max_length=254)
    name = PlainText(max_length=255)
    roles = RoleIn(many=True, allow_empty=False)


class ApiKeyIn(Strict):
    name = PlainText(max_length=255)
    role = serializers.ChoiceField(ROLES)
    member = RefField(allow_null=True, required=False)
    agent = RefField(allow_null=True, required=False)
    expires_at = serializers.DateTimeField(allow_null=True, required=False)


class PersonOut(serializers.Serializer[Any]):
    """What each resource ends with. Context: actor."""

    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    def get_etag(self, row: Any) -> str:
        return etag(row)

    def get_authorized_actions(self, row: Any) -> list[str]:
        return policies.actions(self.context["actor"], row)


class TeamOut(PersonOut):
    id = serializers.IntegerField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class AgentOut(PersonOut):
    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field, not Field.source
    external_id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    kind = serializers.ChoiceField(Agent.Kind.choices)
    starts_on = serializers.DateField(allow_null=True)
    team = serializers.SerializerMethodField()
    merged_into = RefOut(allow_null=True, help_text="The agent that this one turned out to be.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    @extend_schema_field(RefOut(allow_null=True))
    def get_team(self, agent: Agent) -> dict[str, Any] | None:
        return ref_json(selectors.team_now(agent))


class MovedOut(serializers.Serializer[Count]):
    """How many rows of one column, such as "reviews.Review.agent"."""

    column = serializers.CharField()
    rows = serializers.IntegerField()


class MergeOut(serializers.Serializer[AgentMerge]):
    """Two agents who are one. Context: moved, by id of the merge."""

    id = serializers.IntegerField()
    merged = RefOut()
    into = RefOut()
    made_by = RefOut(allow_null=True)
    made_at = serializers.DateTimeField()
    undo_until = serializers.SerializerMethodField()
    undone_by = RefOut(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    moved = serializers.SerializerMethodField(help_text="Kept as long as it can be undone.")

    def get_undo_until(self, merge: AgentMerge) -> datetime:
        return undo_until(merge.made_at)

    @extend_schema_field(MovedOut(many=True))
    def get_moved(self, merge: AgentMerge) -> Any:
        return MovedOut(self.context["moved"].get(merge.pk, []), many=True).data


class UndoneOut(serializers.Serializer[Any]):
    """A merge taken back."""

    merge = MergeOut()
    returned = MovedOut(many=True, help_text="What the agent has again.")
    stayed = MovedOut(many=True, help_text="What came since, and stays with the other.")


class RoleOut(serializers.Serializer[MemberRole]):
    role = serializers.ChoiceField(ROLES)
    team = RefOut(allow_null=True)


def _names(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), help_text="Empty: anything.", **kwargs)


class MemberOut(PersonOut):
    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField()
    kind = serializers.ChoiceField(Member.Kind.choices)
    roles = RoleOut(many=True, source="role_rows")
    agent = RefOut(allow_null=True)
    languages = _names()
    channels = _names()
    topics = _names()
    goal_reviews = serializers.IntegerField(allow_null=True)
    goal_period = serializers.ChoiceField(Member.GoalPeriod.choices)
    active = serializers.BooleanField(source="is_active")
    has_login = serializers.SerializerMethodField()
    deactivated_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_has_login(self, member: Member) -> bool:
        return member.user_id is not None


class AbsenceIn(Strict):
    member = RefField(required=False, help_text="Yourself unless said.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="The last day away.")
    note = PlainText(max_length=255, allow_blank=True, required=False)


class AbsenceOut(serializers.Serializer[Absence]):
    """Days on which a member reviews nothing, first and last included."""

    id = serializers.IntegerField()
    member = RefOut()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    authorized_actions = serializers.SerializerMethodField()

    def get_authorized_actions(self, absence: Absence) -> list[str]:
        return ["delete"]  # whoever sees it may take it back


class InvitedOut(serializers.Serializer[Any]):
    link = serializers.CharField()
    expires_at = serializers.DateTimeField()


class ApiKeyOut(serializers.Serializer[ApiKey]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.ChoiceField(ROLES)
    prefix = serializers.CharField()
    member = RefOut()
    created_by = RefOut(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    authorized_actions = serializers.SerializerMethodField()

    def get_authorized_actions(self, key: ApiKey) -> list[str]:
        return policies.actions(self.context["actor"], key)


class NewApiKeyOut(ApiKeyOut):
    key = serializers.CharField(help_text="The key itself, shown this once.")


class WorkspaceOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    timezone = serializers.CharField()


class MeOut(serializers.Serializer[Any]):
    member = RefOut()
    roles = RoleOut(many=True)
    agent = RefOut(allow_null=True)
    teams = RefOut(many=True, help_text="Teams of the roles' scopes, and the agent's own today.")
    capabilities = serializers.ListField(child=serializers.ChoiceField([c.value for c in Capability]))
    workspace = WorkspaceOut()
    languages = serializers.ListField(
        source="member.languages", child=serializers.CharField(), help_text="Empty: anything."
    )
    channels = serializers.ListField(
        source="member.channels", child=serializers.CharField(), help_text="Empty: anything."
    )
    topics = serializers.ListField(
        source="member.topics", child=serializers.CharField(), help_text="Empty: anything."
    )
    goal_reviews = serializers.IntegerField(source="member.goal_reviews", allow_null=True)
    goal_period = serializers.ChoiceField(Member.GoalPeriod.choices, source="member.goal_period")


class JobOut(serializers.Serializer[Job]):
    """Queued work, followed at jobs/{id}/."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(Job.State.choices)
    rows_done = serializers.IntegerField()
    rows_total = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    authorized_actions = serializers.SerializerMethodField()

    def get_authorized_actions(self, job: Job) -> list[str]:
        return []  # a job is only watched


def _number(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=32767, **kwargs)


class SettingsFields(Strict):
    """What both faces of the settings have."""

    pass_mark = serializers.DecimalField(7, 4, min_value=0, max_value=100, required=False)
    week_start = serializers.ChoiceField(WorkspaceSettings.WeekStart.choices, required=False)
    headline = serializers.ChoiceField(WorkspaceSettings.Headline.choices, required=False)
    headline_plan = serializers.IntegerField(
        source="headline_plan_id", min_value=1, max_value=2**63 - 1, allow_null=True, required=False
    )
    dispute_days = _number(required=False)
    dispute_rounds = _number(required=False)
    dispute_resolver = serializers.ChoiceField(WorkspaceSettings.Resolver.choices, required=False)
    dispute_answer_days = _number(required=False)
    blind = serializers.BooleanField(required=False)
    hide_csat = serializers.BooleanField(required=False)
    hide_reviewer = serializers.BooleanField(required=False)
    self_reviews = serializers.BooleanField(required=False)
    reviewers_revise = serializers.BooleanField(required=False)
    reviewers_pick = serializers.BooleanField(required=False)
    peer_in_iqs = serializers.BooleanField(required=False)
    claim_hours = serializers.IntegerField(min_value=1, max_value=168, required=False)
    release = serializers.ChoiceField(WorkspaceSettings.Release.choices, required=False)
    release_time = serializers.TimeField(required=False)
    release_weekday = serializers.IntegerField(min_value=1, max_value=7, allow_null=True, required=False)
    reviewee = serializers.ChoiceField(WorkspaceSettings.Responsible.choices, required=False)
    csat_agent = serializers.ChoiceField(WorkspaceSettings.Responsible.choices, required=False)
    min_reviews = _number(required=False)
    min_team_reviews = _number(required=False)
    min_team_range_reviews = _number(required=False)
    min_team_range_agents = _number(required=False)
    min_answers = _number(required=False)
    wide_half_width = _number(required=False)
    min_completion = serializers.DecimalField(5, 4, min_value=0, max_value=1, required=False)
    max_uncovered = serializers.DecimalField(5, 4, min_value=0, max_value=1, required=False)
    open_assignment_cap = _number(required=False)
    retention_days = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=36500), required=False
    )


class SettingsPatch(SettingsFields):
    """Only what is named changes."""

    name = PlainText(max_length=255, required=False)
    timezone = PlainText(max_length=64, required=False)


class SettingsOut(SettingsFields):
    """All settings; numbers with decimals as strings of four."""

    name = serializers.CharField(source="workspace.name")
    slug = serializers.CharField(source="workspace.slug")
    timezone = serializers.CharField(source="workspace.timezone")
    updated_at = serializers.DateTimeField()
    etag = serializers.SerializerMethodField()
    authorized_actions = serializers.SerializerMethodField()

    def get_etag(self, row: WorkspaceSettings) -> str:
        return etag(row)

    def get_authorized_actions(self, row: WorkspaceSettings) -> list[str]:
        return policies.actions(self.context["actor"], row)
