"""Reads of jobs, for whoever asked for them."""

from __future__ import annotations

from jobs.models import Job


def job(workspace_id: int, job_id: int) -> Job | None:
    """A job of this workspace. One query."""
    return Job.objects.filter(pk=job_id, workspace_id=workspace_id).first()
