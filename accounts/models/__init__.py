"""Workspace, people, teams, keys, settings, audit."""

from accounts.models.agents import Agent, AgentMerge, MergedRows, Team, TeamMembership
from accounts.models.numbers import BusinessHours, Holiday, ReferenceFigure, TimeTarget
from accounts.models.people import ROLE_CHOICES, Absence, Member, MemberRole, User
from accounts.models.service import AdminOnlyQuerySet, ApiKey, AuditEvent, IdempotentAnswer, Invitation
from accounts.models.workspace import Workspace, WorkspaceSettings, share

__all__ = [
    "ROLE_CHOICES",
    "Absence",
    "AdminOnlyQuerySet",
    "Agent",
    "AgentMerge",
    "ApiKey",
    "AuditEvent",
    "BusinessHours",
    "Holiday",
    "IdempotentAnswer",
    "Invitation",
    "Member",
    "MemberRole",
    "MergedRows",
    "ReferenceFigure",
    "Team",
    "TeamMembership",
    "TimeTarget",
    "User",
    "Workspace",
    "WorkspaceSettings",
    "share",
]
