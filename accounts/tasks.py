"""Housekeeping: answers and jobs that nobody asks for any more, and rows that come late to a merge."""

from __future__ import annotations

from datetime import timedelta

from accounts.services import idempotency, merging
from jobs.names import JobName
from jobs.registry import Work, handles
from jobs.services import enqueue, forget_old


@handles(JobName.FORGET_ANSWERS, every=timedelta(hours=1))
def forget_answers(work: Work) -> None:
    idempotency.forget_old()
    merging.forget_moved()
    forget_old()


@handles(JobName.FOLLOW_MERGES, every=timedelta(hours=1))
def follow_merges(work: Work) -> None:
    for workspace_id in merging.workspaces_with_merges():
        key = f"follow-merges:{workspace_id}:{work.job_id}"
        enqueue(
            name=JobName.FOLLOW_MERGES_OF,
            key=key,
            args={"workspace": workspace_id},
            workspace_id=workspace_id,
        )


@handles(JobName.FOLLOW_MERGES_OF)
def follow_merges_of(work: Work) -> None:
    merging.follow_merges(workspace_id=work.args["workspace"])
