"""What the import derives of conversations, for those that were there before it did."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from conversations.services.derived_rows import derive

BATCH = 2000


def backfill(apps: Any, schema_editor: Any) -> None:
    """In batches, each its own transaction; may run again. Uses today's statements: a later column that these
    fill must be added before this migration, or bring a backfill of its own in its place."""
    conversations = apps.get_model("conversations", "Conversation").objects.order_by("id")
    last = 0
    while ids := list(conversations.filter(id__gt=last).values_list("id", flat=True)[:BATCH]):
        derive(conversation_ids=ids)
        last = ids[-1]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0003_explorer")]
    operations = [migrations.RunPython(backfill, migrations.RunPython.noop)]
