"""Jobs of reviews, samples and the queue."""

from __future__ import annotations

from datetime import timedelta

from accounts.access import Actor
from accounts.selectors import workspace
from jobs.names import JobName
from jobs.registry import More, Work, handles
from qa_reviews.services.calibration import remind_due
from qa_reviews.services.disputes import escalate_disputes
from qa_reviews.services.queue import return_lapsed, return_left
from qa_reviews.services.quotes import forget_quotes
from qa_reviews.services.recurring import announce_due, draw_due
from qa_reviews.services.release import announce_released

CHUNK_SECONDS = 20.0


@handles(JobName.RETURN_LAPSED_CLAIMS, every=timedelta(minutes=1))
def return_lapsed_claims(work: Work) -> None:
    """Put back into the queue what nobody finished in time, and what members who left had."""
    return_lapsed()
    return_left()


@handles(JobName.FORGET_QUOTES)
def forget_quotes_of(work: Work) -> None:
    """Blank what evidence quotes of conversations whose text was deleted."""
    actor = Actor.system(workspace(work.args["workspace"]))
    forget_quotes(actor=actor, conversation_ids=work.args["conversations"])


@handles(JobName.ANNOUNCE_RELEASED, every=timedelta(minutes=1))
def announce_the_released(work: Work) -> More | None:
    """Tell agents of reviews whose time has come, a batch at a time."""
    found = announce_released()
    done = work.cursor.get("done", 0) + found
    return More({"done": done}, done) if found else None


@handles(JobName.ESCALATE_DISPUTES, every=timedelta(minutes=10))
def escalate_unanswered(work: Work) -> None:
    """Tell leads of disputes that nobody answered in time."""
    escalate_disputes()


@handles(JobName.REMIND_CALIBRATIONS, every=timedelta(hours=1))
def remind_of_calibrations(work: Work) -> None:
    """Remind who has not graded in sessions that are due."""
    remind_due()


@handles(JobName.DRAW_DUE, every=timedelta(minutes=5))
def find_due_draws(work: Work) -> None:
    """Ask for the draws of plans whose period has ended, one workspace a job."""
    announce_due(job_id=work.job_id)


@handles(JobName.DRAW_WORKSPACE)
def draw_workspace(work: Work) -> More | None:
    """Draw what is due in one workspace, some at a time."""
    made = draw_due(actor=Actor.system(workspace(work.args["workspace"])), seconds=CHUNK_SECONDS)
    done = work.cursor.get("done", 0) + made
    return More({"done": done}, done) if made else None
