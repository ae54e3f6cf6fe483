"""Jobs of imports, and of what is known of topics."""

from __future__ import annotations

from datetime import timedelta

from conversations.services.runs import close_interrupted
from conversations.services.topic_lengths import announce_topic_lengths, compute_topic_lengths
from jobs.names import JobName
from jobs.registry import Work, handles


@handles(JobName.CLOSE_INTERRUPTED_IMPORTS, every=timedelta(minutes=5))
def close_interrupted_imports(work: Work) -> None:
    """Imports whose server died are shown as interrupted, not as running for ever."""
    close_interrupted()


@handles(JobName.TOPIC_LENGTHS, every=timedelta(days=1))
def topic_lengths(work: Work) -> None:
    announce_topic_lengths()


@handles(JobName.TOPIC_LENGTHS_OF)
def topic_lengths_of(work: Work) -> None:
    compute_topic_lengths(workspace_id=work.args["workspace"])
