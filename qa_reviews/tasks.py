"""Jobs of reviews, samples and the queue."""

from __future__ import annotations

from datetime import timedelta

from accounts.access import Actor
from accounts.selectors import workspace
from jobs.names import JobName
from jobs.registry import Work, handles
from qa_reviews.services.queue import return_lapsed
from qa_reviews.services.quotes import forget_quotes


@handles(JobName.RETURN_LAPSED_CLAIMS, every=timedelta(minutes=1))
def return_lapsed_claims(work: Work) -> None:
    """Put what nobody finished within four hours back into the queue."""
    return_lapsed()


@handles(JobName.FORGET_QUOTES)
def forget_quotes_of(work: Work) -> None:
    """Blank what evidence quotes of conversations whose text was deleted."""
    actor = Actor.system(workspace(work.args["workspace"]))
    forget_quotes(actor=actor, conversation_ids=work.args["conversations"])
