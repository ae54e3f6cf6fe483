"""Who and what of imported history stands here already."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Member
from qa_reviews.import_talk_rows import DisputeIn, PersonIn
from qa_reviews.models import Dispute


def known_as(members: Iterable[Member], named: PersonIn) -> Member | None:
    """The member of that e-mail, else of that name."""
    wanted = (named.email or named.name).casefold()
    found = (m for m in members if (m.email if named.email else m.name).casefold() == wanted)
    return next(found, None)


def is_same(before: Dispute, told: DisputeIn) -> bool:
    """Whether the row tells of the dispute that stands here already."""
    return (before.kind, before.raised_at) == (told.kind, told.raised_at)
