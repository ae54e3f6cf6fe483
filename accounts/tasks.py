"""Housekeeping of answers and jobs that nobody asks for any more."""

from __future__ import annotations

from datetime import timedelta

from accounts.services import idempotency
from jobs.names import JobName
from jobs.registry import Work, handles
from jobs.services import forget_old


@handles(JobName.FORGET_ANSWERS, every=timedelta(hours=1))
def forget_answers(work: Work) -> None:
    idempotency.forget_old()
    forget_old()
