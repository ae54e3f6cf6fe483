"""Facts of conversations that follow from what is stored of them: who wrote how often, how long the customer
waited, what can be searched, what he answered, and the names that filters offer.

Set by set, inside the caller's transaction: whoever writes messages, answers or conversations calls this for
the conversations that he touched. A fact without anything to follow from is 0, false or null.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from conversations.models import SEARCHED_BYTES
from conversations.searching import MARKS


def derive(*, conversation_ids: Sequence[int]) -> None:
    """All facts of these conversations, and their names among the facets. Two statements."""
    ids = list(conversation_ids)
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"ids": ids, "bytes": SEARCHED_BYTES, "marks": MARKS})
        cursor.execute(_FACETS, [ids])


def derive_csat(*, conversation_ids: Sequence[int]) -> None:
    """The latest CSAT answer that has a score, on a scale of 1 to 5, and whether it has a comment."""
    with connection.cursor() as cursor:
        cursor.execute(_CSAT, {"ids": list(conversation_ids)})


_LATEST = """latest as materialized (
  select distinct on (conversation_id) conversation_id, comment <> '' as commented,
    round(1 + 4 * (score - scale_min) / (scale_max - scale_min), 4) as csat
  from conversations_surveyresponse
  where conversation_id = any(%(ids)s::bigint[]) and kind = 'csat' and is_latest and score is not null
  order by conversation_id, id desc
)"""

# Messages are read by time where every one has a time, else by position (selectors.in_reading_order). A wait
# begins with a customer's first message after an agent's, and ends with the next message of an agent, or with
# the closing; bots answer nobody, and clocks that disagree make no wait.
# A customer's last word asks for an answer when it is a question or says more than a short thanks does.
# The vector holds words as they stand (weight D) and their stems in the conversation's language (A).
# Every table is cut to the given ids before it is joined: without statistics a planner may join row against
# row.
# A tsvector holds at most 1 MB, so the text is cut to so many bytes: characters have four at most.
_FACTS = """
with own as materialized (
  select id, external_id, subject, language, status, closed_at, text_deleted_at
  from conversations_conversation where id = any(%(ids)s::bigint[])
), message as materialized (
  select conversation_id, id, author_type, internal, agent_id, sent_at, position,
    case when bool_and(sent_at is not null) over (partition by conversation_id) then sent_at end as read_at
  from conversations_message where conversation_id = any(%(ids)s::bigint[])
), counted as materialized (
  select conversation_id,
    count(*) filter (where author_type = 'agent' and not internal) as replies,
    count(distinct agent_id) filter (where author_type = 'agent' and not internal)
      + count(distinct 1) filter (where author_type = 'agent' and not internal and agent_id is null)
      as agents,
    bool_or(internal) as has_internal,
    bool_or(author_type = 'bot') as has_bot
  from message group by conversation_id
), spoken as (
  select conversation_id, author_type, sent_at, read_at, position, id,
    lag(author_type) over (partition by conversation_id order by read_at, position, id) as before
  from message where not internal and author_type in ('customer', 'agent')
), turn as (
  select conversation_id, author_type, sent_at,
    row_number() over (partition by conversation_id order by read_at, position, id) as place,
    lead(sent_at) over (partition by conversation_id order by read_at, position, id) as answered_at,
    lead(author_type) over (partition by conversation_id order by read_at, position, id) is not null
      as answered
  from spoken
  where author_type is distinct from before and (before is not null or author_type = 'customer')
), wait as (
  select conversation_id, place, answered, max(place) over (partition by conversation_id) as last_place,
    extract(epoch from
      case when answered then answered_at when status = 'closed' then closed_at end - sent_at) as seconds
  from turn join own on own.id = conversation_id
  where author_type = 'customer'
), longest as (
  select conversation_id, place, last_place, answered, seconds,
    row_number() over (partition by conversation_id order by seconds desc, place) as rank
  from wait where seconds > 0
), waited as materialized (
  select conversation_id, seconds, place = last_place and (place > 1 or not answered) as at_end
  from longest where rank = 1
), last_word as materialized (
  select distinct on (conversation_id) conversation_id, id, author_type = 'customer' as is_customers
  from message where not internal and author_type in ('customer', 'agent', 'bot')
  order by conversation_id, read_at desc, position desc, id desc
), said as materialized (
  select conversation_id, string_agg(left(text, %(bytes)s), E'\\n' order by position, id) as text
  from conversations_message where conversation_id = any(%(ids)s::bigint[]) group by conversation_id
), {latest}
update conversations_conversation conversation set
  reply_count = coalesce(replies, 0),
  agent_count = least(coalesce(agents, 0), 32767),
  has_internal = coalesce(counted.has_internal, false),
  has_bot = coalesce(counted.has_bot, false),
  longest_silence_seconds = waited.seconds,
  waited_at_end = coalesce(at_end, false),
  closing_missing = own.status = 'closed' and coalesce(is_customers, false)
    and (length(final.text) > 80 or final.text ~ '[?？؟]') is true,
  csat = latest.csat,
  csat_commented = coalesce(latest.commented, false),
  search = case
    when own.text_deleted_at is not null then null
    when stems = 'simple'::regconfig then to_tsvector('simple', searched)
    else to_tsvector('simple', searched) || setweight(to_tsvector(stems, searched), 'A') end
from own
  left join counted on counted.conversation_id = own.id
  left join waited on waited.conversation_id = own.id
  left join last_word on last_word.conversation_id = own.id
  left join conversations_message final
    on final.id = last_word.id and final.conversation_id = any(%(ids)s::bigint[])
  left join said on said.conversation_id = own.id
  left join latest on latest.conversation_id = own.id
  cross join lateral (select conversations_text_config(own.language) as stems,
    left(concat_ws(E'\\n', own.external_id, own.subject, said.text), %(bytes)s) as whole) text
  cross join lateral (select case when octet_length(whole) = length(whole) then whole
    else regexp_replace(whole, %(marks)s, ' ', 'g') end as bare) words
  cross join lateral (select left(bare, greatest(%(bytes)s / 4,
    %(bytes)s - (octet_length(bare) - length(bare)))) as searched) cut
where conversation.id = any(%(ids)s::bigint[]) and conversation.id = own.id
""".replace("{latest}", _LATEST)

_FACETS = """
insert into conversations_facet (workspace_id, kind, value)
select distinct said.workspace_id, said.kind, said.value
from conversations_conversation conversation
  cross join lateral (
    select conversation.workspace_id, named.kind, named.value
    from (values ('source', conversation.source), ('channel', conversation.channel),
      ('language', conversation.language), ('topic', conversation.topic)) named (kind, value)
    union all select conversation.workspace_id, 'tag', unnest(conversation.tags)
    union all select conversation.workspace_id, 'attribute', jsonb_object_keys(conversation.attributes)
  ) said
where conversation.id = any(%s::bigint[]) and length(said.value) between 1 and 255
  and not exists (select from conversations_facet known where known.workspace_id = said.workspace_id
    and known.kind = said.kind and known.value = said.value)
on conflict do nothing
"""

_CSAT = """
with {latest}
update conversations_conversation conversation
set csat = latest.csat, csat_commented = coalesce(latest.commented, false)
from unnest(%(ids)s::bigint[]) own (id) left join latest on latest.conversation_id = own.id
where conversation.id = any(%(ids)s::bigint[]) and conversation.id = own.id
""".replace("{latest}", _LATEST)
