"""How long conversations of a topic usually are: what "long for its topic" is held against."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Workspace
from common.periods import local_date
from jobs.names import JobName
from jobs.services import enqueue

SPAN = timedelta(weeks=26)
FEWEST = 20  # conversations: of fewer nobody knows what is usual


def announce_topic_lengths(*, now: datetime | None = None) -> None:
    """Ask for each workspace's, once a day (UTC)."""
    today = (now or timezone.now()).date()
    for workspace_id in Workspace.objects.values_list("pk", flat=True):
        enqueue(
            name=JobName.TOPIC_LENGTHS_OF,
            key=f"{JobName.TOPIC_LENGTHS_OF}:{workspace_id}:{today}",
            args={"workspace": workspace_id},
            workspace_id=workspace_id,
        )


@transaction.atomic
def compute_topic_lengths(*, workspace_id: int, now: datetime | None = None) -> None:
    """Median and 90th percentile of the messages of each topic's conversations that were closed in the last
    26 weeks; topics with fewer than 20 have none. Two statements."""
    moment = now or timezone.now()
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        return
    since = local_date(moment, workspace.timezone) - SPAN
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"workspace": workspace_id, "since": since, "now": moment, "fewest": FEWEST}
        cursor.execute(_COMPUTE, values)
        cursor.execute(_FORGET, values)


_COMPUTE = """
insert into conversations_topiclength (workspace_id, topic, conversations, usual, long_from, computed_at)
select workspace_id, topic, count(*), percentile_cont(0.5) within group (order by message_count),
  percentile_cont(0.9) within group (order by message_count), %(now)s
from conversations_conversation
where workspace_id = %(workspace)s and status = 'closed' and closed_on >= %(since)s and message_count > 0
group by workspace_id, topic having count(*) >= %(fewest)s
on conflict (workspace_id, topic) do update set conversations = excluded.conversations,
  usual = excluded.usual, long_from = excluded.long_from, computed_at = excluded.computed_at
"""
_FORGET = """
delete from conversations_topiclength where workspace_id = %(workspace)s and computed_at <> %(now)s
"""
