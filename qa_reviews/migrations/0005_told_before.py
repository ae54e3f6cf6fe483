from importlib import import_module

from django.db import migrations

app_role = import_module("accounts.migrations.0002_app_role")
TABLES = ["qa_reviews_disputeevent", "qa_reviews_reviewcommentevent"]

# Agents of the reviews that stand were told when they were submitted.
TOLD = "update qa_reviews_review set announced_at = submitted_at where state <> 'draft'"


class Migration(migrations.Migration):
    dependencies = [("qa_reviews", "0004_reviewing"), ("accounts", "0002_app_role")]
    operations = [
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        migrations.RunSQL(app_role.append_only(*TABLES), migrations.RunSQL.noop),
    ]
