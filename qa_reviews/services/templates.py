"""Ready texts for comments: somebody's own, or shared by all."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts.access import Actor, Capability
from accounts.services.audit import record
from common.errors import Invalid, Missing, Refused, invalid
from common.etags import check_match
from qa_reviews.models import CommentTemplate
from qa_reviews.policies.templates import may_change, may_share


@dataclass(frozen=True, slots=True)
class TemplateInput:
    """A template as it is asked for; `category` is the key of the category where it is offered first."""

    name: str
    body: str
    category: str = ""
    shared: bool = False


def save_template(
    *, actor: Actor, given: TemplateInput, template_id: int | None = None, if_match: str | None = None
) -> CommentTemplate:
    """A new template, or another wording of one. Refused for shared ones by those who may not share, Missing,
    Stale (412), Invalid where the name is taken."""
    actor.require(Capability.GRADE)
    if actor.member is None:
        raise Refused("A template needs an owner: sign in as a member.", code="no_member")
    if given.shared:
        may_share(actor).demand()
    with transaction.atomic():
        row = CommentTemplate(workspace=actor.workspace)
        if template_id is not None:
            row = _locked(actor, template_id)
            check_match(row, if_match)
        row.name, row.body, row.category = given.name.strip(), given.body, given.category
        row.owner = None if given.shared else actor.member
        _save(row)
        record(actor, "template.saved", row, {"name": row.name, "shared": given.shared})
        return row


@transaction.atomic
def delete_template(*, actor: Actor, template_id: int) -> None:
    """Comments written with it stay as they are."""
    row = _locked(actor, template_id)
    record(actor, "template.deleted", row, {"name": row.name})
    row.delete()


def _locked(actor: Actor, template_id: int) -> CommentTemplate:
    row = CommentTemplate.objects.visible_to(actor).select_for_update().filter(pk=template_id).first()
    if row is None:
        raise Missing
    may_change(actor, row).demand()
    return row


def _save(row: CommentTemplate) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise _taken(row.name) from None


def _taken(name: str) -> Invalid:
    return invalid("/name", "name_taken", f"There is a template “{name}” already.")
