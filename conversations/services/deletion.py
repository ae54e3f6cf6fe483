"""Text and customer out, ids stay: what was said is gone, what was counted still adds up."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.access import Actor, Capability
from accounts.services.audit import record
from common.refs import Ref, resolve
from conversations.models import Conversation, Customer, ImportIssue, Message, SurveyResponse
from conversations.services.derived_rows import derive
from conversations.services.runs import lock_imports
from jobs.names import JobName
from jobs.services import enqueue


@transaction.atomic
def delete_texts(*, actor: Actor, conversations: Sequence[Ref]) -> list[int]:
    """Blank what was written in these conversations and let go of their customers; ids in the order given.

    All or none; Invalid (422) names each reference that is unknown. Their later imports are rejected as
    `text_deleted`. Quotes in reviews go too, by a job of the app above. One audit event.
    """
    actor.require(Capability.ADMINISTER)
    lock_imports(workspace_id=actor.workspace_id)
    rows = Conversation.objects.visible_to(actor)
    found = [resolve(rows, ref, f"/conversations/{index}") for index, ref in enumerate(conversations)]
    ids = [one.pk for one in found]
    _blank(actor, ids)
    _forget_customers(actor, {one.customer_id for one in found if one.customer_id})
    ImportIssue.objects.in_workspace(actor.workspace_id).filter(
        external_id__in=[one.external_id for one in found]
    ).update(raw="")
    event = timezone.now().isoformat()
    enqueue(
        name=JobName.FORGET_QUOTES,
        key=f"{JobName.FORGET_QUOTES}@{actor.workspace_id}:{event}:{min(ids, default=0)}",
        args={"workspace": actor.workspace.slug, "conversations": ids},
        workspace_id=actor.workspace_id,
        member_id=actor.member_id,
    )
    record(actor, "conversations.deleted", None, {"conversations": ids})
    return ids


def _blank(actor: Actor, ids: list[int]) -> None:
    now = timezone.now()
    of = {"workspace_id": actor.workspace_id, "conversation_id__in": ids}
    Message.objects.filter(**of).update(text="", html="", attachments=[], author_name="")
    SurveyResponse.objects.filter(**of).exclude(comment="").update(comment="", updated_at=now)
    Conversation.objects.visible_to(actor).filter(pk__in=ids).update(
        subject="", url="", attributes={}, customer=None, fingerprint="", text_deleted_at=now, updated_at=now
    )
    derive(conversation_ids=ids)


def _forget_customers(actor: Actor, ids: set[int]) -> None:
    """Delete those whom no conversation names any more."""
    others = Conversation.objects.filter(customer=OuterRef("pk"))
    Customer.objects.in_workspace(actor.workspace_id).filter(~Exists(others), pk__in=ids).delete()
