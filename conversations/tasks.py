"""Jobs of imports."""

from __future__ import annotations

from datetime import timedelta

from conversations.services.runs import close_interrupted
from jobs.names import JobName
from jobs.registry import Work, handles


@handles(JobName.CLOSE_INTERRUPTED_IMPORTS, every=timedelta(minutes=5))
def close_interrupted_imports(work: Work) -> None:
    """Imports whose server died are shown as interrupted, not as running for ever."""
    close_interrupted()
