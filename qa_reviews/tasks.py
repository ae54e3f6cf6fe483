"""Jobs of samples and the queue."""

from __future__ import annotations

from datetime import timedelta

from jobs.names import JobName
from jobs.registry import Work, handles
from qa_reviews.services.queue import return_lapsed


@handles(JobName.RETURN_LAPSED_CLAIMS, every=timedelta(minutes=1))
def return_lapsed_claims(work: Work) -> None:
    """Put what nobody finished within four hours back into the queue."""
    return_lapsed()
