"""The library: categories and root causes that scorecards share by copying."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction

from accounts.access import Actor, Capability
from accounts.services import audit
from common.errors import Missing, invalid
from scorecards.definition import InvalidDefinition, parse, to_json
from scorecards.models import LibraryItem
from scorecards.services.rows import checked_terms, refused

NAME_LENGTH = 200
PLACE = "/groups/0/categories/0"
Kind = LibraryItem.Kind


@transaction.atomic
def save_library_item(*, actor: Actor, kind: str, name: str, content: object) -> LibraryItem:
    """Keeps a category, or the root causes of one, under this name; what had the name before is replaced.

    `content` stands as it would in a definition; a category in the library has no conditions on answers of
    others. Invalid with pointers below /content."""
    actor.require(Capability.SCORECARD_WRITE)
    trimmed = str(checked_terms({"name": name})["name"])
    if len(trimmed) > NAME_LENGTH:
        raise invalid("/name", "too_long", f"Must have at most {NAME_LENGTH} characters.")
    item, created = LibraryItem.objects.update_or_create(
        workspace_id=actor.workspace_id,
        kind=kind,
        name=trimmed,
        defaults={"content": _checked(kind, content)},
        create_defaults={"content": _checked(kind, content), "created_by_id": actor.member_id},
    )
    verb = "created" if created else "changed"
    audit.record(actor, f"library_item.{verb}", item, {"kind": kind, "name": trimmed})
    return item


@transaction.atomic
def delete_library_item(*, actor: Actor, item_id: int) -> None:
    """Takes it out of the library; scorecards keep their copies."""
    actor.require(Capability.SCORECARD_WRITE)
    item = LibraryItem.objects.visible_to(actor).select_for_update().filter(pk=item_id).first()
    if item is None:
        raise Missing()
    audit.record(actor, "library_item.deleted", item, {"kind": item.kind, "name": item.name})
    item.delete()


def _checked(kind: str, content: object) -> Any:
    """The content as a definition's writer puts it."""
    is_category = kind == Kind.CATEGORY
    category = content if is_category else {"key": "any", "name": "Any", "root_causes": content}
    below = PLACE if is_category else f"{PLACE}/root_causes"
    try:
        found = parse({"groups": [{"key": "any", "name": "Any", "categories": [category]}]})
    except InvalidDefinition as error:
        found_inside = [replace(each, pointer=each.pointer.removeprefix(below)) for each in error.findings]
        raise refused(findings=found_inside, below="/content") from None
    written: Any = to_json(found)
    category = written["groups"][0]["categories"][0]
    return category if is_category else category["root_causes"]
