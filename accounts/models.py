"""Workspace, people, teams, keys, settings, audit."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any, ClassVar, Self

import pghistory
import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from accounts.access import Actor, Capability, Role
from common.models import M, Owned, OwnedQuerySet, Stamped

ROLE_CHOICES = [(role.value, role.value) for role in Role]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(email=self.normalize_email(email).strip(), **extra)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in, by e-mail; what he may do is decided by his members."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email


class Workspace(Stamped):
    """One organisation's walled-off space."""

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=255)
    timezone = models.CharField(max_length=64, default="UTC")

    def __str__(self) -> str:
        return self.name


def share(default: str) -> models.DecimalField[Any, Any]:
    return models.DecimalField(
        max_digits=5,
        decimal_places=4,
        default=Decimal(default),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )


class SettingsQuerySet(OwnedQuerySet["WorkspaceSettings"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.in_workspace(actor.workspace_id)


@pghistory.track()
class WorkspaceSettings(Owned, Stamped):
    """The one typed row of settings (domain.md section 4); readers take values, never this model."""

    class WeekStart(models.TextChoices):
        MONDAY = "monday"
        SUNDAY = "sunday"
        SATURDAY = "saturday"

    class Headline(models.TextChoices):
        IQS_ALL_WORK = "iqs_all_work"
        AVERAGE_OF_REVIEWED = "average_of_reviewed"

    class Resolver(models.TextChoices):
        REVIEWER = "reviewer"
        LEAD = "lead"

    class Release(models.TextChoices):
        AT_ONCE = "at_once"
        SCHEDULED = "scheduled"
        BY_LEAD = "by_lead"

    class Responsible(models.TextChoices):
        ASSIGNEE = "assignee"
        MOST_ACTIVE = "most_active"

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="settings")
    pass_mark = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        default=Decimal(80),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    week_start = models.CharField(max_length=8, choices=WeekStart, default=WeekStart.MONDAY)
    headline = models.CharField(max_length=32, choices=Headline, default=Headline.IQS_ALL_WORK)
    headline_plan_id = models.BigIntegerField(null=True, blank=True)  # qa_reviews is above: a plain number
    dispute_days = models.PositiveSmallIntegerField(default=14)
    dispute_rounds = models.PositiveSmallIntegerField(default=1)
    dispute_resolver = models.CharField(max_length=16, choices=Resolver, default=Resolver.REVIEWER)
    dispute_answer_days = models.PositiveSmallIntegerField(default=7)
    blind = models.BooleanField(default=True)
    hide_csat = models.BooleanField(default=False)
    hide_reviewer = models.BooleanField(default=False)
    self_reviews = models.BooleanField(default=False)
    reviewers_revise = models.BooleanField(default=True)
    reviewers_pick = models.BooleanField(default=True)
    release = models.CharField(max_length=16, choices=Release, default=Release.AT_ONCE)
    release_time = models.TimeField(default=time(9))  # local; of every day, or of `release_weekday`
    release_weekday = models.PositiveSmallIntegerField(  # 1 = Monday; none = every day
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    reviewee = models.CharField(max_length=16, choices=Responsible, default=Responsible.ASSIGNEE)
    csat_agent = models.CharField(max_length=16, choices=Responsible, default=Responsible.ASSIGNEE)
    min_reviews = models.PositiveSmallIntegerField(default=5)
    min_team_reviews = models.PositiveSmallIntegerField(default=10)
    min_team_range_reviews = models.PositiveSmallIntegerField(default=30)
    min_team_range_agents = models.PositiveSmallIntegerField(default=3)
    min_answers = models.PositiveSmallIntegerField(default=10)
    wide_half_width = models.PositiveSmallIntegerField(default=20)
    min_completion = share("0.8")
    max_uncovered = share("0.2")
    open_assignment_cap = models.PositiveSmallIntegerField(default=3)
    retention_days = models.JSONField(default=dict, blank=True)  # days by kind of data; absent = kept

    objects = SettingsQuerySet.as_manager()


class TeamQuerySet(OwnedQuerySet["Team"]):
    def visible_to(self, actor: Actor) -> Self:
        """Everybody who reads people sees the names of all teams of the workspace."""
        return self.in_workspace(actor.workspace_id)


class Team(Owned, Stamped):
    """A group of agents. Names match trimmed, ignoring case."""

    name = models.CharField(max_length=255)

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class AgentQuerySet(OwnedQuerySet["Agent"]):
    def visible_to(self, actor: Actor) -> Self:
        """All for who sees all numbers or grades; a scoped role those now in its teams; an agent himself."""
        rows = self.in_workspace(actor.workspace_id)
        seeing = [c for c in (Capability.NUMBERS_READ_ALL, Capability.GRADE) if actor.can(c)]
        scopes = [actor.scope(c) for c in seeing]
        if None in scopes:
            return rows
        teams = frozenset[int]().union(*(s for s in scopes if s is not None))
        now_in = Q(pk__in=TeamMembership.objects.filter(team_id__in=teams, ends_on=None).values("agent_id"))
        return rows.filter(now_in | Q(pk=actor.agent_id))


class Agent(Owned, Stamped):
    """Someone whose work is reviewed; known by (source, external id)."""

    class Kind(models.TextChoices):
        HUMAN = "human"
        BOT = "bot"

    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=254, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.HUMAN)
    starts_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    memberships: models.Manager[TeamMembership]

    objects = AgentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", "source", "external_id", name="agent_key_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id


class TeamMembershipQuerySet(OwnedQuerySet["TeamMembership"]):
    def visible_to(self, actor: Actor) -> Self:
        agents = Agent.objects.visible_to(actor).values("pk")
        return self.in_workspace(actor.workspace_id).filter(agent_id__in=agents)


class TeamMembership(Owned):
    """An agent's days in a team: starts_on inclusive, ends_on exclusive; null starts_on means since ever."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    objects = TeamMembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            # int8range stands in for "=" so that no btree_gist extension is needed
            ExclusionConstraint(
                name="one_team_a_day",
                expressions=[
                    (Func(F("agent_id"), F("agent_id"), Value("[]"), function="int8range"), "&&"),
                    (
                        Func(
                            F("starts_on"), F("ends_on"), function="daterange", output_field=DateRangeField()
                        ),
                        "&&",
                    ),
                ],
            ),
            models.CheckConstraint(
                name="membership_has_days",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
            ),
        ]


class MemberQuerySet(OwnedQuerySet["Member"]):
    def visible_to(self, actor: Actor) -> Self:
        """Who plans or administers sees everybody; others themselves."""
        rows = self.in_workspace(actor.workspace_id)
        if actor.can(Capability.ADMINISTER) or actor.can(Capability.PLAN_MANAGE):
            return rows
        return rows.filter(pk=actor.member_id)


@pghistory.track()
class Member(Owned, Stamped):
    """A person (or a key's service member) in a workspace. `user` is null until he can log in."""

    class Kind(models.TextChoices):
        PERSON = "person"
        SERVICE = "service"

    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="members")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PERSON)
    name = models.CharField(max_length=255)
    email = models.CharField(max_length=254, blank=True)
    agent = models.OneToOneField(Agent, models.PROTECT, null=True, blank=True, related_name="member")
    deactivated_at = models.DateTimeField(null=True)
    role_rows: models.Manager[MemberRole]

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", "user", name="one_member_per_user"),
            models.UniqueConstraint(
                "workspace", Lower("email"), condition=~Q(email=""), name="member_email_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None


class MemberRoleQuerySet(OwnedQuerySet["MemberRole"]):
    def visible_to(self, actor: Actor) -> Self:
        members = Member.objects.visible_to(actor).values("pk")
        return self.in_workspace(actor.workspace_id).filter(member_id__in=members)


@pghistory.track()
class MemberRole(Owned):
    """One role of a member, for the whole workspace (team null) or one team."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="role_rows")
    role = models.CharField(max_length=16, choices=ROLE_CHOICES)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MemberRoleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("member", "role", "team", name="role_once", nulls_distinct=False),
        ]


class AdminOnlyQuerySet(OwnedQuerySet[M]):
    """Rows for administrators only."""

    def visible_to(self, actor: Actor) -> Self:
        rows = self.in_workspace(actor.workspace_id)
        return rows if actor.can(Capability.ADMINISTER) else rows.none()


class Invitation(Owned):
    """A single-use link by which a member sets his password; only its hash is kept."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = AdminOnlyQuerySet.as_manager()


class ApiKey(Owned):
    """A key acts as its member, narrowed to one role. Only the SHA-256 of the key is kept."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=255)
    role = models.CharField(max_length=16, choices=ROLE_CHOICES)
    prefix = models.CharField(max_length=16)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = AdminOnlyQuerySet.as_manager()


class AuditEvent(Owned):
    """Who did what to which row, written in the change's own transaction; never changed after."""

    at = models.DateTimeField(auto_now_add=True)
    actor_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=255)
    api_key = models.ForeignKey(ApiKey, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField(null=True)
    changes = models.JSONField(default=dict)

    objects = AdminOnlyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-at"], name="audit_latest"),
            models.Index(fields=["workspace", "subject_type", "subject_id"], name="audit_subject"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class IdempotentAnswer(Owned):
    """The first answer to a POST with an Idempotency-Key, given again for 24 hours."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    path = models.CharField(max_length=1000)
    body_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField(null=True)  # running until then; null when answered
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)

    objects = AdminOnlyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("member", "key", name="idempotency_key_once")]
