"""Who logs in, and a workspace's members with their roles, what they can review, and when they are away."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.access import Actor, Capability, Role
from accounts.models.agents import Agent, Team
from common.models import Owned, OwnedQuerySet, Stamped

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

    class GoalPeriod(models.TextChoices):
        DAY = "day"
        WEEK = "week"

    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="members")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PERSON)
    name = models.CharField(max_length=255)
    email = models.CharField(max_length=254, blank=True)
    agent = models.OneToOneField(Agent, models.PROTECT, null=True, blank=True, related_name="member")
    deactivated_at = models.DateTimeField(null=True)
    # What he can review, as codes and names of conversations; empty: anything.
    languages = ArrayField(models.CharField(max_length=35), default=list, blank=True)
    channels = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    topics = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    goal_reviews = models.PositiveSmallIntegerField(null=True, blank=True)  # none: no goal
    goal_period = models.CharField(max_length=8, choices=GoalPeriod, default=GoalPeriod.DAY)
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


class AbsenceQuerySet(OwnedQuerySet["Absence"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.in_workspace(actor.workspace_id).filter(member__in=Member.objects.visible_to(actor))


class Absence(Owned, Stamped):
    """Days on which a member reviews nothing, first and last included."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()
    note = models.CharField(max_length=255, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="absence_has_days", condition=Q(ends_on__gte=F("starts_on")))
        ]
        indexes = [models.Index(fields=["member", "ends_on"], name="absence_of_member")]


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
