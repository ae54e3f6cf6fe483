"""Jobs of notices: sending what waits in one workspace, asking for that where it was missed, forgetting."""

from __future__ import annotations

from datetime import timedelta

from jobs.names import JobName
from jobs.registry import More, Work, handles
from notices.services import deliveries


@handles(JobName.DELIVER_NOTICES)
def deliver(work: Work) -> More | None:
    """One claim a chunk; it is sent when the chunk is committed."""
    if not deliveries.deliver_next(workspace_id=work.args["workspace"]):
        return None
    claimed = work.cursor.get("claimed", 0) + 1
    return More({"claimed": claimed}, rows_done=claimed)


@handles(JobName.SWEEP_NOTICES, every=timedelta(minutes=1))
def sweep(work: Work) -> None:
    deliveries.sweep()


@handles(JobName.FORGET_DELIVERIES, every=timedelta(days=1))
def forget(work: Work) -> None:
    deliveries.forget_old()
