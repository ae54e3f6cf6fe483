"""Base classes of every row that belongs to a workspace. No tables of its own."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model, covariant=True)


class OwnedQuerySet(models.QuerySet[M]):
    """Rows of one workspace. `visible_to` is the only way to them from services and selectors."""

    def in_workspace(self, workspace_id: int) -> Self:
        return self.filter(workspace_id=workspace_id)

    def visible_to(self, actor: Any) -> Self:
        """The rows this actor may see; each model says it itself, so that forgetting fails loudly."""
        raise NotImplementedError(f"{self.model.__name__} does not say who sees it")


class Owned(models.Model):
    """A row of exactly one workspace."""

    workspace = models.ForeignKey("accounts.Workspace", models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class Stamped(models.Model):
    """When the row was made and last changed; `updated_at` is set by the services that write it."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
