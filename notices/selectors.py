"""Reads of notices: the inbox in words, how many are new, who wants to be told how, and what was sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from django.db.models import Count, Q, QuerySet

from accounts.access import Actor, Capability, Role
from accounts.models import Member
from common.errors import Missing
from notices.models import ChatWebhook, Delivery, Notice, NoticeChoice
from notices.registry import Kind, Words, kinds, kinds_for, listed

MOST_COUNTED = 100
RECENT = 50


@dataclass(frozen=True, slots=True)
class Told:
    """A notice and what it says to its reader now."""

    notice: Notice
    words: Words


def inbox(actor: Actor) -> QuerySet[Notice]:
    """The actor's notices, without those of kinds he does not want there. One query."""
    return Notice.objects.visible_to(actor).filter(in_inbox=True)


def told(actor: Actor, notices: Iterable[Notice]) -> list[Told]:
    """Those whose subject the reader may see now, in words. One query for each kind, and one for names."""
    notices = list(notices)
    names = _names(actor.workspace_id, notices)
    return [
        Told(notice, kinds[notice.kind].wording(actor, subject, _with_name(notice, names)))
        for notice, subject in _with_subjects(actor, notices)
    ]


def told_or_missing(actor: Actor, notice: Notice) -> Told:
    """One notice in words; Missing (404) when its subject is not to be seen any more."""
    found = told(actor, [notice])
    if not found:
        raise Missing
    return found[0]


def told_in_chat(actor: Actor, notices: Iterable[Notice]) -> list[Told]:
    """As `told`, in the words for the workspace's chat, for those kinds that have some."""
    found = []
    for notice, subject in _with_subjects(actor, list(notices)):
        chat = kinds[notice.kind].chat
        words = chat(actor, subject, notice.parameters) if chat else None
        if words is not None:
            found.append(Told(notice, words))
    return found


def unread_count(actor: Actor) -> int:
    """How many new notices the inbox would show, up to MOST_COUNTED. One query, and one for each kind."""
    unread = inbox(actor).filter(read_at=None).order_by("-id")[:MOST_COUNTED]
    return sum(1 for _ in _with_subjects(actor, list(unread)))


def kinds_told(actor: Actor) -> list[Kind]:
    """The kinds of which the actor's inbox has notices. One query."""
    names = set(inbox(actor).order_by().values_list("kind", flat=True).distinct())
    return [kind for kind in listed() if kind.name in names]


def _with_subjects(actor: Actor, notices: list[Notice]) -> Iterator[tuple[Notice, Any]]:
    """(notice, subject), without those whose kind or subject is not there (any more)."""
    ids: dict[str, set[int]] = defaultdict(set)
    for notice in notices:
        if notice.kind in kinds:
            ids[notice.kind].add(notice.subject_id)
    subjects: dict[str, Mapping[int, Any]] = {
        kind: kinds[kind].subjects(actor, wanted) for kind, wanted in ids.items()
    }
    for notice in notices:
        subject = subjects.get(notice.kind, {}).get(notice.subject_id)
        if subject is not None:
            yield notice, subject


def _names(workspace_id: int, notices: Iterable[Notice]) -> dict[int, str]:
    """Names of the members who did it. One query, or none."""
    ids = {by for notice in notices if isinstance(by := notice.parameters.get("by"), int)}
    rows = Member.objects.in_workspace(workspace_id).filter(pk__in=ids)
    return dict(rows.values_list("pk", "name")) if ids else {}


def _with_name(notice: Notice, names: Mapping[int, str]) -> dict[str, Any]:
    parameters: dict[str, Any] = notice.parameters
    name = names.get(parameters.get("by", 0))
    return parameters | ({"by_name": name} if name else {})


# --- who wants to be told how -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody is told of a kind. Locked: as the workspace says, whatever he chose himself."""

    inbox: bool
    email: bool
    locked: bool = False


@dataclass(frozen=True, slots=True)
class KindChoice:
    """A kind and how it is told."""

    kind: Kind
    choice: Choice


def settled(kind: Kind | None, default: NoticeChoice | None, own: NoticeChoice | None) -> Choice:
    """The lock wins over one's own choice, that over the workspace's, that over the kind's default."""
    if default is not None and default.locked:
        return Choice(default.inbox, default.email, locked=True)
    said = own or default
    if said is not None:
        return Choice(said.inbox, said.email)
    return Choice(inbox=True, email=kind is not None and kind.email)


def choices_of_members(workspace_id: int, kind: str, member_ids: Collection[int]) -> dict[int, Choice]:
    """How each of these members is told of a kind. One query."""
    wanted = Q(member=None) | Q(member_id__in=member_ids)
    rows = {
        row.member_id: row
        for row in NoticeChoice.objects.in_workspace(workspace_id).filter(wanted, kind=kind)
    }
    default = rows.get(None)
    return {member_id: settled(kinds.get(kind), default, rows.get(member_id)) for member_id in member_ids}


def preferences(actor: Actor) -> list[KindChoice]:
    """How the actor himself is told of each kind that he can be told of. One query."""
    rows = {(row.member_id is None, row.kind): row for row in NoticeChoice.objects.visible_to(actor)}
    return [
        KindChoice(kind, settled(kind, rows.get((True, kind.name)), rows.get((False, kind.name))))
        for kind in kinds_for(actor)
    ]


def defaults(actor: Actor) -> list[KindChoice]:
    """What the workspace says of each kind, for administrators. One query."""
    actor.require(Capability.ADMINISTER)
    rows = NoticeChoice.objects.visible_to(actor).filter(member=None)
    said = {row.kind: row for row in rows}
    return [KindChoice(kind, settled(kind, said.get(kind.name), None)) for kind in listed()]


# --- e-mail and chat --------------------------------------------------------------------------------------


def chat_wants(workspace_id: int, kind: str) -> bool:
    """Whether the workspace's chat is told of this kind. One query, or none."""
    if kind not in kinds or kinds[kind].chat is None:
        return False
    rows = ChatWebhook.objects.in_workspace(workspace_id)
    return rows.filter(paused_at=None, kinds__contains=[kind]).exists()


def chat_webhooks(actor: Actor) -> QuerySet[ChatWebhook]:
    """The workspace's chat webhook, for administrators: one row or none. One query."""
    return ChatWebhook.objects.visible_to(actor)


def address_hint(row: ChatWebhook) -> str:
    """What is shown of the secret address: its host and its last four characters."""
    return f"{httpx2.URL(row.url).host} …{row.url[-4:]}"


def recent_deliveries(actor: Actor) -> list[Delivery]:
    """The latest e-mails and chat messages with `things`, how many notices each tells. One query."""
    rows = Delivery.objects.visible_to(actor).select_related("member").annotate(things=Count("notices"))
    return list(rows.order_by("-id")[:RECENT])


def admin_ids(workspace_id: int) -> list[int]:
    """The workspace's active administrators. One query."""
    rows = Member.objects.in_workspace(workspace_id).filter(deactivated_at=None, role_rows__role=Role.ADMIN)
    return list(rows.values_list("pk", flat=True))
