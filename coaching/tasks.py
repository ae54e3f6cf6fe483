"""Jobs of coaching: one run over one period, and the night's runs, one workspace a job."""

from __future__ import annotations

from datetime import timedelta

from coaching.services.proposals import propose
from coaching.services.runs import announce_nights, request_tonight
from jobs.names import JobName
from jobs.registry import Work, handles


@handles(JobName.COACHING_PROPOSE)
def propose_run(work: Work) -> None:
    propose(run_id=work.args["run"])


@handles(JobName.COACHING_NIGHT)
def night(work: Work) -> None:
    request_tonight(workspace_id=work.args["workspace"])


@handles(JobName.COACHING_NIGHTLY, every=timedelta(hours=1))
def nightly(work: Work) -> None:
    announce_nights()
